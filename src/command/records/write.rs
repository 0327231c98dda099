//! Writes the record of a release, unless there is one that says the same.

use super::super::{CommandError, Session};
use super::read::{ReadRecords, Store, read};
use crate::github::{DeploymentId, GitHub, NewDeployment};
use crate::model::{MovedTag, RecordKind, RecordOrigin, ReleaseRecord, Unread};
use crate::pipeline::record::{to_line, to_payload};
use crate::pipeline::{Records, ToWrite, github_environment};
use crate::report::Exit;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was written.
    Now,
    /// One that says the same was there.
    Already,
}

/// Writes a record.
///
/// # Errors
/// [`CommandError`] when it could not be written, or the first record of the release says something
/// else.
pub(in crate::command) async fn write(
    session: &Session,
    (record, kind): (&ReleaseRecord, RecordKind),
) -> Result<Written, CommandError> {
    match Store::of(session) {
        Store::None => Err(no_store(session)),
        Store::File(path) => append(session, path, (record, kind)),
        Store::Deployments(_) => match session.readable_github() {
            Ok(github) => deploy(session, github, (record, kind)).await,
            Err(why) => Err(unread(record, why)),
        },
    }
}

/// Nothing can be recorded.
pub(in crate::command) fn no_store(session: &Session) -> CommandError {
    let name = &session.policy_name;
    match session.policy.github {
        None => CommandError::usage(format!("{name} has no `[github]`, so no records are kept"))
            .hint("add a table `[github]`; with `records = \"FILE\"` records are kept in a file"),
        Some(_) => CommandError::usage(format!("{name} says `records = \"none\"`"))
            .hint("set `records` of `[github]` to `deployments`, or to the path of a file"),
    }
}

/// Appends a line to the file. Whether there is one that says the same is decided while no other
/// process can append.
fn append(
    session: &Session,
    path: &str,
    (record, kind): (&ReleaseRecord, RecordKind),
) -> Result<Written, CommandError> {
    let line = to_line(record, kind).map_err(|error| unwritten(record, &error.to_string()))?;
    let mut decided = ToWrite::Write;
    let appended = session.record_files.append(path, &mut |content| {
        decided = Records::of_file(content, &record.environment).to_write(record, kind);
        (decided == ToWrite::Write).then(|| line.clone())
    });
    appended.map_err(|error| {
        let exit = match error.kind() {
            std::io::ErrorKind::PermissionDenied => Exit::Credentials,
            _ => Exit::Unreadable,
        };
        CommandError { exit, ..unwritten(record, &format!("{path}: {error}")) }
    })?;
    match decided {
        ToWrite::Write => Ok(Written::Now),
        ToWrite::Already(_) => Ok(Written::Already),
        ToWrite::Moved(moved) => Err(recorded_otherwise(record, &moved)),
    }
}

/// Creates a deployment. GitHub does not compare and create in one step, so it is read again: of two
/// jobs that recorded different digests at once, the later one says so.
async fn deploy(
    session: &Session,
    github: &GitHub,
    (record, kind): (&ReleaseRecord, RecordKind),
) -> Result<Written, CommandError> {
    let records = match read(session, &record.environment).await {
        ReadRecords::Read(records) => records,
        ReadRecords::Unkept => Records::default(),
        ReadRecords::Unread(why) => return Err(unread(record, why)),
    };
    let refused = |error: crate::http::RequestError| unread(record, error.to_unread());
    match records.to_write(record, kind) {
        ToWrite::Moved(moved) => return Err(recorded_otherwise(record, &moved)),
        ToWrite::Already(origin) => {
            finish(github, (origin, kind)).await.map_err(refused)?;
            return Ok(Written::Already);
        }
        ToWrite::Write => {}
    }
    let payload = to_payload(record).map_err(|error| unwritten(record, &error.to_string()))?;
    let deployment = NewDeployment {
        sha: record.sha.to_string(),
        task: kind.task().to_owned(),
        environment: github_environment(&record.environment),
        description: format!(
            "{} {}: digests of its images",
            record.environment,
            record.sha.short()
        ),
        payload,
    };
    let created = github.create_deployment(&deployment).await.map_err(refused)?;
    if kind == RecordKind::Deployed {
        github.succeed(created).await.map_err(refused)?;
    }
    match read(session, &record.environment).await {
        ReadRecords::Read(records) => confirm(record, created, records.to_write(record, kind)),
        ReadRecords::Unkept => Ok(Written::Now),
        ReadRecords::Unread(why) => Err(unread(record, why)),
    }
}

/// What was read after a deployment was created.
fn confirm(
    record: &ReleaseRecord,
    created: DeploymentId,
    read: ToWrite,
) -> Result<Written, CommandError> {
    match read {
        ToWrite::Already(_) => Ok(Written::Now),
        ToWrite::Moved(moved) => Err(recorded_otherwise(record, &moved)),
        // A list that is late, or somebody whose deployments do not count.
        ToWrite::Write => {
            let ReleaseRecord { environment, sha, .. } = record;
            let message = format!(
                "deployment {} was created for {environment} {sha}, but is not found among the records",
                created.0
            );
            Err(CommandError::new(Exit::Unreadable, message).hint(
                "`records-by` of `[github]` has to name whoever creates records; if it does, try again",
            ))
        }
    }
}

/// The records could not be read, or GitHub refused.
fn unread(record: &ReleaseRecord, why: Unread) -> CommandError {
    let error = unwritten(record, &why.message);
    CommandError { exit: Exit::unread(why.cause), hint: why.hint, ..error }
}

/// An earlier run may have been stopped between the deployment and its status.
async fn finish(
    github: &GitHub,
    (origin, kind): (RecordOrigin, RecordKind),
) -> Result<(), crate::http::RequestError> {
    if let (RecordOrigin::Deployment(number), RecordKind::Deployed) = (origin, kind)
        && !github.succeeded(DeploymentId(number)).await?
    {
        github.succeed(DeploymentId(number)).await?;
    }
    Ok(())
}

fn unwritten(record: &ReleaseRecord, why: &str) -> CommandError {
    let ReleaseRecord { environment, sha, .. } = record;
    let message = format!("the record of {environment} {sha} was not written: {why}");
    CommandError::new(Exit::Unreadable, message)
}

/// Another job recorded the release since it was verified.
fn recorded_otherwise(record: &ReleaseRecord, moved: &[MovedTag]) -> CommandError {
    let first = moved.first().map_or_else(String::new, ToString::to_string);
    let error = unwritten(record, &format!("sha-tag-moved: {first}"));
    let hint = moved.first().map(MovedTag::hint);
    CommandError { exit: Exit::Fails, hint, ..error }
}
