//! How long the program takes to start: `tags --version`, median of 50. Aim: under 10 ms.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]
#![expect(clippy::unwrap_used, reason = "a benchmark without its program cannot go on")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 50;

fn main() {
    // Without it this is `cargo test --benches`, which only wants to see that it compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    start();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| start()).collect();
    times.sort();
    let (median, slowest) = (times[RUNS / 2], times[RUNS - 1]);
    println!("tags --version: median {median:.1?}, slowest {slowest:.1?} of {RUNS} (aim: 10 ms)");
}

fn start() -> Duration {
    let begin = Instant::now();
    let status =
        Command::new(env!("CARGO_BIN_EXE_tags")).arg("--version").stdout(Stdio::null()).status();
    assert!(status.unwrap().success(), "`tags --version` failed");
    begin.elapsed()
}
