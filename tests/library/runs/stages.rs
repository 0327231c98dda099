//! Migrations and deployments of single runs: a table of histories and what is found in each.

use tags::model::Conclusion::{self, Cancelled, Failure, Skipped, Success, TimedOut};
use tags::pipeline::{Attempt, newest_deployed};

use crate::runs::scene::{DEPLOY, MIGRATE, Said, after_others, codes, environment, judge, run};

/// What is found in a run that follows on good ones.
fn found(run: Attempt) -> Vec<&'static str> {
    let verdict = judge(&environment(""), &after_others(run));
    let codes = codes(&verdict);
    assert!(codes.iter().all(|(_, run)| matches!(run, Some(12) | None)), "{codes:?}");
    codes.into_iter().map(|(code, _)| code).collect()
}

const OTHER_MIGRATION: &str = "migrate-search";

#[test]
fn every_history_has_its_findings() {
    let none: &[&str] = &[];
    let migrate = |end, seconds: i64| run(12).job(MIGRATE, end, (120, 120 + seconds));
    let then = |attempt: Attempt, from| attempt.job(DEPLOY, Success, (from, from + 60));
    let table: Vec<(&str, Attempt, &[&str])> = vec![
        ("all is well", run(12), none),
        ("migrations at their limit", then(migrate(Success, 900), 1020), none),
        ("over it", then(migrate(Success, 901), 1021), &["migrate-slow"]),
        (
            "killed, called cancelled",
            migrate(Cancelled, 902).without(DEPLOY).ended(Cancelled),
            &["migrate-killed"],
        ),
        (
            "killed, called timed out",
            migrate(TimedOut, 870).without(DEPLOY).ended(Cancelled),
            &["migrate-killed"],
        ),
        ("cancelled by somebody", migrate(Cancelled, 869).without(DEPLOY).ended(Cancelled), none),
        (
            "timed out at a shorter limit of its own",
            migrate(TimedOut, 300).without(DEPLOY).ended(Cancelled),
            &["migrate-failed"],
        ),
        ("failed", migrate(Failure, 60).without(DEPLOY).ended(Cancelled), &["migrate-failed"]),
        ("no migration at all", run(12).without(MIGRATE), &["migrate-missing"]),
        ("skipped", run(12).job(MIGRATE, Skipped, (120, 120)), &["migrate-missing"]),
        (
            "one of two skipped",
            run(12).job(OTHER_MIGRATION, Skipped, (120, 120)),
            &["migrate-missing"],
        ),
        (
            "nothing deployed, nothing migrated",
            run(12).job(MIGRATE, Skipped, (1, 1)).job(DEPLOY, Skipped, (1, 1)),
            none,
        ),
        ("a run without such jobs", run(12).without(MIGRATE).without(DEPLOY), none),
        ("deployed at the same second", then(migrate(Success, 120), 240), none),
        ("deployed too early", then(migrate(Success, 120), 239), &["deploy-before-migrate"]),
        (
            "deployed although the migration failed",
            then(migrate(Failure, 60), 240).ended(Cancelled),
            &["migrate-failed", "deploy-before-migrate"],
        ),
        ("deployed at the limit", run(12).job(DEPLOY, Success, (250, 1200)), none),
        ("over it", run(12).job(DEPLOY, Success, (250, 1201)), &["deploy-slow"]),
        (
            "the second attempt is counted from its own beginning",
            run(12).again_after(5000).job(DEPLOY, Success, (5010, 5100)),
            none,
        ),
        (
            "the deployment was in the first attempt, and the second repaired something else",
            run(12).again_after(5000).job("smoke test", Success, (5010, 5100)),
            none,
        ),
        (
            "an earlier attempt was slow",
            run(12).job(DEPLOY, Success, (250, 1201)).again_after(5000),
            &["deploy-slow"],
        ),
        (
            "two migrations, slow only together",
            run(12)
                .job(MIGRATE, Success, (100, 600))
                .job(OTHER_MIGRATION, Success, (600, 1001))
                .job(DEPLOY, Success, (1001, 1100)),
            &["migrate-slow"],
        ),
        (
            "the same in two attempts",
            run(12)
                .job(MIGRATE, Success, (100, 600))
                .again_after(9000)
                .job(OTHER_MIGRATION, Success, (9000, 9401))
                .job(DEPLOY, Success, (9401, 9500)),
            none,
        ),
    ];
    for (what, run, expected) in table {
        assert_eq!(found(run), expected, "{what}");
    }
}

#[test]
fn without_migrate_jobs_migrations_are_not_judged() {
    let mut environment = environment("");
    environment.deploys.as_mut().expect("deploys").migrate_jobs.clear();
    let verdict = judge(&environment, &after_others(run(12).without(MIGRATE)));
    assert_eq!(codes(&verdict), []);
    assert!(verdict.runs.iter().all(|run| run.migrate.is_none()));
}

#[test]
fn a_skipped_job_is_never_a_success() {
    let second = "deploy-prod / Deploy frontend";
    let one = run(12).job(second, Skipped, (1, 1));
    let verdict = judge(&environment(""), std::slice::from_ref(&one));
    let deploy = verdict.runs[0].deploy.as_ref().expect("a deployment");
    assert_eq!(deploy.conclusion, Skipped);
    let environment = environment("");
    let deploys = environment.deploys.as_ref().expect("deploys");
    assert_eq!(newest_deployed(deploys, &[one], 1), []);
}

#[test]
fn the_gravest_end_of_its_jobs_is_that_of_a_stage() {
    let second = "deploy-prod / Deploy frontend";
    for (end, expected) in [
        (Success, Success),
        (Failure, Failure),
        (Cancelled, Cancelled),
        (Conclusion::Neutral, Conclusion::Neutral),
        (Conclusion::Stale, Conclusion::Stale),
    ] {
        let verdict = judge(&environment(""), &[run(12).job(second, end, (250, 260))]);
        assert_eq!(verdict.runs[0].deploy.as_ref().map(|stage| stage.conclusion), Some(expected));
    }
}

#[test]
fn the_logs_of_what_was_deployed_last_are_read() {
    let environment = environment("");
    let deploys = environment.deploys.as_ref().expect("deploys");
    // An old run that was run again after the others deployed last.
    let again = run(1).again_after(90_000).job(DEPLOY, Success, (90_010, 90_100));
    let failed = run(3).job(DEPLOY, Failure, (250, 300));
    let runs = [again, run(2), failed];
    let ids = |most| newest_deployed(deploys, &runs, most).into_iter().map(|id| id.0);
    assert_eq!(ids(1).collect::<Vec<_>>(), [1]);
    assert_eq!(ids(9).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ids(0).count(), 0);
}
