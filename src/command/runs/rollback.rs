//! What the registries say beside the runs: the release to roll back to, and the SHA tags of a run.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::{Deployed, not_read};
use crate::collect::observe_tag;
use crate::command::rollback_target::{self, Request, find};
use crate::command::{CommandError, GitLogs, Session};
use crate::model::{Digest, Place, Run, TagObservation, Unread, UnreadCause};
use crate::pipeline::named_sha;
use crate::policy::Environment;
use crate::report::{Exit, RollbackState, RollbackVerdict, UnreadRuns};

/// Whether there is a release to roll back to.
pub(super) struct TargetRead {
    pub(super) state: RollbackState,
    pub(super) unread: Vec<UnreadRuns>,
}

/// Searches as `rollback-target` does.
pub(super) async fn target(
    session: &Session,
    environment: &Environment,
    git: &GitLogs,
) -> TargetRead {
    let name = environment.name.as_str();
    let git = git.get(&environment.name).cloned().unwrap_or_default();
    let request = Request { git, ..rollback_target::Request::new(name) };
    let none = |why: String| TargetRead { state: RollbackState::None(why), unread: Vec::new() };
    let what = format!("the rollback target of {name}");
    let unknown = |unread| TargetRead { state: RollbackState::Unknown, unread };
    let answer = match find(session, &request).await {
        Ok(answer) => answer,
        Err(CommandError { exit, message, hint }) => {
            let cause = match exit {
                Exit::Credentials => UnreadCause::Credentials,
                Exit::Unreadable => UnreadCause::Unreachable,
                // The latest tags disagree, or the like: a person has to say more.
                _ => return none(message),
            };
            return unknown(vec![not_read(what, Unread { cause, message, hint })]);
        }
    };
    match (&answer.target, answer.verdict()) {
        (Some(target), _) => {
            TargetRead { state: RollbackState::Target(target.sha.clone()), unread: Vec::new() }
        }
        (None, RollbackVerdict::Unknown(cause)) => {
            let message = answer.message.unwrap_or_else(|| "not enough could be read".to_owned());
            let why = Unread { cause, message, hint: None };
            let registries = answer.unread.into_iter();
            let registries = registries.map(|(name, why)| not_read(name.as_str(), why));
            unknown(std::iter::once(not_read(what, why)).chain(registries).collect())
        }
        (None, _) => none(answer.message.unwrap_or_default()),
    }
}

/// What the SHA tags of a run's commit point to.
#[derive(Default)]
pub(super) struct TagsRead {
    pub(super) digests: BTreeMap<Place, Digest>,
    pub(super) unread: Vec<UnreadRuns>,
}

/// Asks every registry for the SHA tags of the commit that a run names.
pub(super) async fn sha_tags(session: &Session, of: &Deployed<'_>, run: &Run) -> TagsRead {
    let mut read = TagsRead::default();
    let Some(sha) = named_sha(of.deploys, run) else { return read };
    let tag = of.environment.scheme.sha.render(&sha);
    let collector = session.collector();
    let places = of.environment.images.iter().flat_map(|(image, settings)| {
        settings.repositories.iter().map(move |(registry, repository)| {
            (Place { image: image.clone(), registry: registry.clone() }, repository)
        })
    });
    let asked = places.map(|(place, repository)| {
        let tag = &tag;
        async move { (place, observe_tag(collector, repository, tag).await) }
    });
    for (place, observed) in join_all(asked).await {
        match observed {
            TagObservation::Found(digest) => drop(read.digests.insert(place, digest)),
            TagObservation::Missing => {}
            TagObservation::Unread(why) => read.unread.push(not_read(place.to_string(), why)),
        }
    }
    read
}
