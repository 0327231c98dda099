//! Reads the records of an environment's releases, from the place that the policy names.

use std::io;

use futures_util::future::join_all;

use super::super::{CommandError, Session};
use crate::github::{DeploymentEntry, GitHub};
use crate::http::RequestError;
use crate::model::{EnvironmentName, RecordOrigin, ReleaseRecord, Unread, UnreadCause};
use crate::pipeline::{ClaimedRecord, Records, github_environment};
use crate::policy::RecordStore;
use crate::report::{Exit, counted};

/// The most pages of deployments that are read, of 100 each.
const MOST_PAGES: u32 = 100;
/// The longest file that is read, in bytes.
const LONGEST_FILE: usize = 256 << 20;

/// Where the records of a session are.
#[derive(Clone, Copy)]
pub(in crate::command) enum Store<'a> {
    /// There are none: the policy has no `[github]`, or says so.
    None,
    /// In a file, by its path.
    File(&'a str),
    /// As deployments, with whose deployments count.
    Deployments(&'a [String]),
}

/// The records of an environment, as far as they could be read.
#[derive(Debug)]
pub(in crate::command) enum ReadRecords {
    /// None are kept.
    Unkept,
    /// They were read.
    Read(Records),
    /// They could not be read.
    Unread(Unread),
}

impl<'a> Store<'a> {
    pub(in crate::command) fn is_on_github(self) -> bool {
        matches!(self, Self::Deployments(..))
    }

    pub(in crate::command) fn of(session: &'a Session) -> Self {
        let Some(settings) = &session.policy.github else {
            return Self::None;
        };
        match &settings.records {
            RecordStore::None => Self::None,
            RecordStore::File(path) => Self::File(path),
            RecordStore::Deployments => Self::Deployments(&settings.records_by),
        }
    }
}

/// Reads the records of an environment.
pub(in crate::command) async fn read(
    session: &Session,
    environment: &EnvironmentName,
) -> ReadRecords {
    let read = match Store::of(session) {
        Store::None => return ReadRecords::Unkept,
        Store::File(path) => {
            read_file(session, path).map(|text| Records::of_file(&text, environment))
        }
        Store::Deployments(by) => match session.readable_github() {
            Ok(github) => read_deployments(github, environment)
                .await
                .map(|all| Records::of_deployments(all.iter().map(claimed), environment, by)),
            Err(unread) => Err(unread),
        },
    };
    match read {
        Ok(records) => ReadRecords::Read(records),
        Err(unread) => ReadRecords::Unread(unread),
    }
}

/// Reads them for a command that goes on without them: what does not count, or could not be read, is
/// said here.
pub(in crate::command) async fn read_or_warn(
    session: &Session,
    environment: &EnvironmentName,
) -> Records {
    match read(session, environment).await {
        ReadRecords::Unkept => Records::default(),
        ReadRecords::Read(records) => {
            tell_ignored(session, environment, &records);
            records
        }
        ReadRecords::Unread(Unread { message, hint, .. }) => {
            let follows = "so it is not known whether a SHA tag was moved";
            session.warn(format!("{}, {follows}", unread_text(environment, &message)), hint);
            Records::default()
        }
    }
}

/// Reads those of all environments, for a plan that must not lose what was recorded.
///
/// # Errors
/// [`CommandError`] when those of an environment could not be read: what they would keep is unknown.
pub(in crate::command) async fn read_all(
    session: &Session,
) -> Result<Vec<ReleaseRecord>, CommandError> {
    let names = session.policy.environments.keys();
    let read = join_all(names.map(async |name| (name, read(session, name).await))).await;
    let mut all = Vec::new();
    for (name, read) in read {
        match read {
            ReadRecords::Unkept => {}
            ReadRecords::Read(records) => {
                tell_ignored(session, name, &records);
                all.extend(records.all().iter().map(|kept| kept.record.clone()));
            }
            ReadRecords::Unread(Unread { cause, message, hint }) => {
                let follows = "so it is unknown what has to be kept for a rollback";
                let message = format!("{}, {follows}", unread_text(name, &message));
                let none = "`records = \"none\"` in `[github]` if none are kept";
                let hint = hint.map_or(none.to_owned(), |hint| format!("{hint}; or {none}"));
                return Err(CommandError::new(Exit::unread(cause), message).hint(hint));
            }
        }
    }
    Ok(all)
}

/// That records could not be read, in words.
pub(in crate::command) fn unread_text(environment: &EnvironmentName, why: &str) -> String {
    format!("the records of {environment} could not be read: {why}")
}

/// Says which records do not count.
pub(in crate::command) fn tell_ignored(
    session: &Session,
    environment: &EnvironmentName,
    records: &Records,
) {
    if records.foreign > 0 {
        let count = counted(records.foreign, "deployment");
        let text = format!(
            "{count} to {} ignored: created by somebody whom `records-by` does not name",
            github_environment(environment)
        );
        session.note(text, None);
    }
    if let Some(first) = records.malformed.first() {
        let count = counted(records.malformed.len(), "record");
        session.note(format!("{count} ignored: malformed, the first is {}", named(*first)), None);
    }
}

fn named(origin: RecordOrigin) -> String {
    match origin {
        RecordOrigin::Deployment(number) => format!("deployment {number}"),
        RecordOrigin::Line(number) => format!("line {number} of the file"),
    }
}

/// The content of the file. One that does not exist may be somewhere else, so that it counts as unread.
fn read_file(session: &Session, path: &str) -> Result<Vec<u8>, Unread> {
    let unread = |message: String| Unread { cause: UnreadCause::Unreachable, message, hint: None };
    match session.record_files.read(path) {
        Ok(text) if text.len() > LONGEST_FILE => {
            Err(unread(format!("{path} has more than {} MiB", LONGEST_FILE >> 20)))
        }
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Unread {
            cause: UnreadCause::NotFound,
            hint: Some(
                "a relative path begins at the policy file's folder; `tags verify --record` makes the file, or make it empty"
                    .to_owned(),
            ),
            ..unread(format!("{path} does not exist"))
        }),
        Err(error) => Err(unread(format!("{path}: {error}"))),
    }
}

/// All deployments to the environment of the records. Their order is not documented, so that the first
/// is known only after the last page.
async fn read_deployments(
    github: &GitHub,
    environment: &EnvironmentName,
) -> Result<Vec<DeploymentEntry>, Unread> {
    let name = github_environment(environment);
    let mut all = Vec::new();
    for number in 1..=MOST_PAGES {
        let read = github.deployments(&name, number).await;
        let page = read.map_err(|error: RequestError| error.to_unread())?;
        all.extend(page.deployments);
        if !page.has_next {
            return Ok(all);
        }
    }
    Err(Unread {
        cause: UnreadCause::Unreachable,
        message: format!("there are more than {} deployments to {name}", MOST_PAGES * 100),
        hint: Some("delete the oldest ones, or keep records in a file".to_owned()),
    })
}

fn claimed(entry: &DeploymentEntry) -> ClaimedRecord<'_> {
    ClaimedRecord {
        number: entry.id.0,
        sha: &entry.sha,
        task: &entry.task,
        environment: &entry.environment,
        creator: entry.creator.as_deref(),
        created: entry.created,
        payload: &entry.payload,
    }
}
