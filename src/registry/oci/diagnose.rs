//! Checks a registry and the credentials by the OCI API alone.

use tokio::time::Instant;

use super::api::PageRequest;
use super::push::PushError;
use super::refused_push::PushRefusal;
use super::{OciRegistry, wire};
use crate::http::{RequestError, ask, authority};
use crate::model::{
    Diagnosis, HostAnswer, Probe, RepositoryPath, TagReference, Unread, UnreadCause,
};
use crate::registry::ManifestSelector;
use crate::registry::auth::Scope;

impl OciRegistry {
    /// The facts about this registry and its credentials.
    pub(in crate::registry) async fn diagnose(&self, probe: Option<&TagReference>) -> Diagnosis {
        let diagnosis = self.examine(probe, Instant::now()).await;
        let list = match &diagnosis.registry.answer {
            Ok(_) => self.listable(probe).await,
            Err(_) => None,
        };
        Diagnosis { list, ..diagnosis }
    }

    /// Everything but the listing, for which kinds with a management API use that one.
    pub(in crate::registry) async fn examine(
        &self,
        probe: Option<&TagReference>,
        start: Instant,
    ) -> Diagnosis {
        let root = self.api.root();
        let registry = match self.authenticator.check_trust().await {
            Ok(()) => ask(&self.http, &root, start).await.0,
            Err(error) => HostAnswer { host: authority(&root.url), answer: Err(error.to_unread()) },
        };
        let read = match probe {
            Some(probe) if registry.answer.is_ok() => Some(self.readable(probe).await),
            _ => None,
        };
        Diagnosis {
            registry,
            api: None,
            credential: self
                .authenticator
                .credential_fact()
                .await
                .map_err(|error| error.to_unread()),
            accepted: None,
            read: read.map(|answer| answer.map_err(|error| error.to_unread())),
            list: None,
            push: None,
            scopes: None,
            budget: None,
            registries: None,
        }
    }

    /// Whether a tag can be read; a missing tag counts as read.
    async fn readable(&self, probe: &TagReference) -> Result<(), RequestError> {
        let selector = ManifestSelector::Tag(&probe.tag);
        self.manifest_head(&probe.repository.path, selector).await.map(|_| ())
    }

    /// Whether something can be pushed: starts an upload and cancels it, so nothing is stored.
    pub(in crate::registry) async fn push_probe(&self, path: &RepositoryPath) -> Probe {
        Some(match self.upload_begin(path).await {
            Ok(upload) => {
                self.upload_cancel(path, upload).await;
                Ok(())
            }
            Err(error) => Err(unread(&error)),
        })
    }

    /// Whether a repository can be listed, by its first page.
    pub(in crate::registry) async fn listable(&self, probe: Option<&TagReference>) -> Probe {
        let path = &probe?.repository.path;
        Some(self.one_page(path).await.map_err(|error| error.to_unread()))
    }

    /// Reads the first page of the tags.
    ///
    /// # Errors
    /// [`RequestError`] when it cannot.
    pub(in crate::registry) async fn one_page(
        &self,
        path: &RepositoryPath,
    ) -> Result<(), RequestError> {
        let call = self.api.tags(path, PageRequest { size: Some(100), after: None });
        let reply = self.send(call.clone(), &Scope::pull(path)).await?;
        match reply.status.as_u16() {
            200 => wire::tags(&call.url, path, &reply).map(|_| ()),
            _ => Err(super::list::not_listed(&call, &reply)),
        }
    }
}

/// Why an upload could not be begun.
fn unread(error: &PushError) -> Unread {
    let cause = match error.refusal() {
        PushRefusal::Rights => UnreadCause::Credentials,
        PushRefusal::ContentMissing | PushRefusal::Other => UnreadCause::Unreachable,
    };
    match error {
        PushError::Request(error) => error.to_unread(),
        _ => Unread { cause, message: error.explanation(), hint: None },
    }
}
