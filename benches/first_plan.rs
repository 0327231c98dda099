//! A first cleanup plan over 12,000 manifests: with an empty cache, again with a full one, and without a
//! cache. Aim: filling the cache costs at most a fifth, and the second plan is faster than the first.
//!
//! `TAGS_BENCH_PROGRAM` names another build of the program to be measured in the same way.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its program cannot go on")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tags::model::{Platform, RepositoryPath, TagName};
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::{Sandbox, Settings, Store};

const IMAGES: [&str; 3] = ["backend", "frontend", "worker"];
/// Releases of each image. Every release is an index with two manifests and their configs.
const RELEASES: i64 = 1_334;
const ROUNDS: usize = 5;

fn main() {
    // Without it this is `cargo test --benches`, which only wants to see that it compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let listen = ([127, 0, 0, 1], 0).into();
    let settings = Settings { now: Some(now()), ..Settings::default() };
    let registry = Sandbox::start_in_background(listen, settings, Store::new()).unwrap();
    let manifests = fill(&registry);
    println!("a plan over {manifests} manifests, median of {ROUNDS}");
    let homes: Vec<_> = (0..ROUNDS).map(|_| home(&registry.url())).collect();
    let median = |options: &[&str]| {
        let mut seconds: Vec<f64> = homes.iter().map(|home| plan(home.path(), options)).collect();
        seconds.sort_by(f64::total_cmp);
        let all = registry.requests().len() / ROUNDS;
        registry.clear_requests();
        (seconds[ROUNDS / 2], all)
    };
    let (without, requests) = median(&["--no-cache"]);
    print("without a cache", without, without, requests);
    for what in ["empty cache", "full cache"] {
        let (seconds, requests) = median(&[]);
        print(what, seconds, without, requests);
    }
}

fn print(what: &str, seconds: f64, without: f64, requests: usize) {
    println!("  {what:<16} {seconds:>6.2} s  ratio {:.2}  {requests} requests", seconds / without);
}

#[expect(clippy::disallowed_methods, reason = "the registry follows the clock of the program")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

#[expect(clippy::disallowed_methods, reason = "another build may be measured")]
fn program() -> String {
    std::env::var("TAGS_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_tags").to_owned())
}

fn plan(home: &Path, options: &[&str]) -> f64 {
    let begin = Instant::now();
    let run = Command::new(program())
        .args(["cleanup", "--format", "json"])
        .args(options)
        .current_dir(home)
        .env("HOME", home)
        .output()
        .unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    seconds
}

fn fill(registry: &Sandbox) -> usize {
    let mut manifests = 0;
    for image in IMAGES {
        let path = RepositoryPath::parse(&format!("acme/{image}")).unwrap();
        for number in 0..RELEASES {
            let created = now() - TimeDelta::days(400) + TimeDelta::hours(number);
            let sha = format!("{number:07x}");
            let builds = ["amd64", "arm64"].map(|architecture| Build {
                created,
                platform: Platform {
                    os: "linux".to_owned(),
                    architecture: architecture.to_owned(),
                    variant: None,
                },
                text: format!("{image}-{sha}-{architecture}"),
                revision: sha.clone(),
            });
            let built = BuiltImage::index(&builds, Format::Oci, Provenance::None);
            let mut tags = vec![TagName::parse(&format!("prod-{sha}")).unwrap()];
            if number + 1 == RELEASES {
                tags.push(TagName::parse("prod-latest").unwrap());
            }
            registry.store().push(&path, &built, &tags, Some(created));
        }
        manifests += registry.store().manifests(&path).len();
    }
    manifests
}

fn home(url: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let images: String = IMAGES
        .iter()
        .map(|image| format!("[image.{image}]\nrepositories = {{ r = \"{image}\" }}\n"))
        .collect();
    let policy = format!(
        "version = 1\n[registry.r]\nkind = \"oci\"\nurl = \"{url}\"\nnamespace = \"acme\"\n{images}\
         [environment.prod]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n\
         [[retention]]\nenvironments = [\"prod\"]\nkeep-last = 50\n"
    );
    std::fs::write(home.path().join("tags.toml"), policy).unwrap();
    home
}
