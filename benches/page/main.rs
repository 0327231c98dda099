//! The page `docs/benchmarks.md`, printed as Markdown: what the program takes for three everyday pieces of
//! work, beside a bare HTTP client that sends only what must be sent, and beside other programs where they
//! are installed.
//!
//! `just benchmarks` writes the page.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its registry cannot go on")]

mod bare;
mod growth;
mod machine;
#[path = "../million/mod.rs"]
mod million;
mod peers;
mod world;

use std::time::{Duration, Instant};

use world::{Copying, TAG, World};

/// How often everything is measured; the table shows the median.
const ROUNDS: usize = 7;
/// How many tags are resolved, and how many are listed.
const RESOLVED: usize = 1_000;
const LISTED: usize = 5_000;
/// How many tags a program resolves that takes one tag a call; the table shows the time of all.
const CALLS: usize = 20;

/// Who does the work, and how long it took.
struct Row {
    who: String,
    took: Duration,
    note: String,
}

fn main() {
    // Without it this is `cargo test --benches`, which only wants to see that it compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("# Benchmarks\n");
    println!("Made by `just benchmarks` on {}. Everything is on one machine,", machine::name());
    println!(
        "so that the network costs nothing and the programs' own work shows. Each figure is the"
    );
    println!(
        "median of {ROUNDS} runs. The bare client is a loop of HTTP requests over connections that"
    );
    println!(
        "stay open; it starts no process, checks nothing and prints nothing. `tags` is built as it"
    );
    println!("is published, with `--profile dist`.\n");
    table("Resolve 1,000 tags to digests", &resolve());
    table("List 5,000 tags", &list());
    table("Copy an image of 48 MiB to another registry", &copy());
    decision();
}

/// How the decision of a cleanup grows with the number of tags.
fn decision() {
    println!("## Decide about the tags of two images in two registries\n");
    println!(
        "Without any registry: from the texts of their answers to the contents, and from these to the"
    );
    println!(
        "decision about each manifest. Each figure is that of the first run; memory is what the process"
    );
    println!("needed more at most.\n");
    println!("| Tags | Read | Memory a tag | Decide | Memory a tag |");
    println!("|--:|--:|--:|--:|--:|");
    for of in growth::measured() {
        let time = |took: Duration| format!("{:.0} ms", took.as_secs_f64() * 1000.0);
        let bytes =
            |each: Option<u64>| each.map_or("unknown".to_owned(), |each| format!("{each} B"));
        let (read, decide) = (time(of.read), time(of.decide));
        let (contents, decision) = (bytes(of.contents_bytes), bytes(of.decision_bytes));
        println!("| {} | {read} | {contents} | {decide} | {decision} |", grouped(of.tags));
    }
}

/// A number with a comma at each thousand.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|part| std::str::from_utf8(part).ok())
        .collect();
    parts.join(",")
}

fn table(title: &str, rows: &[Row]) {
    println!("## {title}\n");
    println!("| | Time | Ratio | |");
    println!("|---|--:|--:|---|");
    let bare = rows[0].took.as_secs_f64();
    for Row { who, took, note } in rows {
        let ratio = took.as_secs_f64() / bare;
        println!("| {who} | {:.0} ms | {ratio:.1} | {note} |", took.as_secs_f64() * 1000.0);
    }
    println!();
}

fn row(who: &str, took: Duration, note: &str) -> Row {
    Row { who: who.to_owned(), took, note: note.to_owned() }
}

/// The median of several runs.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn resolve() -> Vec<Row> {
    let world = World::with_tags(RESOLVED);
    let client = bare::Client::new(&world.url());
    let mut rows = vec![row("bare client", median(|| client.heads(RESOLVED)), "")];
    let list = median(|| world.tags(&["list", "prod", "--no-cache", "--format", "json"]));
    rows.push(row("`tags list`", list, "lists them too, and asks which are complete releases"));
    for peer in peers::installed() {
        let took = median(|| (0..CALLS).for_each(|n| peer.resolve(&world.host(), n)));
        let all = took * u32::try_from(RESOLVED / CALLS).unwrap();
        rows.push(row(&peer.shown("resolve"), all, "one call for each tag"));
    }
    rows
}

fn list() -> Vec<Row> {
    let world = World::with_tags(LISTED);
    let client = bare::Client::new(&world.url());
    let mut rows = vec![row("bare client", median(|| client.list(LISTED)), "")];
    rows.push(row("the library of `tags`", median(|| world.library_list(LISTED)), ""));
    for peer in peers::installed() {
        rows.push(row(&peer.shown("list"), median(|| peer.list(&world.host())), ""));
    }
    rows
}

fn copy() -> Vec<Row> {
    let copying = Copying::new();
    let mut rows = Vec::new();
    let bare = copying.median(|copying| bare::Client::new(&copying.from()).copy(&copying.to()));
    rows.push(row("bare client", bare, ""));
    let repair = copying.median(|copying| copying.tags(&["repair", "prod", "--apply", "--yes"]));
    rows.push(row("`tags repair`", repair, "compares the registries first, and checks the copy"));
    for peer in peers::installed() {
        let took = copying.median(|copying| peer.copy((&copying.from(), &copying.to()), TAG));
        rows.push(row(&peer.shown("copy"), took, ""));
    }
    rows
}
