//! What is asked once, over several runs of the program.

use chrono::TimeDelta;
use tags::model::Conclusion::{Failure, Success};
use tags::sandbox::github::{Pipeline, PipelineRun};

use super::{WORKFLOW, World, of, sha};
use crate::connect::now;

/// Asks for the runs, and for all that there is of the first one.
async fn visit(world: &World) -> Vec<String> {
    let session = world.session();
    let run = of(&session).runs(WORKFLOW, 1).await.expect("a page").runs.remove(0);
    of(&session).attempt(run.id, run.attempt).await.expect("an attempt");
    assert_eq!(of(&session).jobs(&run).await.expect("jobs").len(), 1);
    world.asked()
}

#[tokio::test]
async fn a_completed_attempt_is_asked_for_once_and_one_in_progress_each_time() {
    let (pipeline, cache) = (Pipeline::default(), tempfile::tempdir().expect("a folder"));
    let id = pipeline.add(PipelineRun::push(&sha('a'), now()).running("deploy"));
    let world = World::new(&pipeline).caching_in(cache.path().to_owned());
    assert_eq!(visit(&world).await.len(), 3);
    assert_eq!(visit(&world).await.len(), 3);
    pipeline.change(id, |run| run.finish(60, Failure));
    assert_eq!(visit(&world).await.len(), 3);
    let warm = visit(&world).await;
    assert!(warm.len() == 1 && warm[0].contains("/runs?"), "{warm:?}");
    // A re-run is another attempt.
    pipeline.change(id, |run| run.again(now() + TimeDelta::hours(1)).job("deploy", 60, Success));
    assert_eq!(visit(&world).await.len(), 3);
    assert_eq!(visit(&world).await.len(), 1);
}

#[tokio::test]
async fn a_damaged_file_of_the_cache_counts_as_missing() {
    let (pipeline, cache) = (Pipeline::default(), tempfile::tempdir().expect("a folder"));
    pipeline.add(PipelineRun::push(&sha('a'), now()).job("deploy", 60, Success));
    let world = World::new(&pipeline).caching_in(cache.path().to_owned());
    visit(&world).await;
    let files = || walkdir(cache.path());
    assert_eq!(files().len(), 2, "{:?}", files());
    for text in ["", "[", "{}", "[]", "null", "[{\"id\":1}]"] {
        for file in files() {
            std::fs::write(file, text).expect("written");
        }
        assert_eq!(visit(&world).await.len(), 3, "{text:?}");
        assert_eq!(visit(&world).await.len(), 1, "{text:?}");
    }
    // The files of two attempts in each other's place.
    let other = pipeline.add(PipelineRun::push(&sha('b'), now()).job("deploy", 60, Success));
    visit(&world).await;
    let jobs: Vec<_> = files().into_iter().filter(|file| is_of_jobs(file)).collect();
    let [one, two] = jobs.as_slice() else { panic!("{jobs:?}") };
    std::fs::copy(one, two).expect("copied");
    std::fs::copy(two, one).expect("copied");
    let asked = visit(&world).await;
    assert!(asked.len() <= 2, "{other}: {asked:?}");
}

fn is_of_jobs(file: &std::path::Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("jobs-"))
}

/// All files below a directory.
fn walkdir(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(walkdir(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[tokio::test]
async fn a_title_with_a_secret_is_not_written() {
    let (pipeline, cache) = (Pipeline::default(), tempfile::tempdir().expect("a folder"));
    let run = PipelineRun::push(&sha('a'), now()).title(crate::support::github::TOKEN);
    pipeline.add(run.job("deploy", 60, Success));
    let world = World::new(&pipeline).caching_in(cache.path().to_owned());
    visit(&world).await;
    assert!(walkdir(cache.path()).iter().all(|file| is_of_jobs(file)));
    assert_eq!(visit(&world).await.len(), 2);
}
