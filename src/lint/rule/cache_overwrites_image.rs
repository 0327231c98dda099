//! The rule `cache-overwrites-image`: a cache is exported to a reference that is pushed as an image.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "cache-overwrites-image",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "a cache is exported to a reference that is pushed as an image",
    why: "
        The cache is exported after the push, and replaces the image under its tag: whoever pulls the
        tag gets an error about an unknown media type. The cache needs a tag of its own.",
    bad: include_str!("cache_overwrites_image.bad.yml"),
    good: include_str!("cache_overwrites_image.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for cache in &leg.caches {
            let pushed = workflows.pushes_of(&cache.reference);
            if !pushed.iter().any(|found| found.push.reference.equals(&cache.reference)) {
                continue;
            }
            let text = workflows.show(&cache.reference);
            let problem = Problem::new(
                text.clone(),
                format!("the cache replaces the image under `{text}`"),
                "export it to a tag of its own, such as `:buildcache`",
            );
            out.report_leg(out.severity(), (run, leg), cache.at, problem);
        }
    }
}
