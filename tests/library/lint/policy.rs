//! The rules that read a policy: what they say with one, without one, and of another host.

use crate::lint::world::{job, lines, one, push, run, with_policy, workflow};

const DOCR: &str = "registry.digitalocean.com/meatscentral/projectmeats-backend";
const GHCR: &str = "ghcr.io/meats-central/projectmeats-backend";

/// How often a rule finds something: without a policy, and with one.
fn both(text: &str, rule: &str) -> [usize; 2] {
    [lines(&one(text), rule).len(), lines(&with_policy(&[("ci.yml", text)]), rule).len()]
}

fn pushed(repositories: &[&str], tags: &[&str]) -> String {
    let all: Vec<String> = repositories
        .iter()
        .flat_map(|repository| tags.iter().map(move |tag| format!("{repository}:{tag}")))
        .collect();
    job(&push(&all.iter().map(String::as_str).collect::<Vec<_>>()))
}

#[test]
fn registries_of_an_image_come_from_the_policy_alone() {
    let tags = ["prod-${{ github.sha }}", "prod-latest"];
    let other = DOCR.replace("backend", "worker");
    for (repositories, expected) in [
        (vec![DOCR], [0, 1]),
        (vec![GHCR], [0, 1]),
        (vec![DOCR, GHCR], [0, 0]),
        (vec![other.as_str()], [0, 0]),
        (vec!["quay.io/meatscentral/projectmeats-backend"], [0, 0]),
        (vec!["ghcr.io/${{ vars.OWNER }}/projectmeats-backend"], [0, 0]),
        (vec![DOCR, "${{ vars.SECOND }}"], [0, 0]),
    ] {
        let text = pushed(&repositories, &tags);
        assert_eq!(both(&text, "missing-registry"), expected, "{repositories:?}");
    }
    let unknown = pushed(&[DOCR], &["${{ inputs.tag }}"]);
    assert_eq!(both(&unknown, "missing-registry"), [0, 0]);
    let spoken = job(&run(&[&format!("echo docker push {DOCR}:prod-latest")]));
    assert_eq!(both(&spoken, "missing-registry"), [0, 0]);
    let matrix = "    strategy: { matrix: { app: [backend, frontend] } }\n";
    let legs = push(&[
        "registry.digitalocean.com/meatscentral/projectmeats-${{ matrix.app }}:prod-latest",
    ]);
    assert_eq!(both(&workflow("", matrix, &legs), "missing-registry"), [0, 2]);
}

#[test]
fn environments_come_from_the_policy_where_there_is_one() {
    for (tag, expected) in [
        ("staging-${{ github.sha }}", [0, 1]),
        ("uat-${{ github.sha }}", [0, 0]),
        ("${{ github.sha }}", [0, 1]),
        ("${{ vars.ENV }}-${{ github.sha }}", [0, 0]),
    ] {
        assert_eq!(both(&pushed(&[GHCR], &[tag]), "unprefixed-sha-tag"), expected, "{tag}");
    }
    for (tags, expected) in [
        (vec!["prod-${{ github.sha }}"], [1, 1]),
        (vec!["prod-${{ github.sha }}", "prod-latest"], [0, 0]),
        (vec!["prod-${{ github.sha }}", "main"], [0, 1]),
        (vec!["prod-${{ github.sha }}", "${{ vars.TAG }}"], [0, 0]),
    ] {
        assert_eq!(both(&pushed(&[GHCR], &tags), "missing-latest-tag"), expected, "{tags:?}");
    }
}

#[test]
fn own_images_are_those_of_the_policy_where_there_is_one() {
    for (reference, expected) in [
        (format!("{DOCR}:latest"), [0, 1]),
        (format!("{GHCR}:prod-latest"), [1, 1]),
        ("ghcr.io/astral-sh/uv:latest".to_owned(), [0, 0]),
        ("quay.io/meats-central/projectmeats-backend:latest".to_owned(), [0, 0]),
        ("postgres:latest".to_owned(), [0, 0]),
        (format!("{GHCR}:${{{{ inputs.tag }}}}"), [0, 0]),
        (format!("{GHCR}@sha256:00"), [0, 0]),
    ] {
        let text = job(&run(&[&format!("docker pull {reference}")]));
        assert_eq!(both(&text, "mutable-deploy"), expected, "{reference}");
        // No workflow pushes to these repositories, so nobody knows who does.
        assert_eq!(both(&text, "tag-never-pushed"), [0, 0], "{reference}");
    }
}
