//! What goes wrong, and which error that is.

use std::time::Duration;

use tags::http::{ErrorKind, RequestError};
use tags::sandbox::github::{GitHubSettings, Pipeline, PipelineRun, Right, Visibility};

use super::{WORKFLOW, World, of, sha};
use crate::connect::now;
use crate::support::github;

fn settings() -> GitHubSettings {
    let pipeline = Pipeline::default();
    pipeline.add(PipelineRun::push(&sha('a'), now()));
    github::settings(&pipeline)
}

async fn runs(world: &World) -> Result<usize, RequestError> {
    of(&world.session()).runs(WORKFLOW, 1).await.map(|page| page.runs.len())
}

/// The kind of the error, and a part of its hint.
async fn refused(world: &World) -> (ErrorKind, String) {
    let error = runs(world).await.expect_err("a refusal");
    (error.kind(), error.hint().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn each_fault_is_an_error_of_its_kind() {
    let faults = [
        ("401@/runs*always", ErrorKind::Credentials, "has not expired"),
        ("403@/runs*always", ErrorKind::Credentials, "`actions: read`"),
        ("429:retry-after=90@/runs*always", ErrorKind::RateLimited, "wait 1m 30s"),
        ("403:retry-after=90@/runs*always", ErrorKind::RateLimited, "wait 1m 30s"),
        ("500@/runs*always", ErrorKind::Status, "githubstatus.com"),
        ("503@/runs*always", ErrorKind::Status, "githubstatus.com"),
        ("418@/runs*always", ErrorKind::Status, "try again"),
        ("cut@/runs*always", ErrorKind::Interrupted, "try again"),
        ("drop@/runs*always", ErrorKind::Interrupted, "try again"),
        ("redirect=http://127.0.0.1:1@/runs*always", ErrorKind::Status, "new name"),
    ];
    let each = faults.map(async |(fault, kind, hint)| {
        let world = World::with(settings());
        world.fault(fault);
        let (found, told) = refused(&world).await;
        assert_eq!(found, kind, "{fault}");
        assert!(told.contains(hint), "{fault}: {told}");
    });
    futures_util::future::join_all(each).await;
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for fault in ["429:retry-after=1@/runs", "403:retry-after=1@/runs", "500@/runs", "cut@/runs"] {
        let world = World::with(settings());
        world.fault(fault);
        assert_eq!(runs(&world).await, Ok(1), "{fault}");
        assert_eq!(world.asked().len(), 2, "{fault}");
    }
}

#[tokio::test]
async fn an_exhausted_rate_limit_says_how_long_to_wait() {
    let world = World::with(GitHubSettings { hourly_limit: 0, ..settings() });
    let error = runs(&world).await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_mins(50)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_the_list_is_never_taken_for_one() {
    type Change = fn(&mut tags::sandbox::Reply);
    let changes: [(&str, Change); 7] = [
        ("half a page", |reply| reply.body.truncate(reply.body.len() / 2)),
        ("a page of a proxy", |reply| reply.body = b"<html>".to_vec()),
        ("no list", |reply| reply.body = b"{}".to_vec()),
        ("a list of something else", |reply| {
            reply.body = br#"{"total_count":1,"workflow_runs":[{"id":1}]}"#.to_vec();
        }),
        ("a run without a commit", |reply| {
            reply.change_json(|list| list["workflow_runs"][0]["head_sha"] = "main".into());
        }),
        ("fewer runs than it counts", |reply| {
            reply.change_json(|list| list["total_count"] = 2.into());
        }),
        ("an empty list", |reply| {
            reply.change_json(|list| list["workflow_runs"] = serde_json::json!([]));
        }),
    ];
    for (what, change) in changes {
        let world = World::with(settings());
        world.github.api().faults().before_each(move |_, access| access.change_answer(change));
        let error = runs(&world).await.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::BadAnswer, "{what}");
    }
}

#[tokio::test]
async fn a_repository_that_the_token_may_not_see_is_not_called_missing() {
    let world = World::with(GitHubSettings { visibility: Visibility::Hidden, ..settings() });
    let error = runs(&world).await.expect_err("a refusal");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(404)));
    let told = "GitHub shows no repository acme/app to the token from $GITHUB_TOKEN";
    assert_eq!(error.to_string(), told);
}

#[tokio::test]
async fn a_workflow_that_the_repository_does_not_have_is_named() {
    let world = World::with(github::settings(&Pipeline::default()));
    let error = runs(&world).await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.to_string(), "acme/app has no workflow `main-pipeline.yml`");
}

#[tokio::test]
async fn each_missing_right_is_named() {
    for (right, name) in [
        (Right::ActionsRead, "`actions: read`"),
        (Right::DeploymentsRead, "`deployments: read`"),
        (Right::DeploymentsWrite, "`deployments: write`"),
    ] {
        let world = World::with(settings().without(right));
        let session = world.session();
        let id = tags::github::DeploymentId(1);
        let result = match right {
            Right::ActionsRead => of(&session).runs(WORKFLOW, 1).await.map(|_| ()),
            Right::DeploymentsRead => of(&session).deployments("x", 1).await.map(|_| ()),
            Right::DeploymentsWrite => of(&session).succeed(id).await,
        };
        let error = result.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Credentials, "{name}");
        assert!(error.hint().is_some_and(|hint| hint.contains(name)), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn without_a_token_what_is_public_is_read_and_the_rest_asks_for_one() {
    let public = GitHubSettings { visibility: Visibility::Public, ..settings() };
    assert_eq!(runs(&World::with(public).token(None)).await, Ok(1));
    let (kind, hint) = refused(&World::with(settings()).token(None)).await;
    assert_eq!(kind, ErrorKind::Credentials);
    assert!(hint.contains("set GITHUB_TOKEN"), "{hint}");
    let (kind, _) = refused(&World::with(settings()).token(Some("ghs_of_somebody_else"))).await;
    assert_eq!(kind, ErrorKind::Credentials);
}
