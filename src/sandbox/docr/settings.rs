//! How an embedded DigitalOcean registry behaves: its names, its token, its garbage collection,
//! and what is assumed where the real behaviour is not known.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::super::auth::Auth;
use super::super::page::Order;

/// How long a token for the registry is valid: "up to 15 minutes".
///
/// <https://docs.digitalocean.com/reference/api/digitalocean/#tag/Container-Registry/operation/registry_run_garbageCollection>
const TOKEN_LIFE: Duration = Duration::from_mins(15);

/// What the API token may do.
///
/// <https://docs.digitalocean.com/reference/api/scopes/>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocrScope {
    /// `registry:read`
    Read,
    /// `registry:update`
    Update,
    /// `registry:delete`
    Delete,
}

/// An account with one registry or more.
#[derive(Clone, PartialEq, Eq)]
pub struct DocrSettings {
    /// The registry's name, the first part of all its repositories. The real one takes no name
    /// that is part of the control API, `registry` and `registries` least of all.
    pub registry: String,
    /// The other registries of the account; with one, paths without a name are refused with 412.
    pub other_registries: Vec<String>,
    /// The API token: bearer of the control API, user and password of the registry.
    pub token: String,
    /// What the token may do.
    pub scopes: BTreeSet<DocrScope>,
    /// How many requests to the control API an hour takes.
    ///
    /// <https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction/Rate-Limit>
    pub hourly_limit: u32,
    /// How garbage collection behaves.
    pub collection: CollectionSettings,
    /// What is assumed where the real behaviour is not known.
    pub assumptions: Assumptions,
}

impl DocrSettings {
    /// An account with one registry, and a token that may do everything.
    #[must_use]
    pub fn new(registry: &str, token: &str) -> Self {
        Self {
            registry: registry.to_owned(),
            other_registries: Vec::new(),
            token: token.to_owned(),
            scopes: BTreeSet::from([DocrScope::Read, DocrScope::Update, DocrScope::Delete]),
            hourly_limit: 5000,
            collection: CollectionSettings::default(),
            assumptions: Assumptions::default(),
        }
    }

    /// The names of all registries.
    pub(super) fn registries(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.registry).chain(&self.other_registries).map(String::as_str)
    }

    /// Whether the token may do this to a repository through the registry's own protocol.
    pub(super) fn allows(&self, action: &str) -> bool {
        match action {
            "pull" => self.scopes.contains(&DocrScope::Read),
            "push" => self.scopes.contains(&DocrScope::Update),
            "delete" => self.scopes.contains(&DocrScope::Delete),
            _ => self.scopes.len() == 3,
        }
    }

    /// The token is both user and password; there is no anonymous access.
    ///
    /// <https://docs.digitalocean.com/products/container-registry/how-to/set-up-ci-cd/>
    pub(in super::super) fn auth(&self) -> Auth {
        Auth::Token {
            user: self.token.clone(),
            password: self.token.clone(),
            expires_in: Some(TOKEN_LIFE),
            anonymous_pull: false,
        }
    }
}

impl fmt::Debug for DocrSettings {
    /// Leaves the token out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocrSettings")
            .field("registry", &self.registry)
            .field("other_registries", &self.other_registries)
            .field("scopes", &self.scopes)
            .field("hourly_limit", &self.hourly_limit)
            .field("collection", &self.collection)
            .field("assumptions", &self.assumptions)
            .finish_non_exhaustive()
    }
}

/// Whether a repository belongs to a registry of this name.
pub(super) fn is_in_registry(repository: &str, registry: &str) -> bool {
    repository.strip_prefix(registry).is_some_and(|rest| rest.starts_with('/'))
}

/// How long each state of a garbage collection lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateDuration {
    /// This long.
    Time(Duration),
    /// Until the collection was read once, alone or in the list of all; for tests that do not
    /// wait.
    UntilPolled,
}

/// How garbage collection behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionSettings {
    /// How long each state lasts.
    pub state_duration: StateDuration,
    /// An undocumented state between the scan and the deletion.
    pub unknown_state: Option<String>,
    /// Whether it fails instead of deleting.
    pub fails: bool,
}

impl Default for CollectionSettings {
    /// Successful, with a few seconds for each state.
    fn default() -> Self {
        Self {
            state_duration: StateDuration::Time(Duration::from_secs(3)),
            unknown_state: None,
            fails: false,
        }
    }
}

/// What is assumed where the real behaviour is not known. The defaults are the behaviour that is
/// the most dangerous for a client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one open question, yes or no")]
pub struct Assumptions {
    /// Whether a collection of untagged manifests takes the children of tagged indexes too.
    pub collects_children: bool,
    /// The status with which the control API refuses to delete while a collection is under way;
    /// none if it deletes.
    pub refuses_deletes_with: Option<u16>,
    /// The status of a second collection while one is under way.
    pub second_collection: u16,
    /// Whether the manifests of an index are listed.
    pub lists_children: bool,
    /// Whether a manifest without tags lacks the list of tags rather than having an empty one.
    pub leaves_out_empty_tags: bool,
    /// Whether the tag of an index is listed with the digest of the first image in it.
    pub tags_show_children: bool,
    /// Whether pushing the digest that a tag already has updates the tag's time.
    pub repush_moves_the_time: bool,
    /// The order of tags and manifests.
    pub order: Order,
}

impl Default for Assumptions {
    /// Deletes more and shows less, except that lists are as they were seen.
    fn default() -> Self {
        Self {
            collects_children: true,
            refuses_deletes_with: Some(409),
            second_collection: 409,
            lists_children: true,
            leaves_out_empty_tags: true,
            tags_show_children: false,
            repush_moves_the_time: true,
            order: Order::NewestFirst,
        }
    }
}
