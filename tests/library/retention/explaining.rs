//! `tags explain`: the edges that matter, and what would have to change.

use tags::model::Sha;
use tags::retention::{Edge, Subject, explain, matching_releases};

use crate::retention::scene::{Scene, accessory, digest, policy};
use crate::support::tag;

fn scene() -> Scene {
    let rules =
        "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n[protect]\nrollback-depth = 0\n";
    Scene::new(policy("", rules))
        .release("prod-0000001", 1, 90)
        .release("prod-0000002", 2, 60)
        .image("backend@docr", 50, &[&accessory(10, ".sig")], 50)
        .index("backend@docr", 60, &[10, 97], &["v1"], 50)
        .retag("prod-latest", 2)
}

#[test]
fn a_tag_is_explained_with_all_that_belongs_to_it() {
    let scene = scene();
    let plan = scene.plan();
    let repository = scene
        .policy
        .repositories
        .keys()
        .find(|at| at.registry.as_str() == "docr" && at.path.as_str().ends_with("backend"));
    let repository = repository.expect("a repository").clone();
    let subject = Subject::Tag(repository.clone(), tag("prod-0000001"));
    let explanation = explain(&scene.contents, &scene.policy, &plan, subject);
    let [explained] = explanation.manifests.as_slice() else { panic!("{explanation:?}") };
    assert_eq!(explained.entry.reason.code.as_str(), "child-of-kept");
    let edges: Vec<(Edge, &str)> = explained
        .neighbours
        .iter()
        .map(|neighbour| (neighbour.edge, neighbour.entry.reason.code.as_str()))
        .collect();
    assert_eq!(edges, [(Edge::ListedBy, "no-rule"), (Edge::Referrer, "referrer-of-kept")]);
    assert_eq!(explained.otherwise, "to delete it: every index that lists it must be deleted");
    let index = Subject::Manifest(repository.clone(), digest(60));
    let explanation = explain(&scene.contents, &scene.policy, &plan, index);
    assert_eq!(explanation.manifests[0].missing, [digest(97)]);
    let none = explain(&scene.contents, &scene.policy, &plan, Subject::Tag(repository, tag("x")));
    assert!(none.manifests.is_empty());
}

#[test]
fn a_release_is_explained_in_every_place_and_found_by_a_part_of_its_sha() {
    let scene = scene();
    let plan = scene.plan();
    let prod = scene.policy.environments.keys().find(|name| name.as_str() == "prod");
    let prod = prod.expect("prod").clone();
    let asked = Sha::parse("00000010000").expect("a SHA");
    let meant = matching_releases(&scene.policy, &plan, &prod, &asked);
    assert_eq!(meant, [Sha::parse("0000001").expect("a SHA")]);
    let subject = Subject::Release(prod, meant[0].clone());
    let explanation = explain(&scene.contents, &scene.policy, &plan, subject);
    assert_eq!(explanation.manifests.len(), 5);
    let elsewhere = explanation
        .manifests
        .iter()
        .filter(|explained| explained.entry.reason.code.as_str() == "kept-elsewhere")
        .count();
    assert_eq!(elsewhere, 4);
}
