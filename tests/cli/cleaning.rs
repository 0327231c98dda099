//! A world with retention rules: the oldest of three releases expired, everywhere.

use serde_json::Value;

use crate::support::program::Run;
use crate::support::registries;
use crate::world::World;

/// How many manifests of the expired release there are: two images in two registries.
pub(crate) const DOOMED: usize = 4;

const RULES: &str = r#"
[[retention]]
environments = ["prod"]
keep-last = 1

[protect]
rollback-depth = 1
"#;

/// Three whole releases, of which the oldest goes.
pub(crate) fn world() -> World {
    World::filled().policy(|text| text + RULES)
}

/// The digests and tags that both registries hold.
pub(crate) fn picture(world: &World) -> Vec<String> {
    let mut picture = Vec::new();
    for (name, registry) in [("east", &world.east), ("west", &world.west)] {
        let store = registry.store();
        for at in store.repositories() {
            let manifests = store.manifests(&at).into_keys();
            picture.extend(manifests.map(|digest| format!("{name}/{at}@{digest}")));
            let tags = store.tags(&at).unwrap_or_default();
            picture.extend(tags.into_keys().map(|tag| format!("{name}/{at}:{tag}")));
        }
    }
    picture
}

/// How many deletions both registries were asked for.
pub(crate) fn deletions(world: &World) -> usize {
    registries::deletions(&world.east).len() + registries::deletions(&world.west).len()
}

/// The entries of a plan with this decision, as `repository digest`.
pub(crate) fn decided(json: &Value, decision: &str) -> Vec<String> {
    let entries = json["entries"].as_array().expect("entries").iter();
    let of = entries.filter(|entry| entry["decision"] == decision);
    of.map(|entry| format!("{} {}", entry["repository"], entry["digest"])).collect()
}

/// How often each result occurs in what was applied.
pub(crate) fn results(json: &Value, result: &str) -> usize {
    let applied = json["applied"].as_array().expect("what was applied").iter();
    applied.filter(|entry| entry["result"] == result).count()
}

/// The path of the journal that a run named on stderr.
pub(crate) fn journal(run: &Run) -> String {
    let line = run.stderr.lines().find_map(|line| line.strip_prefix("journal: "));
    line.unwrap_or_else(|| panic!("no journal: {run:?}")).to_owned()
}
