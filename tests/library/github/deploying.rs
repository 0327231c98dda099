//! Deployments: created without a merge, read page by page.

use chrono::TimeDelta;
use serde_json::json;
use tags::github::{DeploymentId, GitHub, NewDeployment};
use tags::http::{ErrorKind, RequestError};
use tags::sandbox::github::{Pipeline, PipelineDeployment};

use super::{World, of, sha};
use crate::connect::now;

async fn create(github: &GitHub, digit: char) -> Result<DeploymentId, RequestError> {
    let new = NewDeployment {
        sha: sha(digit),
        task: "tags:deployed".to_owned(),
        environment: "tags-prod".to_owned(),
        description: "what runs".to_owned(),
        payload: json!({"version": 1}),
    };
    github.create_deployment(&new).await
}

#[tokio::test]
async fn a_deployment_is_created_read_and_succeeds() {
    let pipeline = Pipeline::default();
    let world = World::new(&pipeline);
    let session = world.session();
    let id = create(of(&session), 'a').await.expect("a deployment");
    assert_eq!(of(&session).succeeded(id).await, Ok(false));
    of(&session).succeed(id).await.expect("a status");
    assert_eq!(of(&session).succeeded(id).await, Ok(true));
    world.asked();
    assert_eq!(of(&session).succeeded(id).await, Ok(true));
    assert!(world.asked().is_empty(), "what succeeded once is known");

    let page = of(&session).deployments("tags-prod", 1).await.expect("a page");
    let [entry] = page.deployments.as_slice() else { panic!("{page:?}") };
    assert_eq!((entry.id, entry.task.as_str(), entry.sha.clone()), (id, "tags:deployed", sha('a')));
    assert_eq!(entry.creator.as_deref(), Some("github-actions[bot]"));
    assert_eq!(entry.payload, json!({"version": 1}));
    assert!(of(&session).deployments("tags-uat", 1).await.expect("a page").deployments.is_empty());
}

#[tokio::test]
async fn the_status_of_one_deployment_leaves_earlier_ones_as_they_are() {
    let world = World::new(&Pipeline::default());
    let session = world.session();
    for digit in ['a', 'b'] {
        let id = create(of(&session), digit).await.expect("a deployment");
        of(&session).succeed(id).await.expect("a status");
    }
    let statuses = world.github.pipeline().deployments().into_iter().map(|one| one.statuses);
    assert_eq!(statuses.collect::<Vec<_>>(), [["success"], ["success"]]);
}

#[tokio::test]
async fn some_status_was_success_although_it_is_not_the_last() {
    let pipeline = Pipeline::default();
    let deployment = |statuses: Vec<String>| PipelineDeployment {
        id: 0,
        sha: sha('a'),
        task: "deploy".to_owned(),
        environment: "tags-prod".to_owned(),
        description: String::new(),
        creator: "octocat".to_owned(),
        created: now() - TimeDelta::days(1),
        payload: json!("{\"version\":1}"),
        statuses,
    };
    let mut long = vec!["success".to_owned()];
    long.extend(std::iter::repeat_n("in_progress".to_owned(), 150));
    let good = DeploymentId(pipeline.deploy(deployment(long)));
    let failed = vec!["in_progress".to_owned(), "failure".to_owned(), "inactive".to_owned()];
    let bad = DeploymentId(pipeline.deploy(deployment(failed)));
    let world = World::new(&pipeline);
    let session = world.session();
    assert_eq!(of(&session).succeeded(good).await, Ok(true));
    assert_eq!(of(&session).succeeded(bad).await, Ok(false));
    let page = of(&session).deployments("tags-prod", 1).await.expect("a page");
    assert_eq!(page.deployments[0].payload, json!({"version": 1}), "text is read as JSON");
}

#[tokio::test]
async fn a_commit_that_github_does_not_have_cannot_be_deployed() {
    let pipeline = Pipeline::default();
    pipeline.forget_commit(&sha('a'));
    let world = World::new(&pipeline);
    let session = world.session();
    let error = create(of(&session), 'a').await.expect_err("a refusal");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(422)));
    assert!(error.hint().is_some_and(|hint| hint.contains("push the commit")), "{error:?}");
}
