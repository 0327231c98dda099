//! What workflows push, for a program that wants to know instead of judge: each reference in parts,
//! where it stands, and on which branches; and what could not be read.

mod branches;
mod parts;
mod unread;

pub use branches::Branches;
pub use parts::Part;

use std::collections::BTreeSet;

use super::conventions::Conventions;
use super::evaluate::{Budget, JobRun, Leg, Push, Workflows, evaluate};
use super::images;
use super::parsed_file::ParsedFile;
use super::reference::TagKind;
use super::symbol::Symbols;
use super::yaml::DefectKind;

/// An image that a workflow pushes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenPush {
    /// The place in the workflow: `.github/workflows/build.yml:12`.
    pub place: String,
    /// The registry.
    pub host: Vec<Part>,
    /// The repository in it.
    pub path: Vec<Part>,
    /// The tag; `latest` if none is written.
    pub tag: Vec<Part>,
    /// The branches whose pushes start the workflow.
    pub branches: Branches,
    /// The `environment` of the job, where it has one.
    pub environment: Option<String>,
    /// What one step pushes in one run has one number.
    pub set: usize,
    /// What the image is for.
    pub purpose: Purpose,
}

/// What a pushed image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// It may be released.
    Release,
    /// It is built for pull requests, or its name or tag says that it is a test image.
    Test,
    /// Its registry is one of the job, or keeps nothing for long.
    JobRegistry,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadPlace {
    /// The place in the workflow.
    pub place: String,
    /// What it is, as a sentence without its full stop.
    pub what: String,
}

/// What workflows push.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The pushes, each once, in the order of the files.
    pub pushes: Vec<SeenPush>,
    /// What could not be read.
    pub unread: BTreeSet<UnreadPlace>,
}

/// Reads what workflows push. `repository` is their repository on GitHub, `owner/name`, if it is known.
#[must_use]
pub fn survey(parsed: Vec<ParsedFile>, repository: Option<&str>) -> Survey {
    let mut survey = Survey::default();
    let mut files = Vec::new();
    for file in parsed {
        match file.outcome {
            Ok(workflow) => files.extend(workflow),
            Err(defects) => survey.unread.extend(defects.into_iter().map(|defect| {
                let place = format!("{}:{}", file.name, defect.at.line);
                let what = match defect.kind {
                    DefectKind::Syntax(why) => format!("the file is not YAML: {why}"),
                    DefectKind::Duplicate { .. } => "the file has a key twice".to_owned(),
                };
                UnreadPlace { place, what }
            })),
        }
    }
    let symbols = repository.map_or_else(Symbols::default, Symbols::of_repository);
    let budget = Budget::default();
    let workflows = evaluate(&files, Conventions::default(), &symbols, &budget);
    if !workflows.complete {
        let place = files.first().map(|file| file.name.clone()).unwrap_or_default();
        let what = "the workflows are too large to be evaluated completely".to_owned();
        survey.unread.insert(UnreadPlace { place, what });
    }
    let mut seen = BTreeSet::new();
    for (number, (run, leg)) in workflows.legs().enumerate() {
        let tagged = |push: &&Push| push.reference.kind != TagKind::Digest;
        for push in leg.pushes.iter().filter(tagged) {
            for found in pushes_of(&workflows, (run, leg, push), number) {
                if seen.insert(found.clone()) {
                    survey.pushes.push(found);
                }
            }
        }
    }
    survey.unread.extend(unread::unread(&workflows));
    survey
}

/// How many steps a job has at most; further ones share their numbers with those of the next leg.
const MOST_STEPS: usize = 10_000;

/// A push, once for each text that it may have.
fn pushes_of(
    workflows: &Workflows<'_>,
    (run, leg, push): (&JobRun<'_>, &Leg, &Push),
    number: usize,
) -> Vec<SeenPush> {
    let reference = &push.reference;
    let place = format!("{}:{}", run.file.name, reference.at.line);
    let known =
        leg.environment.as_deref().filter(|name| !name.chars().any(super::symbol::is_symbol));
    let each = parts::possibilities(workflows.symbols, reference);
    let of = |parts::Reading { host, path, tag }| SeenPush {
        place: place.clone(),
        host,
        path,
        tag,
        branches: Branches::of(run, push),
        environment: known.filter(|name| !name.is_empty()).map(str::to_owned),
        set: number * MOST_STEPS + push.step,
        purpose: purpose(run, push),
    };
    each.into_iter().map(of).collect()
}

fn purpose(run: &JobRun<'_>, push: &Push) -> Purpose {
    let reference = &push.reference;
    let has_services = !run.job.services.is_empty();
    if images::is_throw_away(&reference.host) && (has_services || !reference.is_local()) {
        Purpose::JobRegistry
    } else if run.is_for_pull_requests() || images::has_test_word(reference) {
        Purpose::Test
    } else {
        Purpose::Release
    }
}
