//! Whose image a reference names: by the registry's own address, or by a mirror's.

use super::listed::{ListedReference, authority};
use crate::model::Repository;
use crate::policy::{Mirror, Mirrors};

impl ListedReference {
    /// Whether it names something in this repository, which has these mirrors.
    pub(crate) fn is_in(&self, repository: &Repository, mirrors: Option<&Mirrors>) -> bool {
        let own = self.path == repository.path.as_str() && self.host == authority(&repository.host);
        own || mirrors.is_some_and(|known| {
            known.list.iter().any(|mirror| self.is_by(mirror, repository, known))
        })
    }

    /// Whether a mirror serves this as something in the repository: below the mirror's path stands
    /// the repository's, with or without the registry's namespace.
    fn is_by(&self, mirror: &Mirror, repository: &Repository, known: &Mirrors) -> bool {
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

    /// The mirror by which it would be in this repository, if its host and what stands before the
    /// path were one: `host[/path]`.
    pub(crate) fn mirror_that_fits(
        &self,
        repository: &Repository,
        mirrors: Option<&Mirrors>,
    ) -> Option<String> {
        // A name without a host is an image of Docker Hub, or one that was only built.
        let bare = self.host == "docker.io" && self.path.starts_with("library/");
        if bare || self.host == authority(&repository.host) {
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

/// The path of a repository, whole and without the registry's namespace.
fn paths<'a>(repository: &'a Repository, known: &'a Mirrors) -> impl Iterator<Item = &'a str> {
    let whole = repository.path.as_str();
    let below = known.namespace.as_ref().and_then(|namespace| {
        whole.strip_prefix(namespace.as_str()).and_then(|rest| rest.strip_prefix('/'))
    });
    std::iter::once(whole).chain(below)
}
