//! What an apply of 1,000 deletions costs behind 25 ms of latency: requests by method, and seconds,
//! on a registry of each kind.
//!
//! `TAGS_BENCH_PROGRAM` names another build of the program to be measured in the same way.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its program cannot go on")]

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Platform, RepositoryPath, TagName};
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Fault, FaultKind, Matcher, Sandbox, Settings, Store, Times};

const DELETIONS: i64 = 1_000;
const KEPT: i64 = 50;
const LATENCY: Duration = Duration::from_millis(25);
const TOKEN: &str = "dop_v1_0123456789abcdef";

fn main() {
    // Without it this is `cargo test --benches`, which only wants to see that it compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let now = now();
    println!("{DELETIONS} deletions behind {LATENCY:?}");
    measure("oci", Settings { now: Some(now), ..Settings::default() });
    measure("docr", Settings::docr(DocrSettings::new("acme", TOKEN), now));
    measure("ghcr", Settings::ghcr(GhcrSettings::new("acme", OwnerKind::Organization, TOKEN), now));
}

#[expect(clippy::disallowed_methods, reason = "the registries follow the clock of the program")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "another build may be measured")]
fn program() -> String {
    std::env::var("TAGS_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_tags").to_owned())
}

fn measure(kind: &str, settings: Settings) {
    let listen = ([127, 0, 0, 1], 0).into();
    let registry = Sandbox::start_in_background(listen, settings, Store::new()).unwrap();
    fill(&registry);
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("tags.toml"), policy(kind, &registry.url())).unwrap();
    remember(&registry, home.path());
    registry.faults().add(Fault {
        when: Matcher { method: None, path_contains: Some("/".to_owned()) },
        kind: FaultKind::Delay(LATENCY),
        times: Times::Always,
    });
    let begin = Instant::now();
    let run = Command::new(program())
        .args(["cleanup", "--apply", "--format", "json"])
        .current_dir(home.path())
        .env("HOME", home.path())
        .env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
        .env("GITHUB_TOKEN", TOKEN)
        .output()
        .unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    let code = run.status.code().unwrap_or(-1);
    let requests = registry.requests();
    let count = |method: &str| requests.iter().filter(|one| one.method == method).count();
    let [heads, gets, deletes] = ["HEAD", "GET", "DELETE"].map(count);
    println!(
        "{kind}: {seconds:.1} s, {heads} HEAD, {gets} GET, {deletes} DELETE, exit code {code}"
    );
}

fn path() -> RepositoryPath {
    RepositoryPath::parse("acme/backend").unwrap()
}

fn fill(registry: &Sandbox) {
    for number in 0..DELETIONS + KEPT {
        let created = now() - TimeDelta::days(400) + TimeDelta::hours(number);
        let platform =
            Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None };
        let revision = format!("{number:07x}");
        let build = Build { created, platform, text: revision.clone(), revision };
        let image = BuiltImage::single(&build, Format::Oci);
        let mut tags = vec![TagName::parse(&format!("prod-{number:07x}")).unwrap()];
        if number + 1 == DELETIONS + KEPT {
            tags.push(TagName::parse("prod-latest").unwrap());
        }
        registry.store().push(&path(), &image, &tags, Some(created));
    }
}

/// As if this machine had seen all of it long ago: a plain registry tells no push times.
fn remember(registry: &Sandbox, home: &std::path::Path) {
    let state = home.join(".local/state/tags");
    std::fs::create_dir_all(&state).unwrap();
    let host = registry.url().trim_start_matches("http://").to_owned();
    let mut text = format!("tags first-seen 1\n{host}/{}\n", path());
    let seen = (now() - TimeDelta::days(300)).timestamp();
    for digest in registry.store().manifests(&path()).into_keys() {
        writeln!(text, "{digest} {seen}").unwrap();
    }
    std::fs::write(state.join("first-seen.txt"), text).unwrap();
}

fn policy(kind: &str, url: &str) -> String {
    let registry = match kind {
        "oci" => format!("[registry.r]\nkind = \"oci\"\nurl = \"{url}\"\nnamespace = \"acme\"\n"),
        kind => format!(
            "[registry.r]\nkind = \"{kind}\"\nurl = \"{url}\"\napi-url = \"{url}\"\nnamespace = \"acme\"\n"
        ),
    };
    format!(
        "version = 1\n{registry}[image.backend]\nrepositories = {{ r = \"backend\" }}\n\
         [environment.prod]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n\
         [[retention]]\nenvironments = [\"prod\"]\nkeep-last = {KEPT}\n\
         [limits]\nmax-deletions = 2000\nmax-share = 1.0\n"
    )
}
