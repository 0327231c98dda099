//! The rule `uneven-registries`: one push set gives an image different tags in two registries.

use super::about::{Reporter, Rule, Say};
use crate::lint::evaluate::{Leg, Push, Set};
use crate::lint::finding::Severity;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    name: "uneven-registries",
    severity: Severity::Warning,
    summary: "one push set gives an image different tags in two registries",
    why: "
        The second registry is there for the day on which the first one is down. A tag that only one of them
        has is missing on that day.",
    bad: include_str!("uneven_registries.bad.yml"),
    good: include_str!("uneven_registries.good.yml"),
    check,
};

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            for ((_, image), hosts) in images(leg) {
                for (host, tags) in &hosts {
                    let lacks = hosts.iter().filter(|(other, _)| *other != host).find_map(
                        |(other, theirs)| {
                            let lacks = |push: &&&Push| {
                                push.certain
                                    && !tags.iter().any(|own| {
                                        set.symbols
                                            .may_equal(own.reference.tag(), push.reference.tag())
                                    })
                            };
                            theirs.iter().find(lacks).map(|push| (other, push))
                        },
                    );
                    let Some((other, push)) = lacks else { continue };
                    let (image, tag) =
                        (set.symbols.show(&image), set.symbols.show(push.reference.tag()));
                    let (host, other) = (set.symbols.show(host), set.symbols.show(other));
                    let say = Say::new(
                        format!("{host}/{image}"),
                        format!("`{image}` gets the tag `{tag}` in `{other}`, and not in `{host}`"),
                        "push the same tags to every registry",
                    );
                    out.at(task, tags[0].anchor, say);
                }
            }
        }
    }
}

/// The pushes of each step, by image and host; an image is the last part of its path.
fn images(leg: &Leg) -> BTreeMap<(usize, String), BTreeMap<String, Vec<&Push>>> {
    let mut images: BTreeMap<_, BTreeMap<String, Vec<&Push>>> = BTreeMap::new();
    for push in leg.pushes.iter().filter(|push| !push.reference.is_local()) {
        let name = push.reference.path.rsplit('/').next().unwrap_or_default().to_owned();
        let hosts = images.entry((push.step, name)).or_default();
        hosts.entry(push.reference.host.clone()).or_default().push(push);
    }
    images
}
