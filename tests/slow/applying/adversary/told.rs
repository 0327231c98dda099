//! Whether what a run says of itself is what happened.

use std::collections::BTreeSet;

use serde_json::Value;
use tags::model::{Digest, RepositoryPath};

use super::truth::{Place, places};
use super::watch::{Name, Watch, shown};
use super::world::World;
use crate::support::program::Run;

/// Every manifest that is there.
pub(super) fn manifests(world: &World) -> BTreeSet<(Place, Digest)> {
    let stores = world.stores();
    let of = |place: Place| {
        let all = stores[place.registry].manifests(&place.path).into_keys();
        all.map(move |digest| (place.clone(), digest)).collect::<Vec<_>>()
    };
    places(&world.scenario).into_iter().flat_map(of).collect()
}

/// What an applied entry says.
struct Told {
    place: Place,
    digest: Digest,
    result: String,
}

/// What is wrong with what a run of `cleanup --apply` or `apply` says; `before` is what was there
/// before it.
pub(super) fn lies(
    world: &World,
    watch: &Watch,
    run: &Run,
    before: &BTreeSet<(Place, Digest)>,
) -> Vec<String> {
    let after = manifests(world);
    let others = |key: &(Place, Digest)| watch.removed.contains(key);
    let gone: Vec<_> =
        before.union(&watch.pushed).filter(|key| !after.contains(*key) && !others(key)).collect();
    let mut wrong = Vec::new();
    if ![0, 1, 3, 4, 5, 6].contains(&run.code) {
        wrong.push(format!("exit code {}", run.code));
    }
    let Ok(json) = serde_json::from_str::<Value>(&run.stdout) else {
        if !gone.is_empty() || run.code == 0 {
            wrong.push(format!("no report, exit code {}, and {} went", run.code, gone.len()));
        }
        return wrong;
    };
    let told = told(world, &json);
    for (place, digest) in gone {
        let said = told.iter().find(|told| told.place == *place && told.digest == *digest);
        let said = said.map(|told| told.result.as_str());
        let unseen = said == Some("failed") && watch.is_unseen(place, digest);
        if !unseen && !matches!(said, Some("deleted" | "already-gone")) {
            let digest = digest.short();
            wrong.push(format!("{} {digest} is gone, and told as {said:?}", shown(place)));
        }
    }
    for told in &told {
        let key = (told.place.clone(), told.digest.clone());
        let is_there = after.contains(&key) && !watch.pushed.contains(&key);
        if is_there && matches!(told.result.as_str(), "deleted" | "already-gone") {
            let digest = told.digest.short();
            wrong.push(format!("{} {digest} is {}, and there", shown(&told.place), told.result));
        }
    }
    wrong.extend(code(run.code, &json, &told));
    let latest = |name: &Name| matches!(name, Name::Tag(tag) if tag.as_str().ends_with("-latest"));
    if run.code == 0 && watch.unavoidable.iter().any(|one| latest(&one.name)) {
        wrong.push("a latest tag was lost, and the exit code is 0".to_owned());
    }
    wrong
}

fn told(world: &World, json: &Value) -> Vec<Told> {
    let hosts: Vec<String> =
        world.registries.iter().map(|registry| registry.addr().to_string()).collect();
    let read = |entry: &Value| {
        let (host, path) = entry["repository"].as_str()?.split_once('/')?;
        let registry = hosts.iter().position(|known| known == host)?;
        let place = Place { registry, path: RepositoryPath::parse(path).ok()? };
        let digest = Digest::parse(entry["digest"].as_str()?).ok()?;
        Some(Told { place, digest, result: entry["result"].as_str()?.to_owned() })
    };
    json["applied"].as_array().into_iter().flatten().filter_map(read).collect()
}

/// Whether the exit code and the outcome are those of the results.
fn code(code: i32, json: &Value, told: &[Told]) -> Option<String> {
    let has = |result: &str| told.iter().any(|told| told.result == result);
    let done = has("deleted") || has("untagged");
    let fits = match (has("failed"), done) {
        (true, true) => code == 6,
        (true, false) => matches!(code, 3 | 4),
        (false, _) => code != 6,
    };
    let outcome = &json["outcome"];
    let agrees = code != 0 || outcome == "ok";
    (!fits || !agrees).then(|| format!("exit code {code}, outcome {outcome}, done: {done}"))
}
