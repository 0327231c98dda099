//! How much memory a report over 1,000,000 tags takes, beside the decision that it reports: what
//! the process needs at most during each step, less what it has before it.
//!
//! Linux only, since it reads `/proc/self`: `cargo bench --bench report`

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::time::Instant;

use tags::report::{Cleanup, CleanupCommand, Detail, Format, Report, View, json};
use tags::retention::{Plan, plan};

use million::{answers, contents, policy, with_input};

#[path = "million/mod.rs"]
mod million;

fn main() -> io::Result<()> {
    let policy = policy();
    let answers = answers(1_000_000);
    let contents = step("contents", || Ok(contents(&policy, &answers)))?;
    drop(answers);
    let plan = step("decision and plan", || Ok(with_input(&policy, &contents, plan)))?;
    // The program has no use for them once it has decided.
    drop(contents);
    say(&format!("{} entries\n", plan.entries.len()))?;
    step("size of the plan file", || size(&plan))?;
    let cleanup = Cleanup::planned(CleanupCommand::Cleanup, &policy, plan);
    let report = Report::Cleanup(cleanup);
    for (format, detail) in [
        (Format::Human, Detail::Short),
        (Format::Human, Detail::Whole),
        (Format::Markdown, Detail::Short),
        (Format::Json, Detail::Short),
    ] {
        let name = format!("{} ({detail:?})", format.name());
        step(&name, || written(&report, format, detail))?;
    }
    Ok(())
}

/// Does something, and says how long it took and how much memory.
fn step<T>(name: &str, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    // From here on the peak counts anew.
    fs::write("/proc/self/clear_refs", "5")?;
    let (before, start) = (kibibytes("VmRSS:")?, Instant::now());
    let done = act()?;
    let (peak, after) = (kibibytes("VmHWM:")?, kibibytes("VmRSS:")?);
    let mebibytes = |now: u64| now.saturating_sub(before) / 1024;
    say(&format!(
        "{name:<24} {:>6} ms   at most +{:>4} MiB   afterwards +{:>4} MiB\n",
        start.elapsed().as_millis(),
        mebibytes(peak),
        mebibytes(after)
    ))?;
    Ok(done)
}

/// Writes a report to a file, as `--out` and a redirected stdout do.
fn written(report: &Report, format: Format, detail: Detail) -> io::Result<u64> {
    let mut out = BufWriter::new(tempfile::tempfile()?);
    format.render(report, View { width: None, detail, commits: None, checkout: None }, &mut out)?;
    out.flush()?;
    Ok(out.get_ref().metadata()?.len())
}

/// How long the plan file is, as it is asked before a deletion.
fn size(plan: &Plan) -> io::Result<()> {
    json::plan(plan, &mut io::sink())
}

/// A line of `/proc/self/status`.
fn kibibytes(name: &str) -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("no {name} in /proc/self/status")))
}

fn say(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}
