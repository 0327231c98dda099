//! Lists the repositories of a registry of any kind.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Backend, GarbageCollect as _, RequestError};
use crate::model::RepositoryPath;

impl Backend {
    /// Every repository, with its whole path: the packages of GHCR's owner, the repositories of a DOCR
    /// registry, else the registry's catalog.
    ///
    /// # Errors
    /// [`RequestError`] when the list could not be read completely.
    pub fn repository_list(&self) -> BoxFuture<'_, Result<Vec<RepositoryPath>, RequestError>> {
        async move {
            match self {
                Self::Oci(oci) => oci.repository_list().await,
                Self::Docr(docr) => docr.repository_list().await,
                Self::Ghcr(ghcr) => ghcr.repository_list().await,
                #[cfg(test)]
                Self::Fake(_) => Ok(Vec::new()),
            }
        }
        .boxed()
    }
}
