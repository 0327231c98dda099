//! `tags doctor` and `tags gc` against the embedded DigitalOcean and GitHub registries.

use std::time::Duration;

use chrono::TimeDelta;
use tags::policy::RegistryKind;
use tags::sandbox::content::{BuiltImage, Format, Provenance};
use tags::sandbox::docr::{DocrSettings, StateDuration};
use tags::sandbox::{Sandbox, Settings};

use crate::support::{
    backend,
    images::platform,
    policy,
    program::{Home, Run, now},
    registries, tag,
};
use crate::world::{NEW, build};

const TOKEN: &str = "dop_v1_0123";

/// DigitalOcean's registry, where each state of a collection lasts so long.
fn docr(pace: Duration) -> Sandbox {
    let mut docr = DocrSettings::new("acme", TOKEN);
    docr.collection.state_duration = StateDuration::Time(pace);
    registries::start(Settings::docr(docr, now()))
}

fn tags(registry: &Sandbox, arguments: &[&str]) -> Run {
    let home = Home::of(&policy::one("docr", RegistryKind::Docr, &registry.url()));
    home.run(arguments, |command| command.env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN))
}

/// With a tagged index of two platforms in it.
fn filled(pace: Duration) -> Sandbox {
    let registry = docr(pace);
    let mut arm = build("backend", NEW, TimeDelta::days(1));
    arm.platform = platform("arm64");
    let amd = build("backend", NEW, TimeDelta::days(1));
    let built = BuiltImage::index(&[amd, arm], Format::Oci, Provenance::Plain);
    registry.store().push(&backend(), &built, &[tag("prod-latest")], None);
    registry
}

#[test]
fn a_good_token_is_found_good() {
    let registry = filled(Duration::from_millis(100));
    let run = tags(&registry, &["doctor"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("missing  ") && !run.stdout.contains(TOKEN), "{run:?}");
}

#[test]
fn a_collection_is_followed_and_the_risky_type_refused() {
    let registry = filled(Duration::from_millis(100));
    let run = tags(&registry, &["gc", "docr", "--format", "json"]);
    assert_eq!((run.code, run.json()["outcome"].as_str()), (0, Some("ok")), "{run:?}");
    assert!(run.json()["collection"]["blobs_deleted"].is_u64(), "{run:?}");
    let risky = tags(&registry, &["gc", "docr", "--type", "untagged-manifests"]);
    assert_eq!(risky.code, 5, "{risky:?}");
    assert!(risky.stdout.contains("acme/backend:prod-latest"), "{risky:?}");
}

#[test]
fn a_collection_is_left_running_found_again_and_cancelled() {
    let registry = filled(Duration::from_secs(2));
    let left = tags(&registry, &["gc", "docr", "--wait", "1s"]);
    assert_eq!(left.code, 1, "{left:?}");
    assert_eq!(tags(&registry, &["gc", "docr"]).code, 5);
    let cancelled = tags(&registry, &["gc", "docr", "--cancel", "--format", "json"]);
    assert_eq!(cancelled.json()["outcome"], "cancelled", "{cancelled:?}");
    assert_eq!(cancelled.code, 0);
}
