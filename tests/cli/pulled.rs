//! What runs was pulled by a mirror, by another registry, or shows no more than an ID.

use chrono::TimeDelta;
use tags::model::{Digest, RepositoryPath};
use tags::sandbox::Sandbox;

use crate::both::Both;
use crate::cleaning::{DOOMED, decided, deletions, world as plain};
use crate::clock::managed;
use crate::support::{
    backend, path,
    program::{Home, Run, now},
    tag,
};
use crate::verify::findings;
use crate::world::{MID, NEW, OLD, World};

const REDIS: &str = "4f1a2b3c4d5e";

/// DOCR and GHCR with a release that expired.
fn both() -> Both {
    managed(now(), [40, 10, 1].map(TimeDelta::days))
}

/// The digest of a release's manifest, and of its config.
fn digests(registry: &Sandbox, path: &RepositoryPath, sha: &str) -> (Digest, Digest) {
    let digest = registry.store().resolve(path, &tag(&format!("prod-{sha}"))).expect("a tag");
    let manifest = registry.store().manifest(path, &digest).expect("a manifest");
    let json: serde_json::Value = serde_json::from_slice(&manifest.bytes).expect("JSON");
    let config = json["config"]["digest"].as_str().expect("a config");
    (digest, Digest::parse(config).expect("a digest"))
}

fn in_both(registry: &Sandbox, repository: &str, sha: &str) -> (Digest, Digest) {
    digests(registry, &path(repository), sha)
}

fn listed(home: &Home, list: &str) {
    home.file("running", list);
}

fn cleanup(home: &Home, run: &dyn Fn(&[&str]) -> Run, list: &str) -> Run {
    listed(home, list);
    run(&["cleanup", "--in-use", "running", "--format", "json"])
}

/// How many copies of the expired release go, by what was listed.
fn going(run: &Run) -> usize {
    assert_eq!(run.code, 0, "{run:?}");
    decided(&run.json(), "delete").len()
}

#[test]
fn an_id_protects_what_it_is_the_config_or_manifest_of() {
    let world = plain();
    let (manifest, config) = digests(&world.east, &backend(), OLD);
    let both = both();
    let (docr, docr_config) = in_both(&both.docr, "acme/team/backend", OLD);
    let east = format!("{}/acme/backend:prod-latest", world.east.addr());
    let known = format!("{}/acme/team/backend:prod-latest", both.docr.addr());
    for (home, run, of, ids) in [
        (
            &world.home,
            &(|words: &[&str]| world.tags(words)) as &dyn Fn(&[&str]) -> Run,
            east,
            [manifest, config],
        ),
        (&both.home, &|words: &[&str]| both.run(words), known, [docr, docr_config]),
    ] {
        assert!(going(&cleanup(home, run, &of)) > 0);
        for id in ids {
            let hex = id.encoded();
            for form in [hex[..12].to_owned(), format!("docker://{id}")] {
                let kept = cleanup(home, run, &format!("{of}\n{form}\n{REDIS}\n"));
                assert_eq!(going(&kept), 0, "{form}: {kept:?}");
                assert!(kept.stderr.contains("2 of the policy's images, 1 of others"), "{kept:?}");
                // A list of nothing but IDs is one, too.
                assert_eq!(going(&cleanup(home, run, &form)), 0, "{form}");
            }
        }
        let unknown = cleanup(home, run, REDIS);
        assert!(
            unknown.code == 5 && unknown.stderr.contains("--allow-empty-in-use"),
            "{unknown:?}"
        );
    }
    assert_eq!(deletions(&world), 0);
}

#[test]
fn a_digest_protects_in_every_repository_whatever_it_was_pulled_by() {
    let world = plain();
    let (digest, _) = digests(&world.east, &backend(), OLD);
    let run = |words: &[&str]| world.tags(words);
    for reference in [
        format!("harbor.example.com/ghcr-proxy/acme/backend@{digest}"),
        format!("docker.io/library/redis:7@{digest}"),
    ] {
        let kept = cleanup(&world.home, &run, &reference);
        assert_eq!(going(&kept), 0, "{kept:?}");
        let json = kept.json();
        let entries = json["entries"].as_array().expect("entries").iter();
        let in_use = entries.filter(|entry| entry["reason"]["code"] == "in-use");
        assert_eq!(in_use.count(), 2, "in both registries: {json}");
    }
}

#[test]
fn a_reference_by_a_mirror_of_the_policy_is_its_own() {
    let mirrored = |text: String| {
        text.replacen(
            "kind = \"oci\"",
            "kind = \"oci\"\nmirrors = [\"harbor.example.com/proxy\", \"cache.local:5000\"]",
            1,
        )
    };
    let world = plain().policy(mirrored);
    let run = |words: &[&str]| world.tags(words);
    for host in ["harbor.example.com/proxy", "HARBOR.example.com:443/proxy", "cache.local:5000"] {
        let kept = cleanup(&world.home, &run, &format!("{host}/acme/backend:prod-{OLD}"));
        assert_eq!(going(&kept), 0, "{host}: {kept:?}");
        listed(&world.home, &format!("{host}/acme/backend:prod-{OLD}"));
        let verify = ["verify", "prod", "--sha", NEW, "--running", "running", "--format", "json"];
        let told = world.tags(&verify);
        assert_eq!(findings(&told.json())[0].0, "running-elsewhere", "{told:?}");
        let target = world.tags(&["rollback-target", "prod", "--running", "running"]);
        assert!(
            target.stderr.contains(OLD) && target.stderr.contains("it is running"),
            "{target:?}"
        );
    }
    for other in ["harbor.example.com/proxy2", "harbor.example.com", "harbor.example.com/proxy/x"] {
        let list = format!(
            "{}/acme/backend:prod-latest\n{other}/acme/backend:prod-{OLD}",
            world.east.addr()
        );
        assert_eq!(going(&cleanup(&world.home, &run, &list)), DOOMED, "{other}");
    }
    let both = both().policy(|text| {
        let docr = "kind = \"docr\"\nmirrors = [\"harbor.example.com/do\"]";
        let ghcr = "kind = \"ghcr\"\nmirrors = [\"harbor.example.com/gh\"]";
        text.replacen("kind = \"docr\"", docr, 1).replacen("kind = \"ghcr\"", ghcr, 1)
    });
    let run = |words: &[&str]| both.run(words);
    // With the registry's namespace, or below it.
    for path in
        ["do/acme/team/backend", "do/team/backend", "gh/acme-inc/team/backend", "gh/team/backend"]
    {
        let kept = cleanup(&both.home, &run, &format!("harbor.example.com/{path}:prod-{OLD}"));
        assert_eq!(going(&kept), 0, "{path}: {kept:?}");
    }
}

#[test]
fn a_reference_that_fits_but_for_its_host_is_named_with_the_line_to_add() {
    let world = plain();
    let run = |words: &[&str]| world.tags(words);
    let stray = format!("harbor.example.com/ghcr-proxy/acme/backend:prod-{OLD}");
    let list = format!("{}/acme/frontend:prod-latest\n{stray}\nredis:7\n", world.east.addr());
    let told = cleanup(&world.home, &run, &list);
    let line = "add `mirrors = [\"harbor.example.com/ghcr-proxy\"]` to `[registry.east]`";
    assert!(told.stderr.contains(&stray) && told.stderr.contains(line), "{told:?}");
    let warnings = told.json()["warnings"].clone();
    let shown = warnings.as_array().expect("warnings").iter().filter_map(|w| w.as_str());
    assert_eq!(shown.filter(|text| text.contains(line)).count(), 1, "{warnings}");
    listed(&world.home, &format!("{}/acme/backend:prod-{NEW}\n{stray}\n", world.east.addr()));
    let verify = world.tags(&["verify", "prod", "--sha", NEW, "--running", "running"]);
    assert!(verify.code == 0 && verify.stderr.contains(line), "{verify:?}");
    listed(&world.home, &stray);
    let alone = world.tags(&["verify", "prod", "--sha", NEW, "--running", "running"]);
    assert!(alone.code == 2 && alone.stderr.contains(line), "{alone:?}");
}

#[test]
fn verify_tells_an_id_by_its_release_and_never_calls_an_unknown_one_fine() {
    let world = World::filled();
    let both = both();
    for (home, run, config) in [
        (
            &world.home,
            &(|words: &[&str]| world.tags(words)) as &dyn Fn(&[&str]) -> Run,
            &(|sha: &str| digests(&world.east, &backend(), sha))
                as &dyn Fn(&str) -> (Digest, Digest),
        ),
        (&both.home, &|words: &[&str]| both.run(words), &|sha: &str| {
            in_both(&both.ghcr, "acme-inc/team/backend", sha)
        }),
    ] {
        let verify = |list: &str, more: &[&str]| {
            listed(home, list);
            let words =
                ["verify", "prod", "--sha", NEW, "--running", "running", "--format", "json"];
            run(&[&words[..], more].concat())
        };
        for more in [&[][..], &["--quick"]] {
            let (manifest, image) = config(NEW);
            for id in [&image.encoded()[..12], &image.to_string(), &manifest.encoded()] {
                assert_eq!(verify(id, more).code, 0, "{id}");
            }
            let other = verify(&config(MID).1.encoded()[..12], more);
            assert_eq!((other.code, &*findings(&other.json())[0].0), (1, "running-elsewhere"));
            assert!(other.stdout.contains(&format!("prod-{MID}")), "{other:?}");
            let unknown = verify(&format!("{image}\n{REDIS}"), more);
            assert_eq!((unknown.code, &unknown.json()["outcome"]), (3, &"unknown".into()));
            assert_eq!(findings(&unknown.json())[0].0, "running-unknown", "{unknown:?}");
            assert!(unknown.stdout.contains(REDIS) && unknown.stdout.contains("docker inspect"));
        }
    }
}

#[test]
fn the_way_back_begins_at_what_an_id_shows_to_run_and_at_from_before_that() {
    let world = World::filled();
    let (_, config) = digests(&world.west, &path("acme/frontend"), MID);
    listed(&world.home, &format!("{}\nredis:7\n", &config.encoded()[..12]));
    let running = ["rollback-target", "prod", "--running", "running"];
    let run = world.tags(&running);
    assert_eq!((run.code, run.stdout.as_str()), (0, &*format!("{OLD}\n")), "{run:?}");
    let from = world.tags(&[&running[..], &["--from", NEW]].concat());
    assert_eq!((from.code, from.stdout.as_str()), (0, &*format!("{MID}\n")), "{from:?}");
    listed(&world.home, &format!("{config}\n{REDIS}\n"));
    let unknown = world.tags(&[&running[..], &["--format", "json"]].concat());
    assert_eq!((unknown.code, &unknown.json()["outcome"]), (3, &"unknown".into()), "{unknown:?}");
    assert!(unknown.stderr.contains(REDIS) && unknown.stderr.contains("--from"), "{unknown:?}");
}
