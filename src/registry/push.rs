//! Pushes blobs and manifests to a registry of any kind.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::backend::{Backend, Content};
use super::{ManifestSelector, PushError, PushRefusal, Pushed, PushedManifest};
use crate::model::{Probe, RepositoryPath};

impl Backend {
    /// Pushes a manifest, byte for byte, under a tag or under its digest. To be sure that it was stored,
    /// read it again.
    ///
    /// # Errors
    /// [`PushError`] when it is refused, or when it is unknown whether it was stored.
    pub fn manifest_put<'a>(
        &'a self,
        repository: &'a RepositoryPath,
        to: ManifestSelector<'a>,
        manifest: PushedManifest<'a>,
    ) -> BoxFuture<'a, Result<(), PushError>> {
        async move {
            let put = match self.content() {
                Content::Oci(oci) => oci.manifest_put(repository, to, manifest).await,
                #[cfg(test)]
                Content::Fake(fake) => {
                    fake.manifest_put(to, manifest);
                    Ok(())
                }
            };
            match put {
                Ok(()) => Ok(()),
                Err(error) => Err(self.push_failed(error).await),
            }
        }
        .boxed()
    }

    /// The error of a refused push, with the real reason if it can be found out: DigitalOcean gives no
    /// tokens to push during a garbage collection, and does not say why.
    pub(super) async fn push_failed(&self, error: PushError) -> PushError {
        match self {
            Self::Docr(docr) if error.refusal() == PushRefusal::Rights => {
                docr.push_failed(error).await
            }
            _ => error,
        }
    }

    /// Whether something can be pushed to a repository: an upload is started and cancelled, and nothing
    /// is stored.
    pub async fn push_probe(&self, repository: &RepositoryPath) -> Probe {
        self.oci()?.push_probe(repository).await
    }

    /// Pushes blobs and manifests to a repository, in the order given.
    ///
    /// # Errors
    /// [`PushError`] at the first that is refused.
    pub async fn push(
        &self,
        repository: &RepositoryPath,
        items: &[Pushed<'_>],
    ) -> Result<(), PushError> {
        match self.content() {
            Content::Oci(oci) => oci.push(repository, items).await,
            #[cfg(test)]
            Content::Fake(_) => Ok(()),
        }
    }
}
