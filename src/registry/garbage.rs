//! Garbage collection on demand; of the kinds here, only DOCR has it.

use super::RequestError;
use crate::model::{Collection, CollectionKind, RepositoryPath};

/// A registry that collects garbage on demand: one collection at a time, over all its repositories.
pub trait GarbageCollect: Sync {
    /// The collection that is running, if one is.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    fn collection_active(
        &self,
    ) -> impl Future<Output = Result<Option<Collection>, RequestError>> + Send;

    /// A collection by its id, also one that ended.
    ///
    /// # Errors
    /// [`RequestError`] when the registry does not answer the question.
    fn collection_find(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<Collection>, RequestError>> + Send;

    /// Starts a collection. The request is sent once and never retried.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when it is unknown whether it was.
    fn collection_start(
        &self,
        kind: CollectionKind,
    ) -> impl Future<Output = Result<Collection, RequestError>> + Send;

    /// Cancels a collection; it may take a while to end.
    ///
    /// # Errors
    /// [`RequestError`] when it was refused, or when it is unknown whether it was.
    fn collection_cancel(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Collection, RequestError>> + Send;

    /// Every repository that a collection works on, also those outside the policy.
    ///
    /// # Errors
    /// [`RequestError`] when the list could not be read completely.
    fn repository_list(
        &self,
    ) -> impl Future<Output = Result<Vec<RepositoryPath>, RequestError>> + Send;
}
