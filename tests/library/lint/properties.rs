//! Any input ends in findings: mutated workflows never panic, hang or point outside of the file.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tags::lint::{Source, lint};

use crate::lint::mutation::PIECES;

pub(crate) const PIPELINES: [&str; 5] = [
    include_str!("pipelines/incident.yml"),
    include_str!("pipelines/matrix.yml"),
    include_str!("pipelines/shell.yml"),
    include_str!("pipelines/only_mentions.yml"),
    include_str!("pipelines/metadata.yml"),
];

fn check(bytes: Vec<u8>) {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let start = Instant::now();
    let findings = lint(&[Source { name: "a.yml".to_owned(), bytes }], None);
    assert!(start.elapsed() < Duration::from_secs(20));
    let lines = u32::try_from(text.split('\n').count()).expect("a number");
    for finding in findings {
        assert!(finding.at.line >= 1 && finding.at.line <= lines + 1, "{finding:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mutated_workflows_end_in_findings(
        which in 0..PIPELINES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len(), 0..40_usize), 1..12),
    ) {
        let mut chars: Vec<char> = PIPELINES[which].chars().collect();
        for (at, piece, gone) in changes {
            let at = at.index(chars.len().max(1)).min(chars.len());
            let end = (at + gone).min(chars.len());
            chars.splice(at..end, PIECES[piece].chars());
        }
        check(chars.into_iter().collect::<String>().into_bytes());
    }

    #[test]
    fn any_script_ends_in_findings(script in "[ -~\n]{0,200}") {
        let lines: String = script.lines().fold(String::new(), |all, line| all + "          " + line + "\n");
        check(format!("jobs:\n  a:\n    steps:\n      - run: |\n          true\n{lines}").into_bytes());
    }

    #[test]
    fn any_bytes_end_in_findings(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(bytes);
    }
}

/// A function that calls the next one twice.
fn call(number: usize) -> String {
    format!("f{number}() {{ f{0}; f{0}; }}; ", number + 1)
}

#[test]
fn nothing_deep_or_long_takes_for_ever() {
    let deep =
        |open: &str, close: &str| format!("a: {}{}", open.repeat(50_000), close.repeat(50_000));
    let script = |body: &str| format!("jobs:\n  a:\n    steps:\n      - run: \"{body}\"\n");
    let doubling: String = (0..60).map(|_| "A=$A$A; ").collect();
    let loops =
        "for x in a b c d e f g h; do ".repeat(12) + "docker push $x; " + &"done; ".repeat(12);
    let calls: String = (0..30).map(call).collect();

    for text in [
        deep("[", "]"),
        deep("{a: ", "}"),
        deep("- ", ""),
        script(&"(".repeat(20_000)),
        script(&"$(".repeat(20_000)),
        script(&"if true; then ".repeat(5_000)),
        script(&format!("A=x; {doubling} docker push $A")),
        script(&loops),
        script(&format!("{calls} f0")),
        script(&format!("${{{{ {} }}}}", "(".repeat(10_000))),
        script(&format!("${{{{ {}1 }}}}", "!".repeat(10_000))),
        script(&format!("${{{{ 1{} }}}}", " && 1".repeat(3_000))),
    ] {
        let start = Instant::now();
        check(text.clone().into_bytes());
        assert!(start.elapsed() < Duration::from_secs(10), "{}", &text[..60]);
    }
}

#[test]
fn a_megabyte_and_two_hundred_files_are_read_in_no_time() {
    let job = PIPELINES[1].split_once("jobs:\n").expect("jobs").1;
    let mut text = PIPELINES[1].split_once("jobs:\n").expect("jobs").0.to_owned() + "jobs:\n";
    for number in 0.. {
        if text.len() > 1_000_000 {
            break;
        }
        for name in ["build", "migrate", "deploy-frontend", "deploy-backend"] {
            text.push_str(
                &section(job, name).replace(&format!("  {name}:"), &format!("  {name}-{number}:")),
            );
        }
    }
    let start = Instant::now();
    let findings = lint(&[Source { name: "a.yml".to_owned(), bytes: text.into_bytes() }], None);
    assert!(!findings.is_empty());
    // Without optimisation; `benches/lint.rs` measures with it.
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
}

/// One job of a workflow.
fn section(jobs: &str, name: &str) -> String {
    let start = jobs.find(&format!("  {name}:\n")).expect("a job");
    let mut lines = jobs[start..].split_inclusive('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let rest = lines.take_while(|line| line.starts_with("    "));
    first + &rest.collect::<String>()
}
