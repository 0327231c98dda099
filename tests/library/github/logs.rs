//! Logs: passed on in pieces, from a host that never gets the token.

use tags::github::LogEnd;
use tags::http::ErrorKind;
use tags::model::Conclusion::Success;
use tags::model::JobId;
use tags::sandbox::github::{Pipeline, PipelineRun};

use super::{World, of, sha};
use crate::connect::now;

const LIMIT: usize = 64 << 20;

fn with_log(set: impl FnOnce(PipelineRun) -> PipelineRun) -> (World, JobId) {
    let pipeline = Pipeline::default();
    let run = pipeline.add(set(PipelineRun::push(&sha('a'), now()).job("deploy", 1, Success)));
    let job = pipeline.job(run, "deploy").expect("a job");
    (World::new(&pipeline), job)
}

#[tokio::test]
async fn a_log_comes_from_its_storage_which_never_gets_the_token() {
    let (world, job) = with_log(|run| run.log("2026-11-22T12:00:00Z Digest: sha256:…\n"));
    let session = world.session();
    let mut text = Vec::new();
    let end = of(&session).log(job, |piece| text.extend_from_slice(piece)).await;
    assert_eq!(end, Ok(LogEnd::Complete));
    assert_eq!(String::from_utf8_lossy(&text), "2026-11-22T12:00:00Z Digest: sha256:…\n");
    let (api, storage) = (world.github.api().requests(), world.github.storage().requests());
    assert!(api.iter().all(|request| request.authorization.is_some()));
    assert_eq!(storage.len(), 1);
    assert!(storage.iter().all(|request| request.authorization.is_none()), "{storage:?}");
}

#[tokio::test]
async fn of_a_long_log_the_beginning_is_read_piece_by_piece() {
    for (size, expected) in [(LIMIT, LogEnd::Complete), (LIMIT + 1, LogEnd::TooLong)] {
        let (world, job) = with_log(|run| run.log_of_size(size as u64));
        let session = world.session();
        let (mut read, mut largest) = (0, 0);
        let take = |piece: &[u8]| {
            read += piece.len();
            largest = largest.max(piece.len());
        };
        assert_eq!(of(&session).log(job, take).await, Ok(expected));
        assert_eq!(read, LIMIT);
        assert!(largest <= 1 << 20, "{largest}");
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_expired() {
    let (world, job) = with_log(PipelineRun::log_expired);
    let session = world.session();
    assert_eq!(of(&session).log(job, |_| ()).await, Ok(LogEnd::Expired));
    let (world, job) = with_log(|run| run);
    let session = world.session();
    world.github.storage().faults().add("404@/logs/".parse().expect("a fault"));
    assert_eq!(of(&session).log(job, |_| ()).await, Ok(LogEnd::Expired));
}

#[tokio::test]
async fn a_refusal_of_the_storage_says_nothing_about_the_token() {
    let (world, job) = with_log(|run| run);
    let session = world.session();
    world.github.storage().faults().add("403@/logs/".parse().expect("a fault"));
    let error = of(&session).log(job, |_| ()).await.expect_err("a refusal");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(403)));
    assert!(!error.to_string().contains("token"), "{error}");
}

#[tokio::test]
async fn a_storage_that_cannot_be_reached_is_said_to_be_another_host() {
    let (world, job) = with_log(|run| run);
    let session = world.session();
    world
        .github
        .api()
        .faults()
        .add("redirect=http://127.0.0.1:1@/logs*always".parse().expect("a fault"));
    let error = of(&session).log(job, |_| ()).await.expect_err("no connection");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.hint().is_some_and(|hint| hint.contains("outside of its API")), "{error:?}");
}

/// `pulled` in 40 lines, by `gzip`.
const COMPRESSED: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 40, 205, 201, 73, 77, 225, 42, 24, 165, 80, 41, 0, 76, 39,
    107, 220, 24, 1, 0, 0,
];

#[tokio::test]
async fn a_compressed_log_is_read() {
    let (world, job) = with_log(|run| run);
    let session = world.session();
    world.github.storage().faults().before_each(|_, access| {
        access.change_answer(|reply| {
            reply.body = COMPRESSED.to_vec();
            reply.set_header("content-encoding", "gzip");
        });
    });
    let mut read = Vec::new();
    let end = of(&session).log(job, |piece| read.extend_from_slice(piece)).await;
    assert_eq!(end, Ok(LogEnd::Complete));
    assert_eq!(String::from_utf8_lossy(&read), "pulled\n".repeat(40));
}

#[tokio::test]
async fn a_log_that_breaks_off_is_not_complete() {
    let (world, job) = with_log(|run| run.log_of_size(1 << 20));
    let session = world.session();
    world.github.storage().faults().add("cut@/logs/".parse().expect("a fault"));
    let error = of(&session).log(job, |_| ()).await.expect_err("half a log");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}
