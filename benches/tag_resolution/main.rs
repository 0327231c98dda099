//! What tags point to, for 1,000 and 10,000 of them: through the library, beside a bare
//! keep-alive client that sends the same HEADs with as many under way. Aim: a ratio of 1.3.
//!
//! Registries run in other processes: the embedded one, also behind 25 ms of latency, and
//! Debian's `docker-registry` where it is installed.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its registry cannot go on")]

mod registry;
mod runner;

use std::time::Duration;

use runner::{Runner, Times};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == registry::SERVE) {
        return registry::serve(&arguments[1..]);
    }
    // Without it this is `cargo test --benches`, which only wants to see that it compiles.
    if arguments.iter().any(|argument| argument == "--bench") {
        // As the program has it: one thread, the registry has the other core.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run());
    }
}

async fn run() {
    for (tags, delay, rounds) in [(1_000, 0, 21), (10_000, 0, 9), (1_000, 25, 3), (10_000, 25, 1)] {
        let served = registry::embedded(tags, delay);
        let latency = if delay == 0 { String::new() } else { format!(", {delay} ms of latency") };
        measure(&format!("embedded registry{latency}"), &served.url, tags, rounds).await;
    }
    match registry::docker(1_000).await {
        Some(served) => measure("docker-registry", &served.url, 1_000, 9).await,
        None => println!("docker-registry: skipped, not installed (apt install docker-registry)"),
    }
}

/// Measures in turns, so that a busy moment of the machine meets all three.
async fn measure(what: &str, url: &str, tags: usize, rounds: usize) {
    let runner = Runner::new(url, tags);
    runner.round().await;
    let mut all = Vec::new();
    for _ in 0..rounds {
        all.push(runner.round().await);
    }
    let median = |pick: fn(&Times) -> Duration| {
        let mut times: Vec<Duration> = all.iter().map(pick).collect();
        times.sort();
        times[times.len() / 2]
    };
    let bare = median(|times| times.bare);
    println!("{what}, {tags} tags (median of {rounds})");
    print(tags, "bare client", bare, bare);
    print(tags, "library, HEADs", median(|times| times.heads), bare);
    print(tags, "library, inventory", median(|times| times.inventory), bare);
}

fn print(tags: usize, who: &str, took: Duration, bare: Duration) {
    let tags = u32::try_from(tags).unwrap_or(u32::MAX);
    let rate = f64::from(tags) / took.as_secs_f64();
    let ratio = took.as_secs_f64() / bare.as_secs_f64();
    println!("  {who:<20} {took:>9.1?}  {rate:>7.0} tags/s  ratio {ratio:.2}");
}
