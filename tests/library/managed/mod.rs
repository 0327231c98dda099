//! DOCR and GHCR through the library: what their management APIs are asked, how often, and what
//! is said when they refuse.
#![cfg(feature = "sandbox")]

mod counts;
mod deletions;
mod described;
mod garbage;
mod manifests;
mod paging;
mod refusals;
mod releases;
pub(crate) mod world;
