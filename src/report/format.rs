//! The output formats: a line in the table below, and a module with a function `render` for each.

use std::io::{self, Write};

#[cfg(test)]
use super::dummy;
use super::{Report, View, github, human, json, markdown, sarif};

macro_rules! formats {
    ($($(#[$attribute:meta])* $name:ident = $module:ident, $about:literal;)+) => {
        /// How a report is written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Format {
            $($(#[$attribute])* #[doc = $about] $name,)+
        }

        impl Format {
            /// Every format.
            pub const ALL: &[Self] = &[$($(#[$attribute])* Self::$name,)+];

            /// Its name on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$name => stringify!($module),)+
                }
            }

            /// Its description for the help text.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $($(#[$attribute])* Self::$name => $about,)+
                }
            }

            /// Writes a report in this format.
            ///
            /// # Errors
            /// Errors of the writer, and [`io::ErrorKind::Unsupported`] for a report that the
            /// format cannot express.
            pub fn render(self, report: &Report, view: View, out: &mut dyn Write) -> io::Result<()> {
                match self {
                    $($(#[$attribute])* Self::$name => $module::render(report, view, out),)+
                }
            }
        }
    };
}

formats! {
    Human = human, "Text for people";
    Json = json, "JSON, version 1";
    Github = github, "Annotations, outputs and a summary for GitHub Actions";
    Markdown = markdown, "Markdown tables";
    Sarif = sarif, "SARIF 2.1.0 for code scanning; only for lint";
    #[cfg(test)]
    Dummy = dummy, "One line, in tests";
}

impl Format {
    /// The format with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The report as one string.
    ///
    /// # Errors
    /// As [`Format::render`].
    pub fn text(self, report: &Report, view: View) -> io::Result<String> {
        let mut text = Vec::new();
        self.render(report, view, &mut text)?;
        String::from_utf8(text).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::change::{MoveCommand, Undone};
    use crate::draft::{Draft, Sightings};
    use crate::model::{Digest, EnvironmentName, GitHistory, Inventory, RegistryName, Sha};
    use crate::policy::Policy;
    use crate::releases::{TimelineInput, timeline};
    use crate::report::{
        Cleanup, CleanupCommand, Detail, DoctorReport, Drafted, EnvironmentOverview, Explain,
        GarbageAction, GarbageOutcome, GarbageRun, Linting, ListedDeployments, Listing, Move,
        MovedTags, Overview, PolicySummary, Repair, RollbackTarget, Runs,
    };
    use crate::retention::{Explanation, Plan, RuleLabels, Subject};
    use crate::verify::Verification;

    const POLICY: &str = r#"
        version = 1
        [registry.docr]
        kind = "docr"
        namespace = "acme"
        [image.backend]
        repositories = { docr = "backend" }
        [environment.prod]
        sha-tag = "prod-{sha}"
        latest-tag = "prod-latest"
    "#;

    /// A report of every command, each with as little in it as can be.
    fn reports() -> Vec<Report> {
        let policy = crate::policy::parse("tags.toml", POLICY).expect("a policy");
        let environment = EnvironmentName::parse("prod").expect("a name");
        let sha = Sha::parse("0123456789abcdef0123456789abcdef01234567").expect("a SHA");
        let listed = environment.clone();
        let repair = Repair {
            environment: environment.clone(),
            sha: sha.clone(),
            copies: Vec::new(),
            latest: None,
            guards: Vec::new(),
            unread: Vec::new(),
            notes: Vec::new(),
            interrupted: false,
            command_line: String::new(),
        };
        let now = DateTime::UNIX_EPOCH;
        let subject = Subject::Release(environment.clone(), sha.clone());
        let explanation = Explanation { subject, manifests: Vec::new() };
        vec![
            Report::Verify(Verification {
                environment: environment.clone(),
                sha,
                images: Vec::new(),
                checks: Vec::new(),
                findings: Vec::new(),
                running_ignored: 0,
            }),
            Report::RollbackTarget(RollbackTarget::of(&policy.environments[&environment], now)),
            Report::List(listing(&policy)),
            Report::Cleanup(Cleanup::planned(CleanupCommand::Cleanup, &policy, no_plan())),
            Report::Cleanup(Cleanup::planned(CleanupCommand::Apply, &policy, no_plan())),
            Report::Explain(Explain {
                explanation,
                unread: None,
                deployments: None,
                rules: RuleLabels::default(),
            }),
            Report::Move(Move::of(MoveCommand::Rollback, &listed)),
            Report::Repair(repair),
            Report::Undo(Undone::default()),
            Report::Doctor(DoctorReport { registries: BTreeMap::new(), github: None }),
            Report::Gc(GarbageRun {
                registry: RegistryName::parse("docr").expect("a name"),
                action: GarbageAction::Follow,
                end: GarbageOutcome::Idle,
            }),
            Report::Init(drafted()),
            Report::Check(PolicySummary {
                name: "tags.toml".to_owned(),
                policy: Box::new(policy.clone()),
            }),
            Report::Lint(Linting::new(Vec::new(), &[], false)),
            Report::Runs(Runs::default()),
            Report::Overview(Box::new(overview(&policy))),
        ]
    }

    fn drafted() -> Drafted {
        let draft = Draft::of("workflows".to_owned(), Sightings::default());
        let (draft, text) = draft.into_text();
        Drafted { draft: Box::new(draft), text, unread: None, file: None }
    }

    fn listing(policy: &Policy) -> Listing {
        let environment = policy.environments.values().next().expect("an environment");
        let repositories = BTreeMap::new();
        let inventory = Inventory { environment: environment.name.clone(), repositories };
        let git = GitHistory::default();
        let now = DateTime::UNIX_EPOCH;
        let input = TimelineInput { environment, inventory: &inventory, git: &git, now };
        let unread = (BTreeMap::new(), ListedDeployments::NotShown);
        Listing::new(environment, (timeline(&input), None, &MovedTags::default()), unread)
    }

    fn overview(policy: &Policy) -> Overview {
        let environment = policy.environments.values().next().expect("an environment");
        let now = DateTime::UNIX_EPOCH;
        let one = EnvironmentOverview {
            listing: listing(policy),
            target: RollbackTarget::of(environment, now),
            verification: None,
            moves: Vec::new(),
        };
        let plan = Ok(Box::new(Cleanup::planned(CleanupCommand::Cleanup, policy, no_plan())));
        let (environments, warnings) = (vec![one], Vec::new());
        Overview { now, environments, plan, foreign_plan: None, runs: None, warnings, page: None }
    }

    fn no_plan() -> Plan {
        Plan {
            created: DateTime::UNIX_EPOCH,
            policy: Digest::of(b""),
            images: Vec::new(),
            shard: None,
            coverage: Vec::new(),
            entries: Vec::new(),
            environments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_format_is_one_file_and_renders_every_report() {
        let view = View { width: None, detail: Detail::Short, commits: None, checkout: None };
        let text = |report: &Report| Format::Dummy.text(report, view).expect("text");
        let lines: Vec<String> = reports().iter().map(text).collect();
        let expected = [
            "verify: ok\n",
            "rollback-target: none\n",
            "list: ok\n",
            "cleanup: ok\n",
            "apply: ok\n",
            "explain: none\n",
            "rollback: planned\n",
            "repair: ok\n",
            "undo: ok\n",
            "doctor: ok\n",
            "gc: idle\n",
            "init: none\n",
            "check: ok\n",
            "lint: ok\n",
            "runs: ok\n",
            "report: ok\n",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn every_format_is_found_by_its_name_and_only_sarif_leaves_reports_out() {
        let view = View { width: Some(80), detail: Detail::Whole, commits: None, checkout: None };
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(*format));
            for report in reports() {
                let written = format.text(&report, view);
                let has_place = *format != Format::Sarif || report.command() == "lint";
                assert_eq!(written.is_ok(), has_place, "{format:?} {}", report.command());
            }
        }
    }
}
