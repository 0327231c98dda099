//! The rule `environment-mismatch`: a job of one environment uses the tag of another.

use std::collections::BTreeSet;

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobKind, JobRun, Leg, Workflows, job_words, words};
use crate::lint::finding::Severity;
use crate::lint::images;
use crate::lint::shell::ImageUse;

pub(super) const RULE: Rule = Rule {
    name: "environment-mismatch",
    severity: Severity::Error,
    applies: Applies::MilderWithoutPolicy,
    summary: "a job of one environment uses the tag of another",
    why: "
        The image for uat has the settings of uat. The environment of a job is taken from its
        `environment`, else from its own name or that of its caller; `prod` is the same as
        `production`, and `dev` as `development`. Copies are not reported: a promotion copies the tag
        of one environment to that of another.",
    bad: include_str!("environment_mismatch.bad.yml"),
    good: include_str!("environment_mismatch.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (at, run) in workflows.job_runs.iter().enumerate() {
        if run.kind == JobKind::Test {
            continue;
        }
        for leg in &run.legs {
            let Some(own) = environment_of(workflows, at, leg) else { continue };
            check_leg(workflows, (run, leg), &own, out);
        }
    }
}

fn check_leg(
    workflows: &Workflows<'_>,
    (run, leg): (&JobRun<'_>, &Leg),
    own: &str,
    out: &mut Reporter<'_>,
) {
    for used in leg.uses.iter().filter(|used| used.how != ImageUse::Copied) {
        let reference = &used.reference;
        let Some(tag) = reference.tag.as_deref() else { continue };
        let Some(other) = workflows.conventions.prefix(tag, workflows.symbols) else { continue };
        let known = workflows.conventions.environment_names().contains(&other.as_str());
        if !known
            || canonical(&other) == own
            || images::is_exempt(reference, workflows.conventions)
            || !workflows.is_own(reference)
        {
            continue;
        }
        let text = workflows.show(reference);
        let problem = Problem::new(
            text.clone(),
            format!("`{}` is a job of {own}, and uses `{text}`", run.job.id),
            format!("use the tag of {own}"),
        );
        out.report_leg(out.severity(), (run, leg), reference.at, problem);
    }
}

/// The environment of a leg: by its `environment`, its name, or that of its caller.
fn environment_of(workflows: &Workflows<'_>, at: usize, leg: &Leg) -> Option<String> {
    if let Some(name) = &leg.environment {
        return sole_environment(workflows, words(name));
    }
    workflows.with_callers(at).find_map(|(_, run)| sole_environment(workflows, job_words(run.job)))
}

/// The one environment among words; a job that names two promotes from one to the other.
fn sole_environment(workflows: &Workflows<'_>, words: Vec<String>) -> Option<String> {
    let environments = workflows.conventions.environment_names();
    let named = words.into_iter().filter(|word| environments.contains(&word.as_str()));
    let named: BTreeSet<String> = named.map(|word| canonical(&word).to_owned()).collect();
    let mut named = named.into_iter();
    named.next().filter(|_| named.next().is_none())
}

/// One name for the two spellings of an environment.
fn canonical(name: &str) -> &str {
    match name {
        "production" => "prod",
        "development" => "dev",
        name => name,
    }
}
