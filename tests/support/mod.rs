//! What the tests share: names, images, embedded registries and policies for them, the program in
//! a home of its own, and the registry of somebody else.

pub(crate) mod client;
#[cfg(feature = "sandbox")]
pub(crate) mod debian;
#[cfg(feature = "sandbox")]
pub(crate) mod github;
#[cfg(feature = "sandbox")]
pub(crate) mod images;
pub(crate) mod packages;
pub(crate) mod policy;
pub(crate) mod program;
#[cfg(feature = "sandbox")]
pub(crate) mod registries;
#[cfg(feature = "sandbox")]
pub(crate) mod server;

use tags::model::{RepositoryPath, TagName};

pub(crate) fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

pub(crate) fn path(text: &str) -> RepositoryPath {
    RepositoryPath::parse(text).expect("a path")
}

/// The repository of most scenes that need only one.
pub(crate) fn backend() -> RepositoryPath {
    path("acme/backend")
}
