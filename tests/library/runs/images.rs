//! What the logs of a run are judged by: each finding once, and once nearly.

use std::collections::BTreeMap;

use tags::model::{Digest, ImageName, Place, RegistryName, RunId};
use tags::pipeline::evidence::LogEvidence;
use tags::pipeline::{JobLog, JobRole, LogRead, RunLogs};
use tags::policy::Environment;

use crate::runs::log::{digest, pull, push, step, timed};
use crate::runs::scene::{
    DEPLOY, MIGRATE, OTHER, SHA, after_others, codes, environment, findings_of_logs,
    judge_with_logs, log, run,
};

const DOCR: &str = "registry.digitalocean.com/acme";

/// What is found when the deploy job printed this, and the build that.
fn found_in(environment: &Environment, deployed: &str, built: &str) -> Vec<&'static str> {
    let logs = vec![
        log("build", JobRole::Other, &timed(&step(&["docker push"], built))),
        log(MIGRATE, JobRole::Migrate, &timed("Applying 0002… OK")),
        log(DEPLOY, JobRole::Deploy, &timed(&step(&["docker pull"], deployed))),
    ];
    codes(&findings_of_logs(environment, logs)).into_iter().map(|(code, _)| code).collect()
}

fn found(deployed: &[String]) -> Vec<&'static str> {
    found_in(&environment(""), &deployed.join("\n"), "")
}

fn both(backend: &str, frontend: &str) -> [String; 2] {
    [pull(backend, 'b'), pull(frontend, 'f')]
}

#[test]
fn images_by_sha_tag_or_digest_are_in_order() {
    let none: [&str; 0] = [];
    let (backend, frontend) = (format!("{DOCR}/backend"), format!("{DOCR}/frontend"));
    for (what, [b, f]) in [
        ("SHA tags", both(&format!("{backend}:prod-{SHA}"), &format!("{frontend}:prod-{SHA}"))),
        (
            "short ones",
            both(&format!("{backend}:prod-1111111"), &format!("{frontend}:prod-1111111")),
        ),
        (
            "of another environment",
            both(&format!("{backend}:uat-{SHA}"), &format!("{frontend}:uat-{SHA}")),
        ),
        ("masked", both(&format!("***/***/backend:***-{SHA}"), &format!("***frontend:***-{SHA}"))),
        (
            "from GitHub, and a mirror",
            both(
                &format!("ghcr.io/acme-org/backend:prod-{SHA}"),
                &format!("mirror.example.com/do/frontend:prod-{SHA}"),
            ),
        ),
        (
            "by digest",
            both(&format!("{backend}@{}", digest('b')), &format!("{frontend}@{}", digest('f'))),
        ),
        (
            "a moving tag with a digest",
            both(
                &format!("{backend}:prod-latest@{}", digest('b')),
                &format!("{frontend}:prod-{SHA}"),
            ),
        ),
        // So much is masked that it may be either image; whichever it is, it is the right commit.
        ("all names masked", both(&format!("***:prod-{SHA}"), &format!("***:prod-{SHA}"))),
    ] {
        assert_eq!(found(&[b, f]), none, "{what}");
    }
}

#[test]
fn a_moving_tag_is_found() {
    let right = pull(&format!("{DOCR}/frontend:prod-{SHA}"), 'f');
    for tag in ["prod-latest", "latest", "***-latest", "main", "v1", "stable"] {
        let moving = pull(&format!("{DOCR}/backend:{tag}"), 'b');
        assert_eq!(found(&[moving, right.clone()]), ["deploy-by-moving-tag"], "{tag}");
    }
    // Nearly: the moving tag of an image that the policy does not know.
    let own = pull(&format!("{DOCR}/backend:prod-{SHA}"), 'b');
    for foreign in ["postgres:16", "redis:latest", "evil.example/acme/backend:prod-latest"] {
        assert_eq!(found(&[own.clone(), right.clone(), pull(foreign, 'p')]), [""; 0], "{foreign}");
    }
}

#[test]
fn another_commit_is_found() {
    let right = pull(&format!("{DOCR}/frontend:prod-{SHA}"), 'f');
    for tag in [format!("prod-{OTHER}"), "prod-2222222".to_owned(), format!("***-{OTHER}")] {
        let other = pull(&format!("{DOCR}/backend:{tag}"), 'b');
        assert_eq!(found(&[other, right.clone()]), ["deploy-other-sha"], "{tag}");
    }
}

#[test]
fn a_run_that_names_no_commit_must_deploy_only_one() {
    let environment = environment("");
    let mut attempt = run(12);
    attempt.run.event = "workflow_run".to_owned();
    let logs = |backend: &str, frontend: &str| {
        let both = both(
            &format!("{DOCR}/backend:prod-{backend}"),
            &format!("{DOCR}/frontend:prod-{frontend}"),
        );
        let logs = vec![log(DEPLOY, JobRole::Deploy, &both.join("\n"))];
        BTreeMap::from([(RunId(12), RunLogs { logs, tags: BTreeMap::new() })])
    };
    let found = |logs| codes(&judge_with_logs(&environment, &after_others(attempt.clone()), &logs));
    assert_eq!(found(logs(OTHER, OTHER)), []);
    assert_eq!(found(logs(SHA, OTHER)), [("deploy-other-sha", Some(12))]);
}

#[test]
fn another_digest_than_the_pushed_one_is_found() {
    let environment = environment("");
    let sha_tag = format!("prod-{SHA}");
    let pulls = |backend| {
        [
            pull(&format!("{DOCR}/backend:{sha_tag}"), backend),
            pull(&format!("{DOCR}/frontend:{sha_tag}"), 'f'),
        ]
        .join("\n")
    };
    let pushed = |name: &str, tag: &str, digit| push(&format!("{DOCR}/{name}"), tag, digit);
    for (what, deployed, built, expected) in [
        ("the same", pulls('b'), pushed("backend", &sha_tag, 'b'), vec![]),
        ("another", pulls('c'), pushed("backend", &sha_tag, 'b'), vec!["deploy-other-digest"]),
        ("another image's", pulls('c'), pushed("frontend", &sha_tag, 'f'), vec![]),
        ("of another tag", pulls('c'), pushed("backend", "cache", 'b'), vec![]),
        (
            "one of two builds",
            pulls('c'),
            format!("{}\n{}", pushed("backend", &sha_tag, 'b'), pushed("backend", &sha_tag, 'c')),
            vec![],
        ),
        (
            "pulled twice, with two digests",
            format!("{}\n{}", pulls('b'), pulls('c')),
            String::new(),
            vec!["deploy-other-digest"],
        ),
        (
            "pushed to the other registry",
            pulls('c'),
            push("ghcr.io/acme-org/backend", &sha_tag, 'b'),
            vec!["deploy-other-digest"],
        ),
        (
            "by digest",
            format!(
                "{}\n{}",
                pull(&format!("{DOCR}/backend@{}", digest('c')), 'c'),
                pull(&format!("{DOCR}/frontend:{sha_tag}"), 'f')
            ),
            pushed("backend", &sha_tag, 'b'),
            vec!["deploy-other-digest"],
        ),
    ] {
        assert_eq!(found_in(&environment, &deployed, &built), expected, "{what}");
    }
    // Where registries may differ, only the same repository is compared.
    let differing = self::environment("same-digest = false");
    let built = push("ghcr.io/acme-org/backend", &sha_tag, 'b');
    assert_eq!(found_in(&differing, &pulls('c'), &built), [""; 0]);
}

#[test]
fn another_digest_than_that_of_the_sha_tag_is_found() {
    let tags = |registry: &str, digit| {
        let place = Place {
            image: ImageName::parse("backend").expect("a name"),
            registry: RegistryName::parse(registry).expect("a name"),
        };
        BTreeMap::from([(place, Digest::parse(&digest(digit)).expect("a digest"))])
    };
    let found = |policy: &str, tag: &str, tags| {
        let pulls = both(&format!("{DOCR}/backend{tag}"), &format!("{DOCR}/frontend:prod-{SHA}"));
        let logs = vec![log(DEPLOY, JobRole::Deploy, &pulls.join("\n"))];
        let logs = BTreeMap::from([(RunId(12), RunLogs { logs, tags })]);
        let environment = environment(policy);
        let verdict = judge_with_logs(&environment, &after_others(run(12)), &logs);
        codes(&verdict).into_iter().map(|(code, _)| code).collect::<Vec<_>>()
    };
    let (tag, by_digest) = (format!(":prod-{SHA}"), format!("@{}", digest('b')));
    for tag in [&tag, ":prod-1111111", &format!(":***-{SHA}"), &by_digest] {
        assert_eq!(found("", tag, tags("docr", 'b')), [""; 0], "{tag}");
        assert_eq!(found("", tag, tags("docr", 'c')), ["deploy-other-digest"], "{tag}");
        assert_eq!(found("", tag, tags("ghcr", 'c')), ["deploy-other-digest"], "{tag}");
        assert_eq!(found("same-digest = false", tag, tags("ghcr", 'c')), [""; 0], "{tag}");
    }
    // By the tag of another environment the same build may come, and no other one.
    let other = format!(":uat-{SHA}");
    assert_eq!(found("", &other, tags("docr", 'b')), [""; 0]);
    assert_eq!(found("", &other, tags("docr", 'c')), ["deploy-other-digest"]);
}

#[test]
fn a_deployment_that_no_log_tells_of_is_found() {
    assert_eq!(found(&["done".to_owned()]), ["deploy-no-evidence"]);
    let half = pull(&format!("{DOCR}/backend:prod-{SHA}"), 'b');
    let verdict = findings_of_logs(&environment(""), vec![log(DEPLOY, JobRole::Deploy, &half)]);
    assert_eq!(codes(&verdict), [("deploy-no-evidence", Some(12))]);
    assert!(verdict.findings[0].message.contains("which image of frontend they"));
    // A tag of which nothing is left tells nothing, and neither does the log of a build.
    let masked = both(&format!("{DOCR}/backend:***"), &format!("{DOCR}/frontend:***-1111111"));
    assert_eq!(found(&masked), ["deploy-no-evidence"]);
    let built = both(&format!("{DOCR}/backend:prod-{SHA}"), &format!("{DOCR}/frontend:prod-{SHA}"));
    assert_eq!(found_in(&environment(""), "done", &built.join("\n")), ["deploy-no-evidence"]);
}

fn unread(job: &str, role: JobRole, log: LogRead) -> JobLog {
    JobLog { job: job.to_owned(), role, log }
}

#[test]
fn a_log_that_is_gone_is_a_warning_and_says_nothing_else() {
    let logs = vec![unread(DEPLOY, JobRole::Deploy, LogRead::Expired)];
    assert_eq!(codes(&findings_of_logs(&environment(""), logs)), [("log-expired", Some(12))]);
}

#[test]
fn of_a_log_that_is_too_long_the_finding_says_so() {
    let logs = vec![unread(DEPLOY, JobRole::Deploy, LogRead::Beginning(LogEvidence::default()))];
    let verdict = findings_of_logs(&environment(""), logs);
    assert_eq!(codes(&verdict), [("deploy-no-evidence", Some(12))]);
    assert!(verdict.findings[0].message.contains("only its beginning"));
}

#[test]
fn an_error_about_what_already_exists_counts_where_something_is_deployed() {
    let error = "ERROR:  relation \"users\" already exists";
    let pulls = both(&format!("{DOCR}/backend:prod-{SHA}"), &format!("{DOCR}/frontend:prod-{SHA}"));
    let deployed = || log(DEPLOY, JobRole::Deploy, &pulls.join("\n"));
    let found = |role| {
        let logs = vec![deployed(), log("other", role, error)];
        codes(&findings_of_logs(&environment(""), logs))
    };
    assert_eq!(found(JobRole::Migrate), [("already-exists", Some(12))]);
    // Tests provoke such errors.
    assert_eq!(found(JobRole::Other), []);
}

#[test]
fn no_line_of_a_log_is_in_a_finding_or_in_the_evidence() {
    let secret = "hunter2-in-a-log";
    let lines = [
        format!("ERROR: {secret} already exists"),
        pull(&format!("{DOCR}/backend:prod-latest"), 'b'),
        format!("Status: Downloaded newer image for {DOCR}/frontend:{secret}!"),
    ];
    let verdict =
        findings_of_logs(&environment(""), vec![log(DEPLOY, JobRole::Deploy, &lines.join("\n"))]);
    assert_eq!(verdict.findings.len(), 3);
    assert!(!format!("{verdict:?}").contains(secret));
}
