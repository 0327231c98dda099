//! The branches whose pushes start what pushes an image.

use std::collections::BTreeSet;

use crate::lint::evaluate::{Event, GitRef, JobRun, Push};

/// The branches whose pushes start a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branches {
    /// Those that are named.
    pub named: BTreeSet<String>,
    /// Whether pushes to branches start it that are not named: by a pattern, or any branch.
    pub others: bool,
}

impl Branches {
    pub(super) fn of(run: &JobRun<'_>, push: &Push) -> Self {
        let mut branches = Self::default();
        for event in run.events.iter().filter(|event| event.is_push()) {
            match &event.git_ref {
                GitRef::Branch(name) => {
                    branches.named.insert(name.clone());
                }
                GitRef::Branches(_) | GitRef::AnyBranch => branches.others = true,
                GitRef::Tag | GitRef::PullRequest | GitRef::Unknown => {}
            }
        }
        let by_condition = named_by(&push.condition);
        let is_push = run.events.iter().any(Event::is_push);
        match by_condition {
            Some(name) if is_push && (branches.others || branches.named.contains(&name)) => {
                Self { named: BTreeSet::from([name]), others: false }
            }
            _ => branches,
        }
    }
}

/// The branch that conditions ask for, if they ask for one and nothing else can hold:
/// `github.ref == 'refs/heads/main'`.
fn named_by(conditions: &str) -> Option<String> {
    const ASKED: [&str; 2] = ["github.ref == 'refs/heads/", "github.ref_name == '"];
    if conditions.contains("||") || conditions.contains('!') {
        return None;
    }
    let mut names = ASKED.iter().flat_map(|asked| {
        let rest = conditions.split(asked).skip(1);
        rest.filter_map(|rest| rest.split('\'').next())
    });
    let name = names.next()?;
    names.all(|other| other == name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::named_by;

    #[test]
    fn a_condition_names_a_branch_only_if_nothing_else_can_hold() {
        let named = |text: &str| named_by(text);
        assert_eq!(named("; github.ref == 'refs/heads/main'"), Some("main".to_owned()));
        assert_eq!(named("; x; github.ref_name == 'uat' && y"), Some("uat".to_owned()));
        for other in [
            "",
            "; github.ref == 'refs/heads/a' || github.ref == 'refs/heads/b'",
            "; !(github.ref == 'refs/heads/a')",
            "; github.ref == 'refs/heads/a'; github.ref_name == 'b'",
            "; github.ref == 'refs/tags/v1'",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
