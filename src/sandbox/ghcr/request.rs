//! A request to the packages API, as its handlers get it.

use super::super::call::Call;
use super::super::shared::Shared;
use super::settings::GhcrSettings;
use crate::model::RepositoryPath;

/// By which way the owner was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnerPath {
    Orgs,
    Users,
    /// The token's own user.
    User,
}

/// What the handlers of one request share.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) ghcr: &'a GhcrSettings,
    pub(super) call: &'a Call,
}

/// A package and the way by which it was named.
pub(super) struct Package {
    pub(super) root: OwnerPath,
    pub(super) name: String,
    pub(super) path: RepositoryPath,
}
