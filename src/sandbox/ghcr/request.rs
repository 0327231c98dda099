//! A request to the packages API, as its handlers get it.

use super::super::call::Call;
use super::super::shared::Shared;
use super::settings::GhcrSettings;
use crate::model::RepositoryPath;

/// The beginning of the path, which names the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnerPath {
    Orgs,
    Users,
    /// The token's own user.
    User,
}

/// A request, with the registry that it is for.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) ghcr: &'a GhcrSettings,
    pub(super) call: &'a Call,
}

/// A package and the path by which it was requested.
pub(super) struct Package {
    pub(super) root: OwnerPath,
    pub(super) name: String,
    pub(super) path: RepositoryPath,
}
