//! What a registry can do that collects garbage on demand: of the kinds here, only DOCR.

use futures_util::future::BoxFuture;

use super::RequestError;
use crate::model::{Collection, CollectionKind, RepositoryPath};

/// A registry that collects garbage on demand, one collection at a time, over all repositories.
pub trait GarbageCollect: Send + Sync {
    /// The collection that goes on, if one does.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    fn collection_active(&self) -> BoxFuture<'_, Result<Option<Collection>, RequestError>>;

    /// A collection of now or of the past.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    fn collection_find<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Collection>, RequestError>>;

    /// Starts a collection; asked once and never again by itself.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when nobody can tell whether it was.
    fn collection_start(
        &self,
        kind: CollectionKind,
    ) -> BoxFuture<'_, Result<Collection, RequestError>>;

    /// Cancels a collection; it may take a while until it has ended.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when nobody can tell whether it was.
    fn collection_cancel<'a>(
        &'a self,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Collection, RequestError>>;

    /// Every repository that a collection reaches, those outside the policy too.
    ///
    /// # Errors
    /// [`RequestError`] when the list could not be read to its end.
    fn repository_list(&self) -> BoxFuture<'_, Result<Vec<RepositoryPath>, RequestError>>;
}
