//! Rates over many runs, and their change.

use tags::model::Conclusion::{
    self, ActionRequired, Cancelled, Failure, Neutral, Skipped, Stale, StartupFailure, Success,
    TimedOut,
};
use tags::pipeline::{Attempt, Rates, RunScope, RunsInput, Split, judge_runs};

use crate::runs::scene::{DEPLOY, MIGRATE, Said, codes, environment, judge, run};

/// So many runs with this end, the rest of them good.
fn history(count: u64, bad: u64, end: Conclusion) -> Vec<Attempt> {
    (1..=count).map(|n| if n <= bad { run(n).ended(end) } else { run(n) }).collect()
}

fn failed_migration(number: u64) -> Attempt {
    run(number).job(MIGRATE, Failure, (120, 130)).without(DEPLOY).ended(Failure)
}

#[test]
fn a_rate_over_its_limit_is_found_and_one_at_it_is_not() {
    for (count, bad, expected) in [
        (20, 1, vec![]),
        (20, 2, vec![("failure-rate", None)]),
        (30, 1, vec![]),
        (30, 2, vec![("failure-rate", None)]),
        (10, 1, vec![("failure-rate", None)]),
        (9, 9, vec![("few-runs", None)]),
        (0, 0, vec![("few-runs", None)]),
    ] {
        let verdict = judge(&environment(""), &history(count, bad, Failure));
        assert_eq!(codes(&verdict), expected, "{bad} of {count}");
    }
}

#[test]
fn limits_are_those_of_the_environment() {
    let lenient = environment("runs = { max-failure-rate = 0.5, max-migrate-failure-rate = 0.5 }");
    let mut runs = history(20, 9, Failure);
    runs.push(failed_migration(21));
    let verdict = judge(&lenient, &runs);
    assert_eq!(verdict.rates, Rates { runs: 21, failed: 10, migrate_failed: 1 });
    assert_eq!(codes(&verdict), [("migrate-failed", Some(21))]);
}

#[test]
fn failed_migrations_have_a_rate_of_their_own() {
    let mut runs: Vec<Attempt> = (1..=20).map(run).collect();
    runs.push(failed_migration(21));
    let found = codes(&judge(&environment(""), &runs));
    assert_eq!(found, [("migrate-failure-rate", None), ("migrate-failed", Some(21))]);
}

#[test]
fn what_nobody_judged_stands_outside_the_rates() {
    for end in [Cancelled, Skipped, Neutral, Stale, ActionRequired] {
        let verdict = judge(&environment(""), &history(20, 8, end));
        assert_eq!(verdict.rates, Rates { runs: 12, ..Rates::default() }, "{end:?}");
        assert_eq!(codes(&verdict), [], "{end:?}");
        // Together they are too few.
        assert_eq!(codes(&judge(&environment(""), &history(20, 11, end))), [("few-runs", None)]);
    }
    for end in [Failure, TimedOut, StartupFailure, Conclusion::Other] {
        assert_eq!(judge(&environment(""), &history(20, 8, end)).rates.failed, 8, "{end:?}");
    }
}

#[test]
fn one_run_alone_has_no_rate() {
    let environment = environment("");
    let deploys = environment.deploys.as_ref().expect("deploys");
    let attempts = [run(12).ended(Failure)];
    let logs = std::collections::BTreeMap::new();
    let scope = RunScope::One;
    let input =
        RunsInput { environment: &environment, deploys, attempts: &attempts, logs: &logs, scope };
    assert_eq!(codes(&judge_runs(&input)), []);
}

#[test]
fn a_split_has_both_rates_and_their_difference() {
    // Two of the first ten failed, then one of ten.
    let mut runs = history(20, 2, Failure);
    runs[15] = failed_migration(16);
    let verdict = judge(&environment(""), &runs);
    let change = run(11).run.created;
    let split = Split::of(&verdict.runs, change);
    assert_eq!(split.before, Rates { runs: 10, failed: 2, migrate_failed: 0 });
    assert_eq!(split.after, Rates { runs: 10, failed: 1, migrate_failed: 1 });
    let near = |value: Option<f64>, expected: f64| (value.expect("a rate") - expected).abs() < 1e-9;
    assert!(near(split.failure_difference(), -0.1));
    assert!(near(split.migrate_failure_difference(), 0.1));
    let all_before = Split::of(&verdict.runs, run(99).run.created);
    assert_eq!((all_before.after.runs, all_before.failure_difference()), (0, None));
}

#[test]
fn runs_are_in_the_same_order_whatever_their_input_order() {
    let mut runs = history(20, 3, Failure);
    let once = judge(&environment(""), &runs);
    runs.reverse();
    runs.swap(3, 9);
    assert_eq!(judge(&environment(""), &runs), once);
    let ids: Vec<u64> = once.runs.iter().map(|run| run.id.0).collect();
    assert_eq!(ids, (1..=20).rev().collect::<Vec<_>>());
    let bad = [run(5).job(DEPLOY, Success, (250, 9000)), run(6).without(MIGRATE)];
    let found = codes(&judge(&environment(""), &bad));
    // Errors before warnings, newest first.
    assert_eq!(found, [("migrate-missing", Some(6)), ("deploy-slow", Some(5)), ("few-runs", None)]);
}
