//! Runs, jobs and deployments of the embedded GitHub, answer by answer, and the requests of the library.

use reqwest::Method;
use serde_json::{Value, json};
use tags::github::NewDeployment;
use tags::model::Conclusion::{Failure, Success};
use tags::sandbox::github::{Pipeline, PipelineRun};

use crate::connect::now;
use crate::github::{World, of, sha};
use crate::openapi::description::Description;
use crate::support::github::{REPOSITORY, TOKEN};

/// Two runs, of which one was run again and the other is under way.
fn pipeline() -> Pipeline {
    let pipeline = Pipeline::default();
    let run =
        PipelineRun::push(&sha('a'), now()).job("build", 60, Success).job("deploy", 9, Failure);
    pipeline.add(run.again(now()).job("deploy", 9, Success));
    pipeline.add(PipelineRun::push(&sha('b'), now()).running("build").waiting("deploy"));
    pipeline
}

/// Sends a request that must be described, and holds the answer against its description.
async fn ask(
    world: &World,
    description: &Description,
    (method, target): (Method, &str),
    body: Option<Value>,
) -> (u16, Value) {
    let target = format!("/repos/{REPOSITORY}/{target}");
    description.assert_requested(method.as_str(), &target);
    let client = crate::support::client::builder()
        .user_agent("tags-test")
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("{}{target}", world.github.url());
    let request = client.request(method.clone(), url).bearer_auth(TOKEN);
    let request = body.iter().fold(request, reqwest::RequestBuilder::json);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.unwrap();
    let body = if bytes.is_empty() { None } else { serde_json::from_slice(&bytes).unwrap() };
    let path = target.split('?').next().unwrap();
    description.assert_answer((method.as_str(), path), status, body.as_ref());
    (status, body.unwrap_or_default())
}

#[tokio::test]
async fn runs_jobs_and_logs_are_described() {
    let Some(description) = Description::actions() else { return };
    let world = World::new(&pipeline());
    let get = async |place: &str| ask(&world, &description, (Method::GET, place), None).await;
    let list = "actions/workflows/main-pipeline.yml/runs";
    let (_, runs) = get(&format!("{list}?exclude_pull_requests=true&per_page=100&page=1")).await;
    assert_eq!(runs["total_count"], 2);
    let (_, failed) = get(&format!("{list}?status=failure&branch=main&event=push")).await;
    assert_eq!(failed["total_count"], 0);
    let id = &runs["workflow_runs"][1]["id"];
    let run = format!("actions/runs/{id}");
    for (place, jobs) in [
        (format!("{run}/jobs"), 2),
        (format!("{run}/jobs?filter=all&per_page=2"), 3),
        (format!("{run}/attempts/1/jobs"), 2),
    ] {
        assert_eq!(get(&place).await.1["total_count"], jobs, "{place}");
    }
    let (_, jobs) = get(&format!("{run}/jobs")).await;
    let job = format!("actions/jobs/{}", jobs["jobs"][0]["id"]);
    for (place, status) in [
        ("actions/workflows".to_owned(), 200),
        ("actions/workflows/none.yml/runs".to_owned(), 404),
        (run.clone(), 200),
        (format!("{run}/attempts/1"), 200),
        (format!("{run}/attempts/3"), 404),
        (job.clone(), 200),
        (format!("{job}/logs"), 302),
    ] {
        assert_eq!(get(&place).await.0, status, "{place}");
    }
    world.github.pipeline().expire_logs();
    assert_eq!(get(&format!("{job}/logs")).await.0, 410);
}

#[tokio::test]
async fn deployments_and_their_statuses_are_described() {
    let Some(description) = Description::actions() else { return };
    let world = World::new(&pipeline());
    let post = async |place: &str, body: Value| {
        ask(&world, &description, (Method::POST, place), Some(body)).await
    };
    let whole =
        json!({"ref": sha('a'), "auto_merge": false, "required_contexts": [], "payload": {"x": 1}});
    let (status, created) = post("deployments", whole.clone()).await;
    assert_eq!(status, 201);
    for (left_out, status) in [("auto_merge", 202), ("required_contexts", 409), ("ref", 422)] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(left_out);
        let request = (Method::POST, "deployments");
        let url = format!("{}/repos/{REPOSITORY}/{}", world.github.url(), request.1);
        let client = crate::support::client::builder().user_agent("tags-test").build().unwrap();
        let answer = client.post(url).bearer_auth(TOKEN).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "without {left_out}");
    }
    let deployment = format!("deployments/{}", created["id"]);
    let statuses = format!("{deployment}/statuses");
    assert_eq!(post(&statuses, json!({"state": "success"})).await.0, 201);
    let get = async |place: &str| ask(&world, &description, (Method::GET, place), None).await;
    assert_eq!(
        get("deployments?environment=production&task=deploy").await.1[0]["id"],
        created["id"]
    );
    assert_eq!(get("deployments?environment=other").await.1, json!([]));
    assert_eq!(get(&deployment).await.0, 200);
    assert_eq!(get(&statuses).await.1[0]["state"], "success");
}

#[tokio::test]
async fn every_request_of_the_connection_is_described() {
    let Some(description) = Description::actions() else { return };
    let world = World::new(&pipeline());
    let session = world.session();
    let github = of(&session);
    let runs = github.runs("main-pipeline.yml", 1).await.unwrap().runs;
    assert!(github.runs("none.yml", 1).await.is_err());
    github.run(runs[1].id).await.unwrap();
    github.attempt(runs[1].id, 1).await.unwrap();
    let jobs = github.jobs(&runs[1]).await.unwrap();
    github.log(jobs[0].id, |_| ()).await.unwrap();
    let new = NewDeployment {
        sha: sha('a'),
        task: "tags:built".to_owned(),
        environment: "tags-prod".to_owned(),
        description: "a release".to_owned(),
        payload: json!({"version": 1}),
    };
    let id = github.create_deployment(&new).await.unwrap();
    github.succeed(id).await.unwrap();
    github.succeeded(id).await.unwrap();
    github.deployments("tags-prod", 1).await.unwrap();
    let requests = world.github.api().requests();
    assert_eq!(requests.len(), 11);
    for request in requests {
        description.assert_requested(&request.method, &request.target);
    }
}
