//! `--shard I/N`: the shards of a cleanup decide what one run decides, each about its own repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::Stdio;

use chrono::TimeDelta;
use serde_json::Value;
use tags::policy::{Policy, Shard, parse};
use tags::sandbox::content::{BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings};

use crate::support::program::{Home, Run};
use crate::support::registries;
use crate::world::{MID, NEW, OLD, build, push};

const SHARDS: u32 = 8;
const TEAMS: usize = 50;

/// A policy of many teams, each with an environment of four images, and one image of no environment.
fn policy_of(url: &str, teams: usize) -> String {
    let mut text = format!("version = 1\n[registry.hub]\nkind = \"oci\"\nurl = \"{url}\"\n");
    text += "[image.lone]\nrepositories = { hub = \"acme/lone\" }\n";
    let mut names = Vec::new();
    for team in 0..teams {
        let images: Vec<String> = (0..4).map(|image| format!("t{team}-{image}")).collect();
        for image in &images {
            text += &format!("[image.{image}]\nrepositories = {{ hub = \"acme/{image}\" }}\n");
        }
        text += &format!(
            "[environment.prod-{team}]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\norder = \"built\"\nimages = {images:?}\n"
        );
        names.push(format!("prod-{team}"));
    }
    text += &format!("[[retention]]\nenvironments = {names:?}\nkeep-last = 1\n");
    text + "[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"1d\"\n[protect]\nrollback-depth = 0\nmin-age = \"0s\"\n[limits]\nmax-share = 1.0\nmax-deletions = 5000\n"
}

/// A registry in which each team has two releases; every fifth team has a third.
fn fleet() -> (Sandbox, Home) {
    let registry = registries::start(Settings::default());
    for team in 0..TEAMS {
        for image in 0..4 {
            let name = format!("t{team}-{image}");
            let releases = [(OLD, 3), (MID, 2), (NEW, 1)];
            for (sha, age) in releases.into_iter().skip(usize::from(team % 5 != 0)) {
                let built =
                    BuiltImage::single(&build(&name, sha, TimeDelta::days(age)), Format::Oci);
                push(&registry, &name, &built, &[&format!("prod-{sha}"), "prod-latest"]);
            }
        }
    }
    let lone = BuiltImage::single(&build("lone", OLD, TimeDelta::days(9)), Format::Oci);
    push(&registry, "lone", &lone, &["pr-1"]);
    let kept = BuiltImage::single(&build("lone", NEW, TimeDelta::days(0)), Format::Oci);
    push(&registry, "lone", &kept, &["v1"]);
    let home = Home::of(&policy_of(&registry.url(), TEAMS));
    (registry, home)
}

/// The decisions of a plan, by repository and digest.
fn decisions(run: &Run) -> BTreeMap<String, String> {
    assert_eq!(run.code, 0, "{run:?}");
    let plan = run.json();
    let entries = plan["entries"].as_array().expect("entries").iter();
    let decision = |entry: &Value| {
        let key = format!("{}@{}", entry["repository"], entry["digest"]);
        (key, format!("{} {} {}", entry["decision"], entry["untag"], entry["reason"]))
    };
    entries.map(decision).collect()
}

fn cleanup(home: &Home, more: &[&str]) -> Run {
    home.tags(&[&["cleanup", "--format", "json"], more].concat())
}

#[test]
fn eight_shards_of_two_hundred_images_decide_what_one_run_decides() {
    let (registry, home) = fleet();
    let running = format!("{}/acme/t0-1:prod-{OLD}\n", registry.addr());
    home.file("running", &running);
    let in_use = ["--in-use", "running"];
    let whole = decisions(&cleanup(&home, &in_use));
    assert!(whole.values().filter(|decision| decision.starts_with("\"delete")).count() > 200);
    let mut all = BTreeMap::new();
    for index in 0..SHARDS {
        let shard = format!("{index}/{SHARDS}");
        let run = cleanup(&home, &[&["--shard", &shard][..], &in_use].concat());
        assert_eq!(run.json()["shard"], shard);
        for (key, decision) in decisions(&run) {
            assert!(all.insert(key.clone(), decision).is_none(), "{key} is in two shards");
        }
    }
    assert!(all == whole, "the shards decide something else");
    // Kubernetes gives the index; and nobody is hurt by counting from 1.
    let indexed = |index: &str, words: &[&str]| {
        let words = [&["cleanup", "--format", "json", "--shard"], words].concat();
        decisions(&home.run(&words, |command| command.env("JOB_COMPLETION_INDEX", index)))
    };
    assert_eq!(indexed("0", &["8"]), indexed("5", &["8/8"]));
    for wrong in ["8", "9/8", "0/0", "x"] {
        let run = cleanup(&home, &["--shard", wrong]);
        assert_eq!(run.code, 2, "{wrong}: {run:?}");
    }
}

#[test]
fn what_runs_in_another_cluster_is_refused_in_every_shard() {
    let (_registry, home) = fleet();
    home.file("foreign", &format!("other.example/y@sha256:{}\n", "e".repeat(64)));
    for shard in ["0/8", "5/8"] {
        let run = cleanup(&home, &["--shard", shard, "--in-use", "foreign"]);
        assert_eq!(run.code, 5, "{run:?}");
    }
}

#[test]
fn the_pages_of_all_shards_tell_of_each_environment_once() {
    let (_registry, home) = fleet();
    let mut seen = BTreeSet::new();
    for index in 0..SHARDS {
        let shard = format!("{index}/{SHARDS}");
        let run = home.tags(&["report", "--format", "json", "--shard", &shard]);
        assert_eq!(run.code, 0, "{run:?}");
        for environment in run.json()["environments"].as_array().expect("environments") {
            let name = environment["environment"].as_str().expect("a name").to_owned();
            assert!(seen.insert(name), "{environment} is in two shards");
        }
    }
    assert_eq!(seen.len(), TEAMS);
}

#[test]
fn a_plan_of_a_shard_is_applied_in_that_shard() {
    let (registry, home) = fleet();
    let planned = cleanup(&home, &["--shard", "3/8", "--out", "plan.json"]);
    let goes: BTreeSet<String> = decisions(&planned)
        .into_iter()
        .filter_map(|(key, decision)| decision.starts_with("\"delete").then_some(key))
        .collect();
    let before = registry.requests().len();
    let applied = home.tags(&["apply", "plan.json", "--format", "json"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(registries::deletions(&registry).len(), goes.len());
    let own: BTreeSet<String> = goes
        .iter()
        .filter_map(|key| Some(key.split('/').nth(2)?.split('"').next()?.to_owned()))
        .collect();
    let requests = registry.requests();
    let asked: BTreeSet<&str> =
        requests[before..].iter().filter_map(|one| one.target.split('/').nth(3)).collect();
    assert!(asked.iter().all(|name| own.contains(*name)), "{asked:?} but not {own:?}");
    let state = home.path().join(".local/state/tags");
    assert!(state.join("shard-3-of-8").is_dir(), "each shard has its own journals");
    // The others have not been touched, and go on at the same time.
    let running = [0, 1, 2].map(|index| {
        let shard = format!("{index}/8");
        let mut command = home.command(&["cleanup", "--apply", "--shard", &shard]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a run")
    });
    for mut run in running {
        assert!(run.wait().expect("an end").success());
    }
}

/// Which shard each repository of a policy is in.
fn places(text: &str, count: u32) -> BTreeMap<String, u32> {
    let policy = parse("tags.toml", text).expect("a policy");
    let mut places = BTreeMap::new();
    for index in 0..count {
        let shard = Shard::new(index, NonZeroU32::new(count).expect("a count")).expect("a shard");
        let part: Policy = policy.clone().of_shard(shard);
        for environment in part.environments.values() {
            let images = environment.images.values().flat_map(|image| image.repositories.values());
            assert!(images.into_iter().all(|at| part.repositories.contains_key(at)));
        }
        for repository in part.repositories.keys() {
            assert_eq!(places.insert(repository.to_string(), index), None, "{repository}");
        }
    }
    assert_eq!(places.len(), policy.repositories.len());
    places
}

#[test]
fn every_repository_is_in_one_shard_and_stays_there_when_others_are_added() {
    let url = "http://127.0.0.1:5000";
    let (few, many) = (places(&policy_of(url, 30), 8), places(&policy_of(url, 50), 8));
    assert!(few.iter().all(|(repository, shard)| many[repository] == *shard));
    let more = policy_of(url, 50).replace(
        "[environment.prod-7]",
        "[image.added]\nrepositories = { hub = \"acme/added\" }\n[environment.prod-7]",
    );
    let more = more.replace("images = [\"t7-0\"", "images = [\"added\", \"t7-0\"");
    let added = places(&more, 8);
    assert!(many.iter().all(|(repository, shard)| added[repository] == *shard));
    assert_eq!(added["127.0.0.1:5000/acme/added"], added["127.0.0.1:5000/acme/t7-3"]);
    let each: BTreeSet<u32> = many.values().copied().collect();
    assert_eq!(each.len(), 8, "no shard is empty");
    // Environments that share a repository stay together, also by way of a third.
    let bridge =
        policy_of(url, 50).replace("images = [\"t7-0\"", "images = [\"t8-0\", \"t9-0\", \"t7-0\"");
    let bridge = bridge.replacen("sha-tag = \"prod-{sha}\"\nlatest-tag = \"prod-latest\"\norder = \"built\"\nimages = [\"t8-0\", \"t9-0\"", "sha-tag = \"uat-{sha}\"\nlatest-tag = \"uat-latest\"\norder = \"built\"\nimages = [\"t8-0\", \"t9-0\"", 1);
    let bridged = places(&bridge, 8);
    let of = |name: &str| bridged[&format!("127.0.0.1:5000/acme/{name}")];
    assert!(of("t7-1") == of("t8-1") && of("t8-1") == of("t9-3"));
}

#[test]
fn the_examples_for_kubernetes_give_arguments_that_the_program_takes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kubernetes");
    let read = |name: &str| std::fs::read_to_string(examples.join(name)).expect("an example");
    let home = Home::new();
    for name in ["base/cleanup.yaml", "sharded/kustomization.yaml", "rollback-target.yaml"] {
        let text = read(name);
        let (_, arguments) = text.split_once("args: [").expect("arguments");
        let (arguments, _) = arguments.split_once(']').expect("an end");
        let words: Vec<&str> = arguments.split(", ").map(|word| word.trim_matches('"')).collect();
        let run = home.run(&words, |command| command.env("JOB_COMPLETION_INDEX", "7"));
        assert!(run.code == 2 && run.stderr.contains("no policy file found"), "{name}: {run:?}");
    }
    let access = read("base/access.yaml");
    for kind in crate::cluster::KINDS.map(|(path, _)| path.rsplit('/').next().expect("a kind")) {
        let listed = access.split(['[', ']', ',']).any(|word| word.trim() == kind);
        assert!(listed, "the role may not list {kind}");
    }
}
