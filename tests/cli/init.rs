//! `tags init` over made-up repositories and registries: the policy that it writes is the one that is
//! expected, and `check`, `verify`, `list` and `cleanup` work with it.

mod registries;
mod repositories;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use tags::model::{RegistryName, TagName};
use tags::policy::{Policy, RegistryKind};
use tags::sandbox::content::{BuiltImage, Format};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Sandbox, Settings};

use crate::support::program::{Home, Run, now};
use crate::support::registries::{TOKEN, start};
use crate::world::{MID, NEW, OLD, build};

/// A home with the tokens of the embedded registries.
fn home() -> Home {
    Home::with(&[
        ("DIGITALOCEAN_ACCESS_TOKEN", TOKEN),
        ("GITHUB_TOKEN", TOKEN),
        ("GITHUB_REPOSITORY", "Acme-Inc/Shop"),
    ])
}

/// An embedded registry of a kind, for one owner.
fn registry(kind: RegistryKind, owner: &str) -> Sandbox {
    start(match kind {
        RegistryKind::Oci => Settings::default(),
        RegistryKind::Docr => Settings::docr(DocrSettings::new(owner, TOKEN), now()),
        RegistryKind::Ghcr => {
            Settings::ghcr(GhcrSettings::new(owner, OwnerKind::Organization, TOKEN), now())
        }
    })
}

fn parse(text: &str) -> Policy {
    tags::policy::parse("tags.toml", text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Puts the addresses of embedded registries into a policy, and starts them.
fn embedded(text: &str) -> (String, BTreeMap<RegistryName, Sandbox>) {
    let mut registries = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    let policy = parse(text);
    for line in text.lines() {
        let name = line.strip_prefix("[registry.").map(|rest| rest.trim_end_matches(']'));
        if let Some(name) = name {
            let name = RegistryName::parse(name).expect("a name");
            let settings = &policy.registries[&name];
            let owner = settings.namespace.as_ref().map(ToString::to_string).unwrap_or_default();
            let sandbox = registry(settings.kind, &owner);
            lines.push(line.to_owned());
            lines.push(format!("url = \"{}\"", sandbox.url()));
            if settings.kind != RegistryKind::Oci {
                lines.push(format!("api-url = \"{}\"", sandbox.url()));
            }
            registries.insert(name, sandbox);
        } else if !line.starts_with("url = ") {
            lines.push(line.to_owned());
        }
    }
    (lines.join("\n") + "\n", registries)
}

/// Pushes three releases of every environment, the newest of them current.
fn fill(policy: &Policy, registries: &BTreeMap<RegistryName, Sandbox>) {
    for environment in policy.environments.values() {
        for (age, sha) in [(30, OLD), (20, MID), (10, NEW)] {
            for (image, places) in &environment.images {
                let text = format!("{} {image}", environment.name);
                let built =
                    BuiltImage::single(&build(&text, sha, TimeDelta::days(age)), Format::Oci);
                let sha = tags::model::Sha::parse(sha).expect("a SHA");
                let scheme = &environment.scheme;
                let tags: [TagName; 2] = [scheme.sha.render(&sha), scheme.latest.clone()];
                for repository in places.repositories.values() {
                    let store = registries[&repository.registry].store();
                    let pushed = now() - TimeDelta::days(age);
                    store.push(&repository.path, &built, &tags, Some(pushed));
                }
            }
        }
    }
}

/// What a draft proposes, without the signs that make it a comment.
fn with_proposal(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') && !rest.starts_with("[github]") => rest.to_owned(),
        _ => line.to_owned(),
    };
    let (before, _) = text.split_once("\n#[github]").unwrap_or((text, ""));
    before.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// Holds that the commands work with a drafted policy, and with what it proposes.
fn assert_usable(home: &Home, text: &str) {
    let (policy, registries) = embedded(text);
    let parsed = parse(&policy);
    fill(&parsed, &registries);
    home.policy(&policy);
    let ran = |run: Run, what: &str| assert_eq!(run.code, 0, "{what}: {run:?}\n{policy}");
    ran(home.tags(&["check"]), "check");
    for name in parsed.environments.keys() {
        ran(home.tags(&["verify", name.as_str(), "--sha", NEW]), "verify");
        let list = home.tags(&["list", name.as_str(), "--format", "json"]);
        assert_eq!(list.json()["releases"][0]["sha"], NEW, "{list:?}");
        assert_eq!(list.json()["releases"].as_array().map(Vec::len), Some(3));
    }
    let plan = home.tags(&["cleanup", "--format", "json"]);
    assert_eq!(plan.json()["totals"]["delete"], 0, "{plan:?}");
    home.policy(&with_proposal(&policy));
    let plan = home.tags(&["cleanup", "--format", "json"]);
    assert_eq!((plan.code, plan.json()["outcome"].as_str()), (0, Some("ok")), "{plan:?}");
}
