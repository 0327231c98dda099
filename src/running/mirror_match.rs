//! Whether a reference is to a repository, by the registry's own address or by that of a mirror.

use super::listed::{ListedReference, authority};
use crate::model::Repository;
use crate::policy::{Mirror, Mirrors};

impl ListedReference {
    /// Whether it is to this repository, whose registry has these mirrors.
    pub(crate) fn is_in(&self, repository: &Repository, mirrors: Option<&Mirrors>) -> bool {
        let own = self.path == repository.path.as_str() && self.host == authority(&repository.host);
        own || mirrors.is_some_and(|known| {
            known.list.iter().any(|mirror| self.is_at(mirror, repository, known))
        })
    }

    /// Whether it is to the repository at a mirror: the mirror's path is followed by the repository's,
    /// with or without the registry's namespace.
    fn is_at(&self, mirror: &Mirror, repository: &Repository, known: &Mirrors) -> bool {
        if self.host != authority(&mirror.host) {
            return false;
        }
        let below = match &mirror.path {
            Some(path) => {
                self.path.strip_prefix(path.as_str()).and_then(|rest| rest.strip_prefix('/'))
            }
            None => Some(self.path.as_str()),
        };
        below.is_some_and(|below| paths(repository, known).any(|path| path == below))
    }

    /// The address, `host[/path]`, that would have to be a mirror for the reference to be to this
    /// repository.
    pub(crate) fn possible_mirror(
        &self,
        repository: &Repository,
        mirrors: Option<&Mirrors>,
    ) -> Option<String> {
        // A name without a host is an image of Docker Hub, or one that was only built locally.
        let has_no_host = self.host == "docker.io" && self.path.starts_with("library/");
        if has_no_host || self.host == authority(&repository.host) {
            return None;
        }
        let none = Mirrors::default();
        paths(repository, mirrors.unwrap_or(&none)).find_map(|path| {
            let before = self.path.strip_suffix(path)?;
            match before.strip_suffix('/') {
                Some(before) => Some(format!("{}/{before}", self.host)),
                None => before.is_empty().then(|| self.host.clone()),
            }
        })
    }
}

/// The path of a repository, with and without the registry's namespace.
fn paths<'a>(repository: &'a Repository, known: &'a Mirrors) -> impl Iterator<Item = &'a str> {
    let whole = repository.path.as_str();
    let below = known.namespace.as_ref().and_then(|namespace| {
        whole.strip_prefix(namespace.as_str()).and_then(|rest| rest.strip_prefix('/'))
    });
    std::iter::once(whole).chain(below)
}
