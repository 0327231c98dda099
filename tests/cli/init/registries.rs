//! Policies from what embedded registries list.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tags::policy::RegistryKind;
use tags::sandbox::Sandbox;
use tags::sandbox::content::{BuiltImage, Format};

use super::{home, parse, registry};
use crate::support::program::{Home, now};
use crate::support::registries::{KINDS, fault};
use crate::support::{path, tag};
use crate::world::{MID, NEW, OLD, build};

/// Pushes an image under tags.
fn push(registry: &Sandbox, repository: &str, text: &str, age: i64, tags: &[&str]) {
    let built = BuiltImage::single(&build(text, NEW, TimeDelta::days(age)), Format::Oci);
    let tags: Vec<_> = tags.iter().map(|name| tag(name)).collect();
    registry.store().push(&path(repository), &built, &tags, Some(now() - TimeDelta::days(age)));
}

/// Releases of prod and dev of two images; versions, previews, signatures and a repository of others.
fn filled(kind: RegistryKind) -> Sandbox {
    let registry = registry(kind, "acme");
    for image in ["acme/backend", "acme/frontend"] {
        for (age, sha) in [(30, OLD), (20, MID), (10, NEW)] {
            for environment in ["prod", "dev"] {
                let tags = [format!("{environment}-{sha}"), format!("{environment}-latest")];
                let text = format!("{image} {environment} {sha}");
                push(&registry, image, &text, age, &[&tags[0], &tags[1]]);
            }
        }
        push(&registry, image, &format!("{image} preview"), 5, &["pr-12-1a2b3c4", "buildcache"]);
        push(&registry, image, &format!("{image} version"), 5, &["v1.2.3", "1.2"]);
        let signature = format!("sha256-{}.sig", "a".repeat(64));
        push(&registry, image, &format!("{image} signature"), 5, &[&signature]);
    }
    push(&registry, "acme/tools/cli", "tools", 5, &["stable"]);
    registry
}

/// What to write after `--from` for an embedded registry, with its options.
fn arguments(kind: RegistryKind, registry: &Sandbox) -> Vec<String> {
    let url = registry.url();
    let words: Vec<String> = match kind {
        RegistryKind::Oci => vec![format!("{url}/acme")],
        RegistryKind::Docr => vec![
            "docr:acme".to_owned(),
            "--url".to_owned(),
            url.clone(),
            "--api-url".to_owned(),
            url,
        ],
        RegistryKind::Ghcr => vec![
            "ghcr:Acme".to_owned(),
            "--url".to_owned(),
            url.clone(),
            "--api-url".to_owned(),
            url,
        ],
    };
    ["init", "--from"].into_iter().map(str::to_owned).chain(words).collect()
}

fn init(home: &Home, kind: RegistryKind, registry: &Sandbox) -> crate::support::program::Run {
    let words = arguments(kind, registry);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    home.tags(&words)
}

#[test]
fn the_tags_of_a_registry_become_a_policy_that_the_commands_accept() {
    for kind in KINDS {
        let (home, registry) = (home(), filled(kind));
        let run = init(&home, kind, &registry);
        assert_eq!(run.code, 0, "{run:?}");
        let text = home.read("tags.toml");
        let settled = text.replace(&registry.addr().to_string(), "HOST");
        insta::assert_snapshot!(format!("init-from-{}", kind.as_str()), settled);
        for environment in ["prod", "dev"] {
            let verify = home.tags(&["verify", environment, "--sha", NEW]);
            assert_eq!(verify.code, 0, "{verify:?}\n{text}");
            let list = home.tags(&["list", environment, "--format", "json"]);
            assert_eq!(list.json()["releases"].as_array().map(Vec::len), Some(3), "{list:?}");
        }
        assert_eq!(home.tags(&["check"]).code, 0);
        let plan = home.tags(&["cleanup", "--format", "json"]);
        assert_eq!((plan.code, plan.json()["totals"]["delete"].as_u64()), (0, Some(0)), "{plan:?}");
    }
}

#[test]
fn long_lists_are_read_to_their_end() {
    for kind in KINDS {
        let (home, registry) = (home(), registry(kind, "acme"));
        // More than a page of the catalog would have by default, and more than a page of GitHub's.
        for number in 0..130 {
            push(
                &registry,
                &format!("acme/app{number}"),
                "app",
                3,
                &[&format!("prod-{NEW}"), "prod-latest"],
            );
        }
        let run = init(&home, kind, &registry);
        let images = parse(&home.read("tags.toml")).repositories.len();
        assert_eq!((run.code, images), (0, 130), "{kind:?}: {run:?}");
    }
}

#[test]
fn a_registry_that_does_not_answer_is_no_empty_registry() {
    for (kind, list) in [
        (RegistryKind::Oci, "/v2/_catalog"),
        (RegistryKind::Docr, "/v2/registries/acme/repositoriesV2"),
        (RegistryKind::Ghcr, "/orgs/acme/packages"),
    ] {
        for (status, code) in [(500, 3), (403, 4), (404, 3)] {
            let (home, registry) = (home(), filled(kind));
            fault(&registry, &format!("{status}@{list}*always"));
            let run = init(&home, kind, &registry);
            assert_eq!(run.code, code, "{kind:?} {status}: {run:?}");
            assert!(run.stderr.contains("error: ") && run.stderr.contains("hint: "), "{run:?}");
            assert!(!home.path().join("tags.toml").exists());
        }
    }
    let gone = registry(RegistryKind::Oci, "");
    let url = gone.url();
    drop(gone);
    let run = home().tags(&["init", "--from", &url]);
    assert!(run.code == 3 && run.stderr.contains("error: "), "{run:?}");
}

/// Changes the JSON of a list; the number is that of the answer, from 1.
type Change = fn(&mut Value, usize);

fn list_says(registry: &Sandbox, part: &'static str, change: Change) {
    let mut number = 0;
    registry.faults().before_each(move |request, access| {
        if request.target.contains(part) {
            number += 1;
            let number = number;
            access.change_answer(move |reply| reply.change_json(|list| change(list, number)));
        }
    });
}

#[test]
fn a_list_of_repositories_that_contradicts_itself_is_no_list() {
    let of_another_owner = |list: &mut Value, _| list[0]["owner"]["login"] = json!("somebody");
    let of_another_type = |list: &mut Value, _| list[0]["package_type"] = json!("npm");
    let of_another_total = |list: &mut Value, number| {
        list["meta"]["total"] = json!(2 + number);
        if number == 1 {
            let next = "https://api.example/v2/registries/acme/repositoriesV2?page=2";
            list["links"] = json!({"pages": {"next": next}});
        }
    };
    let cases: [(RegistryKind, &str, Change); 3] = [
        (RegistryKind::Ghcr, "/orgs/acme/packages?", of_another_owner),
        (RegistryKind::Ghcr, "/orgs/acme/packages?", of_another_type),
        (RegistryKind::Docr, "/repositoriesV2", of_another_total),
    ];
    for (number, (kind, part, change)) in cases.into_iter().enumerate() {
        let (home, registry) = (home(), filled(kind));
        list_says(&registry, part, change);
        let run = init(&home, kind, &registry);
        assert_eq!(run.code, 3, "{number}: {run:?}");
        assert!(!home.path().join("tags.toml").exists());
    }
}

#[test]
fn a_repository_whose_tags_cannot_be_listed_is_a_comment_and_an_exit_code() {
    let (home, registry) = (home(), filled(RegistryKind::Oci));
    fault(&registry, "500@/v2/acme/frontend/tags/list*always");
    let run = init(&home, RegistryKind::Oci, &registry);
    let text = home.read("tags.toml");
    assert_eq!((run.code, parse(&text).environments.len()), (3, 2), "{run:?}");
    assert!(text.contains("# - frontend: its tags could not be listed: "), "{text}");
    assert!(!text.contains("[image.frontend]"));
}

#[test]
fn without_a_token_a_managed_registry_says_which_one_is_needed() {
    for (from, variable) in
        [("ghcr:acme", "GITHUB_TOKEN"), ("docr:acme", "DIGITALOCEAN_ACCESS_TOKEN")]
    {
        let registry = registry(RegistryKind::Oci, "");
        let url = registry.url();
        let run = Home::new().tags(&["init", "--from", from, "--url", &url, "--api-url", &url]);
        assert!(run.code == 4 && run.stderr.contains(variable), "{run:?}");
        assert!(registry.requests().is_empty());
    }
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let (home, filled) = (home(), filled(RegistryKind::Oci));
    let run = home.tags(&["init", "--from", &format!("{}/wrong-prefix", filled.url())]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    let told = "lists 3 repositories, and none below `wrong-prefix/`";
    assert!(run.stderr.contains(told) && run.stderr.contains("hint: "), "{run:?}");
    for kind in KINDS {
        let empty = registry(kind, "acme");
        let run = init(&home, kind, &empty);
        assert!(run.code == 2 && run.stderr.contains("lists no repositories"), "{run:?}");
    }
    assert!(!home.path().join("tags.toml").exists());
}

#[test]
fn a_wrong_name_is_told_without_the_keys_of_a_policy() {
    for (kind, from) in [(RegistryKind::Docr, "docr:nope"), (RegistryKind::Ghcr, "ghcr:nope")] {
        let (home, registry) = (home(), filled(kind));
        let url = registry.url();
        let run = home.tags(&["init", "--from", from, "--url", &url, "--api-url", &url]);
        assert!(run.code == 3 || run.code == 4, "{run:?}");
        assert!(!run.stderr.contains("`namespace`"), "{run:?}");
        assert!(run.stderr.contains(&format!("`--from {from}`")), "{run:?}");
    }
}

#[test]
fn a_first_cleanup_of_a_plain_registry_knows_how_old_releases_are() {
    let (home, registry) = (home(), filled(RegistryKind::Oci));
    assert_eq!(init(&home, RegistryKind::Oci, &registry).code, 0);
    let rules = "[[retention]]\nenvironments = [\"dev\"]\nkeep-last = 1\n[protect]\nrollback-depth = 1\n[limits]\nmax-share = 1.0\n";
    home.policy(&(home.read("tags.toml") + rules));
    let plan = home.tags(&["cleanup", "--format", "json"]);
    assert!(plan.json()["totals"]["delete"].as_u64() > Some(0), "{plan:?}");
}
