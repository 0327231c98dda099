//! The rule `uneven-registries`: one step pushes an image to two registries with different tags.

use std::collections::BTreeMap;

use super::push_group::is_covered;
use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::{JobRun, Leg, Push, Workflows};
use crate::lint::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "uneven-registries",
    severity: Severity::Warning,
    applies: Applies::ByConvention,
    summary: "one step pushes an image to two registries with different tags",
    why: "
        The second registry is needed on the day when the first one is down. A tag that only the
        first one has is missing on that day.",
    bad: include_str!("uneven_registries.bad.yml"),
    good: include_str!("uneven_registries.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for ((_, image), hosts) in images(workflows, run, leg) {
            for (host, pushes) in &hosts {
                let others = hosts.iter().filter(|(other, _)| *other != host);
                let missing =
                    others.flat_map(|(other, theirs)| theirs.iter().map(move |p| (other, p)));
                let missing = missing
                    .filter(|(_, push)| push.certain)
                    .find(|(_, push)| !has_tag(workflows, pushes, push.reference.tag()));
                let Some((other, push)) = missing else { continue };
                let show = |text: &str| workflows.symbols.show(text);
                let (image, tag) = (show(&image), show(push.reference.tag()));
                let (host, other) = (show(host), show(other));
                let problem = Problem::new(
                    format!("{host}/{image}"),
                    format!(
                        "`{image}` is pushed to `{other}` with the tag `{tag}`, but not to `{host}`"
                    ),
                    "push the same tags to every registry",
                );
                out.report(run, pushes[0].anchor, problem);
            }
        }
    }
}

/// Whether one of the pushes may be of a tag.
fn has_tag(workflows: &Workflows<'_>, pushes: &[&Push], tag: &str) -> bool {
    pushes.iter().any(|push| workflows.symbols.may_equal(push.reference.tag(), tag))
}

/// The pushes of each step, by image and host; an image is the last part of its path.
fn images<'l>(
    workflows: &Workflows<'_>,
    run: &JobRun<'_>,
    leg: &'l Leg,
) -> BTreeMap<(usize, String), BTreeMap<String, Vec<&'l Push>>> {
    let mut images: BTreeMap<_, BTreeMap<String, Vec<&Push>>> = BTreeMap::new();
    let covered = leg.pushes.iter().filter(|push| is_covered(workflows, run, push));
    for push in covered.filter(|push| !push.reference.is_local()) {
        let name = push.reference.image().to_owned();
        let hosts = images.entry((push.step, name)).or_default();
        hosts.entry(push.reference.host.clone()).or_default().push(push);
    }
    images
}
