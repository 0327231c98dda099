//! How an embedded registry behaves. Each choice is one that some real registry makes.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::auth::Auth;
use super::docr::DocrSettings;
use super::ghcr::GhcrSettings;
use super::github::{GitHubSettings, Pipeline};
use super::quirk::Quirk;

/// Which registry is imitated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imitation {
    /// A plain registry of the distribution specification.
    Oci,
    /// The container registry of DigitalOcean, with its control API at the same address.
    Docr(DocrSettings),
    /// GitHub's container registry, with the packages API at the same address.
    Ghcr(GhcrSettings),
    /// GitHub's API for runs, jobs, logs and deployments. It has no registry.
    GitHub(GitHubSettings),
    /// The storage of the logs of a pipeline, which is another host than GitHub's API.
    GitHubLogs(Pipeline),
}

/// What deleting a single tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagDelete {
    /// It deletes the tag and keeps its manifest.
    Alone,
    /// It also deletes the manifest and all its other tags, as some servers were seen to do:
    /// <https://github.com/regclient/regclient/issues/335>
    WithManifest,
    /// It is refused with 400 `DIGEST_INVALID`, as by distribution 2.8.
    Refused,
}

/// The behaviour of one embedded registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which registry is imitated. Others than [`Imitation::Oci`] overwrite `auth`, `referrers`,
    /// `tag_delete` and `delete`.
    pub imitates: Imitation,
    /// The start time of the registry's clock, which dates pushes, deletions and collections.
    /// Without it pushes have no time.
    pub now: Option<DateTime<Utc>>,
    /// What credentials clients need.
    pub auth: Auth,
    /// Whether there is a referrers API; without it clients must use the fallback tag.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>
    pub referrers: bool,
    /// What deleting a single tag does.
    pub tag_delete: TagDelete,
    /// Whether deletion is possible; if not, it is refused with 405 `UNSUPPORTED`.
    pub delete: bool,
    /// How tags are listed.
    pub listing: Listing,
    /// How long every answer takes at least.
    pub response_delay: Option<Duration>,
    /// The quirks that are switched on at the start.
    pub quirks: BTreeSet<Quirk>,
}

impl Default for Settings {
    /// No authentication, and every feature of the specification.
    fn default() -> Self {
        Self {
            imitates: Imitation::Oci,
            now: None,
            auth: Auth::None,
            referrers: true,
            tag_delete: TagDelete::Alone,
            delete: true,
            listing: Listing::Standard,
            response_delay: None,
            quirks: BTreeSet::new(),
        }
    }
}

impl Settings {
    /// The registry of DigitalOcean, as of `now`.
    #[must_use]
    pub fn docr(docr: DocrSettings, now: DateTime<Utc>) -> Self {
        Self { imitates: Imitation::Docr(docr), now: Some(now), ..Self::default() }
    }

    /// GitHub's registry, as of `now`.
    #[must_use]
    pub fn ghcr(ghcr: GhcrSettings, now: DateTime<Utc>) -> Self {
        Self { imitates: Imitation::Ghcr(ghcr), now: Some(now), ..Self::default() }
    }

    /// With the settings that the imitated registry overwrites.
    pub(super) fn with_imitated_settings(self) -> Self {
        match &self.imitates {
            Imitation::Oci | Imitation::GitHub(_) | Imitation::GitHubLogs(_) => self,
            Imitation::Docr(docr) => {
                let auth = docr.auth();
                Self {
                    auth,
                    referrers: false,
                    tag_delete: TagDelete::Refused,
                    delete: true,
                    ..self
                }
            }
            Imitation::Ghcr(ghcr) => {
                let auth = ghcr.auth();
                let listing = match self.listing {
                    Listing::Standard => {
                        Listing::OldestFirst { default_page_size: ghcr.default_tags_page_size }
                    }
                    other => other,
                };
                Self {
                    auth,
                    listing,
                    referrers: false,
                    tag_delete: TagDelete::Refused,
                    delete: false,
                    ..self
                }
            }
        }
    }
}

/// How tags are listed.
///
/// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// As specified: all tags, or pages of `n` with a `Link` to the next.
    Standard,
    /// All tags at once whatever page size was requested, without a `Link`.
    IgnoresPageSize,
    /// At most this many tags a page, with a `Link` even if no page size was requested.
    MaxPage(usize),
    /// `"tags": null` instead of an empty list; otherwise standard.
    NullWhenEmpty,
    /// Pages of `n` without a `Link` to the next.
    WithoutLink,
    /// Ordered by the time at which the tags were set, at most 1,000 a page; a `last` that is not
    /// a tag starts from the beginning. GHCR was seen to do so:
    /// <https://github.com/renovatebot/renovate/discussions/36103>
    OldestFirst {
        /// The page size if none was requested.
        default_page_size: usize,
    },
}
