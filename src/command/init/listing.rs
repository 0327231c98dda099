//! Reads the repositories of a registry and their tags.

use futures_util::{StreamExt as _, stream};

use super::{RegistryAddress, drafted};
use crate::collect::Stage;
use crate::command::{CommandError, Session};
use crate::draft::{DraftNote, ListedRepository, of_listing};
use crate::model::{RepositoryPath, Unread};
use crate::registry::Backend;
use crate::report::{Drafted, Exit, counted};

/// How many repositories are listed at once.
const AT_ONCE: usize = 8;

/// Drafts a policy file from what a registry lists. The session has this registry alone.
///
/// # Errors
/// [`CommandError`] when the repositories cannot be listed. A repository whose tags cannot be listed is
/// a note of the draft.
pub async fn from_registry(
    session: &Session,
    address: &RegistryAddress,
) -> Result<Drafted, CommandError> {
    let read = read(session, address).await;
    session.finish_requests();
    let (repositories, unread) = read?;
    let mut sightings = of_listing(address, &repositories);
    let source = source(address);
    for (path, why) in &unread {
        let what = format!("its tags could not be listed: {}", why.message);
        sightings.note(DraftNote::new(path.as_str(), what));
    }
    let cause = unread.iter().map(|(_, why)| why.cause).min();
    Ok(drafted(source, sightings, cause))
}

/// `ghcr.io/acme`
fn source(address: &RegistryAddress) -> String {
    match &address.namespace {
        Some(namespace) => format!("{}/{namespace}", address.host()),
        None => address.host(),
    }
}

type Listed = (Vec<ListedRepository>, Vec<(RepositoryPath, Unread)>);

async fn read(session: &Session, address: &RegistryAddress) -> Result<Listed, CommandError> {
    let backends = session.policy.registries.keys();
    let mut backends = backends.filter_map(|name| session.connections.registry(name));
    let backend = backends.next().ok_or_else(|| CommandError::usage("there is no registry"))?;
    session.status(format!("listing the repositories of {}", source(address)));
    let all = backend.repository_list().await.map_err(|error| {
        let Unread { cause, message, hint } = error.to_unread();
        let hint = hint.map(|hint| hint_without_policy(hint, address));
        CommandError { exit: Exit::unread(cause), message, hint }
    })?;
    let count = all.len();
    let paths: Vec<(RepositoryPath, RepositoryPath)> = all
        .into_iter()
        .filter_map(|whole| Some((below(&whole, address.namespace.as_ref())?, whole)))
        .collect();
    if paths.is_empty() {
        return Err(nothing_found(address, count));
    }
    session.listener.expect(paths.len(), Stage::Repositories);
    let mut reading = stream::iter(paths)
        .map(|(path, whole)| async move { (path, tags(backend, &whole).await) })
        .buffer_unordered(AT_ONCE);
    let (mut listed, mut unread) = (Vec::new(), Vec::new());
    while let Some((path, tags)) = reading.next().await {
        session.listener.advance(Stage::Repositories);
        match tags {
            Ok(tags) => listed.push(ListedRepository { path, tags }),
            Err(why) => unread.push((path, why)),
        }
    }
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    unread.sort_by(|a, b| a.0.cmp(&b.0));
    Ok((listed, unread))
}

/// A hint for a command that has no policy: keys of a policy file are of no use to its user.
fn hint_without_policy(hint: String, address: &RegistryAddress) -> String {
    if !hint.contains("`namespace`") {
        return hint;
    }
    let kind = address.kind.as_str();
    match &address.namespace {
        Some(name) => format!(
            "check the name in `--from {kind}:{name}`, and that the token may list its repositories"
        ),
        None => "check the address after `--from`".to_owned(),
    }
}

/// Nothing is listed, or nothing below the prefix.
fn nothing_found(address: &RegistryAddress, listed: usize) -> CommandError {
    let host = address.host();
    match (&address.namespace, listed) {
        (Some(prefix), 1..) => {
            let listed = counted(listed, "repository");
            let message = format!("{host} lists {listed}, and none below `{prefix}/`");
            CommandError::usage(message).hint(
                "check the path after the host in `--from`; without a path, everything that the registry lists is read",
            )
        }
        _ => CommandError::usage(format!("{} lists no repositories", source(address))).hint(
            "check the address or name after `--from`, and that your login may list the repositories",
        ),
    }
}

/// The path below the namespace; none for one that is not below it.
fn below(path: &RepositoryPath, namespace: Option<&RepositoryPath>) -> Option<RepositoryPath> {
    let Some(namespace) = namespace else { return Some(path.clone()) };
    let rest = path.as_str().strip_prefix(namespace.as_str())?.strip_prefix('/')?;
    RepositoryPath::parse(rest).ok()
}

async fn tags(
    backend: &Backend,
    repository: &RepositoryPath,
) -> Result<Vec<crate::model::TagName>, Unread> {
    let listing = backend.tag_list(repository).await;
    if let Some(error) = listing.broken {
        return Err(error.to_unread());
    }
    let mut tags: Vec<_> = listing.tags.into_iter().map(|listed| listed.tag).collect();
    tags.sort();
    Ok(tags)
}
