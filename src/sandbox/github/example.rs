//! Example runs: those that built and deployed the releases of an example history.

use chrono::TimeDelta;

use super::pipeline::Pipeline;
use super::run::PipelineRun;
use crate::model::Conclusion::{Failure, Skipped, Success};
use crate::sandbox::history::{History, HistoryRelease, PushOutcome};

/// The name of the job that migrates.
const MIGRATE: &str = "deploy-prod / Run migrations";

impl Pipeline {
    /// The runs of the releases to prod.
    ///
    /// Where an image was not pushed, the build failed and nothing was deployed. The release before that
    /// was deployed, and its smoke test failed. The migrations of the one before took too long.
    #[must_use]
    pub fn of_prod(history: &History) -> Self {
        let pipeline = Self::default();
        let mut releases: Vec<(usize, &HistoryRelease)> =
            history.releases("prod").enumerate().collect();
        releases.reverse();
        for (age, release) in releases {
            pipeline.add(run(history, release, age));
        }
        pipeline
    }
}

/// The run of a release, after which so many others came.
fn run(history: &History, release: &HistoryRelease, age: usize) -> PipelineRun {
    let run = PipelineRun::push(&release.sha.to_string(), release.built - TimeDelta::minutes(1));
    if release.outcome != PushOutcome::Complete {
        let run = run.job("build / backend", 40, Failure).job("build / frontend", 35, Success);
        return run.job(MIGRATE, 0, Skipped).job("deploy-prod / Deploy backend", 0, Skipped);
    }
    let mut run = run;
    for image in ["backend", "frontend"] {
        let log = log(history, release, image, "pushing manifest for REF@DIGEST done\n");
        run = run.job(&format!("build / {image}"), 35, Success).log(&log);
    }
    let migrations = if age == 3 { 16 * 60 + 20 } else { 95 };
    run = run.job(MIGRATE, migrations, Success);
    for image in ["backend", "frontend"] {
        let pulled = "Digest: DIGEST\nStatus: Downloaded newer image for REF\n";
        let log = log(history, release, image, pulled);
        run = run.job(&format!("deploy-prod / Deploy {image}"), 70, Success).log(&log);
    }
    let smoke_test = if age == 2 { Failure } else { Success };
    run.job("smoke test", 30, smoke_test)
}

/// A log of these lines, about an image of a release. The registry's host is masked, as a secret is.
fn log(history: &History, release: &HistoryRelease, image: &str, lines: &str) -> String {
    let tag = format!("prod-{}", release.sha);
    let is_it = |push: &&crate::sandbox::history::Push| {
        push.repository.as_str().ends_with(image) && push.tags.iter().any(|t| t.as_str() == tag)
    };
    let digest = history.steps.iter().find(is_it).map(|push| push.image.root.digest.to_string());
    let time = release.built.format("%Y-%m-%dT%H:%M:%S.0000000Z");
    let lines = lines
        .replace("REF", &format!("***/acme/{image}:{tag}"))
        .replace("DIGEST", &digest.unwrap_or_default());
    lines.lines().map(|line| format!("{time} {line}\n")).collect()
}
