//! Reads the logs of a run's jobs. Only the evidence is kept, in the cache, too: never a line of a log.

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::reading::{Reader, WAVE};
use crate::collect::Stage;
use crate::github::{GitHub, LogEnd};
use crate::http::RequestError;
use crate::model::{Job, Unread};
use crate::pipeline::evidence::{KeptEvidence, LogEvidence, LogReader};
use crate::pipeline::{Attempt, JobLog, JobRole, LogRead, logged_jobs};
use crate::policy::Deploys;

/// The name of the evidence in the cache; to be changed when the reader learns something.
const KEPT: &str = "evidence-1";

#[derive(Serialize, Deserialize)]
struct Kept {
    is_whole: bool,
    #[serde(flatten)]
    evidence: KeptEvidence,
}

/// The logs of a run's jobs, and why some are missing. The first error ends it.
pub(super) async fn read_logs(
    reader: Reader<'_>,
    deploys: &Deploys,
    attempt: &Attempt,
) -> (Vec<JobLog>, Option<Unread>) {
    let (mut logs, jobs) = (Vec::new(), logged_jobs(deploys, attempt));
    reader.progress.expect(jobs.len(), Stage::Logs);
    for wave in jobs.chunks(WAVE) {
        for log in join_all(wave.iter().map(|(job, role)| job_log(reader, job, *role))).await {
            match log {
                Ok(log) => logs.push(log),
                Err(error) => return (logs, Some(error.to_unread())),
            }
        }
    }
    (logs, None)
}

async fn job_log(reader: Reader<'_>, job: &Job, role: JobRole) -> Result<JobLog, RequestError> {
    let log = match kept(reader.github, job) {
        Some(log) => log,
        None => read(reader.github, job).await?,
    };
    reader.progress.advance(Stage::Logs);
    Ok(JobLog { job: job.name.clone(), role, log })
}

fn kept(github: &GitHub, job: &Job) -> Option<LogRead> {
    let kept: Kept = github.found(job.id, KEPT)?;
    Some(log_read(kept.is_whole, kept.evidence.evidence()?))
}

async fn read(github: &GitHub, job: &Job) -> Result<LogRead, RequestError> {
    let mut reader = LogReader::default();
    let end = github.log(job.id, |bytes| reader.read(bytes)).await?;
    if end == LogEnd::Expired {
        return Ok(LogRead::Expired);
    }
    let (is_whole, evidence) = (end == LogEnd::Complete, reader.finish());
    let kept = Kept { is_whole, evidence: KeptEvidence::from(&evidence) };
    github.keep_found(job.id, KEPT, &kept);
    Ok(log_read(is_whole, evidence))
}

fn log_read(is_whole: bool, evidence: LogEvidence) -> LogRead {
    if is_whole { LogRead::Whole(evidence) } else { LogRead::Beginning(evidence) }
}
