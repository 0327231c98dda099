//! How an embedded GitHub container registry behaves: its owner, what the token may do, and what
//! is assumed where the real behaviour is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::super::auth::Auth;
use super::super::page::Order;
use crate::model::Digest;

/// Whether the packages belong to an organization or to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// `/orgs/…`
    Organization,
    /// `/users/…`
    User,
}

/// What kind of token there is.
///
/// <https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal access token (classic); every answer lists its scopes.
    Classic,
    /// The `GITHUB_TOKEN` of a workflow: it cannot list packages and has no user.
    Actions,
}

/// What a token may do with packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageScope {
    /// `read:packages`
    Read,
    /// `write:packages`
    Write,
    /// `delete:packages`
    Delete,
}

impl PackageScope {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read:packages",
            Self::Write => "write:packages",
            Self::Delete => "delete:packages",
        }
    }
}

/// The answer to a request without the required right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRight {
    /// 404, as if there were no such package.
    NotFound,
    /// 403.
    Forbidden,
}

/// The answer to a request for referrers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingReferrers {
    /// 404 `MANIFEST_UNKNOWN`: <https://github.com/NVIDIA/aicr/issues/1957>
    NotFound,
    /// 303 to a path below this address, `https://github.com` in reality:
    /// <https://github.com/artifacthub/hub/issues/4785>
    Redirect(String),
}

/// The packages of one owner.
#[derive(Clone, PartialEq, Eq)]
pub struct GhcrSettings {
    /// The owner's login, the first part of all repositories.
    pub owner: String,
    /// What the owner is.
    pub owner_kind: OwnerKind,
    /// The token: bearer of the packages API, password of the registry with any user.
    pub token: String,
    /// What kind of token it is.
    pub token_kind: TokenKind,
    /// What the token may do.
    pub scopes: BTreeSet<PackageScope>,
    /// Whether everyone may pull; of public packages, versions with more than 5,000 downloads
    /// cannot be deleted.
    pub public: bool,
    /// How many requests to the packages API an hour takes.
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    pub hourly_limit: u32,
    /// How often manifests were downloaded before the start; each GET of a manifest is one more.
    pub downloads: BTreeMap<Digest, u64>,
    /// The answer to a request without the required right; both were seen.
    pub missing_right: MissingRight,
    /// The answer to a request for referrers; both were seen.
    pub referrers: MissingReferrers,
    /// The page size of tags if none was requested; the real one is not known.
    pub default_tags_page_size: usize,
    /// The order of versions; none is documented.
    pub order: Order,
    /// Whether pages and states can be requested below `/users/`, which is not documented.
    pub users_paging: bool,
    /// Whether restoring a version also restores its tags, except those that were set since.
    pub restores_tags: bool,
}

impl GhcrSettings {
    /// The public packages of an owner, and a classic token that may do everything.
    #[must_use]
    pub fn new(owner: &str, owner_kind: OwnerKind, token: &str) -> Self {
        Self {
            owner: owner.to_owned(),
            owner_kind,
            token: token.to_owned(),
            token_kind: TokenKind::Classic,
            scopes: BTreeSet::from([PackageScope::Read, PackageScope::Write, PackageScope::Delete]),
            public: true,
            hourly_limit: 5000,
            downloads: BTreeMap::new(),
            missing_right: MissingRight::NotFound,
            referrers: MissingReferrers::NotFound,
            default_tags_page_size: 100,
            order: Order::NewestFirst,
            users_paging: true,
            restores_tags: true,
        }
    }

    /// Whether the token may do this to a repository through the registry's own protocol. The right
    /// to delete has no effect there, and is always granted.
    pub(super) fn allows(&self, action: &str) -> bool {
        match action {
            "pull" => self.public || self.scopes.contains(&PackageScope::Read),
            "push" => self.scopes.contains(&PackageScope::Write),
            "delete" => true,
            _ => false,
        }
    }

    /// Any user with the token; the answer does not say how long the token is valid.
    pub(in super::super) fn auth(&self) -> Auth {
        Auth::Token {
            user: String::new(),
            password: self.token.clone(),
            expires_in: None,
            anonymous_pull: self.public,
        }
    }
}

impl fmt::Debug for GhcrSettings {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GhcrSettings")
            .field("owner", &self.owner)
            .field("owner_kind", &self.owner_kind)
            .field("token_kind", &self.token_kind)
            .field("scopes", &self.scopes)
            .field("public", &self.public)
            .field("hourly_limit", &self.hourly_limit)
            .field("downloads", &self.downloads)
            .field("missing_right", &self.missing_right)
            .field("referrers", &self.referrers)
            .finish_non_exhaustive()
    }
}
