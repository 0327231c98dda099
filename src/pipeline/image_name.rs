//! Which image of an environment a reference in a log means, and what its tag says.

use std::collections::BTreeSet;

use super::evidence::{LogReference, MASK};
use crate::model::{ImageName, RegistryName, Repository, Sha, TagKind, TagName};
use crate::policy::{Environment, Mirrors};

/// What the tag of a reference says about what it pointed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TagMeaning {
    /// It names a commit.
    Sha(Sha),
    /// It moves.
    Moving,
    /// The reference names a digest.
    Digest,
    /// Too much of it is masked.
    Unknown,
}

/// What the tag of a reference says.
pub(super) fn tag_meaning(environment: &Environment, reference: &LogReference) -> TagMeaning {
    let Some(tag) = reference.tag() else {
        return TagMeaning::Digest;
    };
    if let Some(sha) = whole_sha(tag) {
        return TagMeaning::Sha(sha);
    }
    let scheme = &environment.scheme;
    let known = TagName::parse(tag).ok().map(|tag| scheme.classify(&tag));
    match known {
        Some(TagKind::Sha(sha)) => TagMeaning::Sha(sha),
        _ if reference.digest().is_some() => TagMeaning::Digest,
        Some(_) => TagMeaning::Moving,
        None if reference.may_be_tagged(scheme.latest.as_str()) => TagMeaning::Moving,
        None => TagMeaning::Unknown,
    }
}

/// A tag with `{sha}` for the commit that it names, to be compared with a pattern; none if something is
/// masked.
pub(super) fn tag_form(reference: &LogReference, sha: &Sha) -> Option<String> {
    let tag = reference.tag().filter(|tag| !tag.contains(MASK))?;
    Some(tag.replacen(&sha.to_string(), "{sha}", 1))
}

/// A whole commit ID in a tag, of any environment and whatever is masked before it.
fn whole_sha(tag: &str) -> Option<Sha> {
    let parts = tag.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter_map(|part| Sha::parse(part).ok()).find(Sha::is_full)
}

/// The images of the environment that a reference may mean: several if too much of it is masked.
pub(super) fn images_named<'a>(
    environment: &'a Environment,
    reference: &LogReference,
) -> BTreeSet<&'a ImageName> {
    let is_one = |(_, image): &(&ImageName, &crate::policy::EnvironmentImage)| {
        image
            .repositories
            .iter()
            .any(|(registry, at)| is_in(environment, reference, (registry, at)))
    };
    environment.images.iter().filter(is_one).map(|(name, _)| name).collect()
}

/// Whether a reference may be to a repository of a registry.
pub(super) fn is_in(
    environment: &Environment,
    reference: &LogReference,
    (registry, repository): (&RegistryName, &Repository),
) -> bool {
    let names = names(repository, environment.mirrors.get(registry));
    names.iter().any(|name| reference.may_be_named(name))
}

/// The names of a repository in references: at its registry, at Docker Hub without a host, at mirrors.
fn names(repository: &Repository, mirrors: Option<&Mirrors>) -> Vec<String> {
    let path = repository.path.as_str();
    let mut names = vec![format!("{}/{path}", repository.host)];
    if matches!(repository.host.as_str(), "docker.io" | "index.docker.io" | "registry-1.docker.io")
    {
        names.extend([format!("docker.io/{path}"), path.to_owned()]);
        names.extend(path.strip_prefix("library/").map(str::to_owned));
    }
    for mirror in mirrors.into_iter().flat_map(|mirrors| &mirrors.list) {
        let before = match &mirror.path {
            Some(path) => format!("{}/{path}", mirror.host),
            None => mirror.host.clone(),
        };
        let namespace = mirrors.and_then(|mirrors| mirrors.namespace.as_ref());
        let below = namespace
            .and_then(|namespace| path.strip_prefix(namespace.as_str())?.strip_prefix('/'));
        names.extend(
            [Some(path), below].into_iter().flatten().map(|path| format!("{before}/{path}")),
        );
    }
    names
}
