//! Runs, attempts and jobs.

use chrono::TimeDelta;
use tags::model::Conclusion::{Failure, Skipped, Success};
use tags::model::{Job, RunState};
use tags::sandbox::github::{Pipeline, PipelineRun};

use super::{WORKFLOW, World, of, sha};
use crate::connect::now;

/// The names of jobs with the attempt that ran them.
fn names(jobs: &[Job]) -> Vec<(&str, u32)> {
    jobs.iter().map(|job| (job.name.as_str(), job.attempt)).collect()
}

#[tokio::test]
async fn a_run_is_read_as_github_tells_it() {
    let (pipeline, start) = (Pipeline::default(), now() - TimeDelta::hours(3));
    let id = pipeline.add(
        PipelineRun::push(&sha('a'), start)
            .title("Deploy 1.2.3")
            .job("build", 60, Success)
            .job("deploy", 30, Failure)
            .again(start + TimeDelta::hours(1))
            .job("deploy", 30, Success),
    );
    pipeline.add(PipelineRun::push(&sha('b'), now()).branch("dev").running("build"));
    let world = World::new(&pipeline);
    let session = world.session();
    let page = of(&session).runs(WORKFLOW, 1).await.expect("a page");
    assert!(!page.has_next);
    let [newer, older] = page.runs.as_slice() else { panic!("{page:?}") };
    assert_eq!((newer.state, newer.branch.as_deref()), (RunState::InProgress, Some("dev")));
    assert_eq!((older.id, older.attempt, older.title.as_str()), (id, 2, "Deploy 1.2.3"));
    assert_eq!((older.event.as_str(), older.workflow.as_str()), ("push", WORKFLOW));
    assert_eq!(older.state, RunState::Completed(Success));
    assert_eq!((older.created, older.started), (start, start + TimeDelta::hours(1)));
    assert_eq!(older.updated, start + TimeDelta::seconds(3630));

    let first = of(&session).attempt(id, 1).await.expect("the first attempt");
    assert_eq!((first.attempt, first.state), (1, RunState::Completed(Failure)));
    assert_eq!(of(&session).run(id).await.as_ref(), Ok(older));
    let error = of(&session).attempt(id, 3).await.expect_err("no such attempt");
    assert_eq!(error.to_string(), format!("acme/app has no run {id}, or not this attempt"));
    let jobs = of(&session).jobs(older).await.expect("jobs");
    assert_eq!(names(&jobs), [("build", 1), ("deploy", 2)]);
    assert_eq!(jobs[1].completed, Some(older.updated));
    let jobs = of(&session).jobs(&first).await.expect("jobs");
    assert_eq!(names(&jobs), [("build", 1), ("deploy", 1)]);
}

#[tokio::test]
async fn runs_are_listed_by_workflow_without_filters_in_pages_of_a_hundred() {
    let pipeline = Pipeline::default();
    for minute in 0..250 {
        pipeline.add(PipelineRun::push(&sha('a'), now() + TimeDelta::minutes(minute)));
    }
    pipeline.add(PipelineRun::push(&sha('b'), now()).workflow("other.yml"));
    let world = World::new(&pipeline);
    let session = world.session();
    let mut seen = Vec::new();
    for (number, length, has_next) in [(1, 100, true), (2, 100, true), (3, 50, false)] {
        let page = of(&session).runs(WORKFLOW, number).await.expect("a page");
        assert_eq!((page.runs.len(), page.has_next), (length, has_next));
        seen.extend(page.runs.into_iter().map(|run| run.id));
    }
    assert!(seen.is_sorted_by(|newer, older| newer > older), "newest first, each once");
    let query = "exclude_pull_requests=true&per_page=100&page=1";
    let first = format!("GET /repos/acme/app/actions/workflows/{WORKFLOW}/runs?{query}");
    assert_eq!(world.asked()[0], first);
}

#[tokio::test]
async fn pages_follow_also_where_a_proxy_removes_the_links() {
    let pipeline = Pipeline::default();
    for minute in 0..200 {
        pipeline.add(PipelineRun::push(&sha('a'), now() + TimeDelta::minutes(minute)));
    }
    let world = World::new(&pipeline);
    world.github.api().faults().before_each(|_, access| {
        access.change_answer(|reply| reply.headers.retain(|(name, _)| name != "link"));
    });
    let session = world.session();
    for (number, has_next) in [(1, true), (2, false)] {
        let page = of(&session).runs(WORKFLOW, number).await.expect("a page");
        assert_eq!((page.runs.len(), page.has_next), (100, has_next));
    }
}

#[tokio::test]
async fn all_jobs_are_read_each_once_while_pages_shift() {
    let pipeline = Pipeline::default();
    let mut run = PipelineRun::push(&sha('a'), now());
    for number in 0..150 {
        run = run.job(&format!("build ({number})"), 1, Success);
    }
    let id = pipeline.add(run);
    let world = World::new(&pipeline);
    // A re-run begins between the pages, and its jobs come before those of the first attempt.
    let shared = pipeline.clone();
    world.github.api().faults().before_nth(3, move |_, _| {
        shared.change(id, |run| run.again(now()).running("build (0)"));
    });
    let session = world.session();
    let run = of(&session).runs(WORKFLOW, 1).await.expect("a page").runs.remove(0);
    let jobs = of(&session).jobs(&run).await.expect("jobs");
    assert_eq!(jobs.len(), 150);
    assert!(jobs.iter().all(|job| job.attempt == 1), "{:?}", names(&jobs));
}

#[tokio::test]
async fn skipped_jobs_and_runs_without_jobs_are_read() {
    let pipeline = Pipeline::default();
    let skipped = PipelineRun::push(&sha('a'), now()).job("deploy", 0, Skipped);
    pipeline.add(skipped);
    let broken = RunState::Completed(tags::model::Conclusion::StartupFailure);
    pipeline.add(PipelineRun::push(&sha('b'), now()).state(broken));
    let world = World::new(&pipeline);
    let session = world.session();
    let runs = of(&session).runs(WORKFLOW, 1).await.expect("a page").runs;
    assert_eq!(runs[0].state, broken);
    assert_eq!(of(&session).jobs(&runs[0]).await, Ok(Vec::new()));
    let jobs = of(&session).jobs(&runs[1]).await.expect("jobs");
    assert_eq!(jobs[0].state, RunState::Completed(Skipped));
}
