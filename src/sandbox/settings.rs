//! How an embedded registry behaves: what it asks of its clients and what it leaves out.
//!
//! Each choice is one that real registries make. What goes wrong now and then is not here but
//! among the faults.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::auth::Auth;
use super::docr::DocrSettings;
use super::ghcr::GhcrSettings;
use super::quirk::Quirk;

/// Which registry is imitated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imitation {
    /// One that is no more than the distribution specification.
    Oci,
    /// The container registry of DigitalOcean, with its control API at the same address.
    Docr(DocrSettings),
    /// GitHub's container registry, with the packages API at the same address.
    Ghcr(GhcrSettings),
}

/// What comes of deleting a single tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagDelete {
    /// The tag is gone, and its manifest stays.
    Alone,
    /// The manifest is gone too, with every other tag on it; some servers were seen to do so:
    /// <https://github.com/regclient/regclient/issues/335>
    WithManifest,
    /// It is 400 `DIGEST_INVALID`, as distribution 2.8 answers.
    Refused,
}

/// The behaviour of one embedded registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which registry is imitated. Faces other than [`Imitation::Oci`] bring their own `auth`,
    /// `referrers`, `tag_delete` and `delete`, and what is said here does not count.
    pub imitates: Imitation,
    /// The time at the start, from which it goes on; by it is dated what is pushed, deleted or
    /// collected while the registry runs. Without it what is pushed has no time.
    pub now: Option<DateTime<Utc>>,
    /// Who may do what.
    pub auth: Auth,
    /// Whether the referrers API is there; without it a client must use the fallback tag.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>
    pub referrers: bool,
    /// What comes of deleting a single tag.
    pub tag_delete: TagDelete,
    /// Whether anything can be deleted; without it a request to delete is 405 `UNSUPPORTED`.
    pub delete: bool,
    /// How tags are listed.
    pub listing: Listing,
    /// How long every answer takes at least.
    pub response_delay: Option<Duration>,
    /// What it does otherwise than documented, from the start.
    pub quirks: BTreeSet<Quirk>,
}

impl Default for Settings {
    /// Open to everyone, with all that the specification offers.
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

    /// With what the face brings along.
    pub(super) fn with_imitated_settings(self) -> Self {
        match &self.imitates {
            Imitation::Oci => self,
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

/// How a listing of tags is given out.
///
/// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// As the specification says: everything, or pages of `n` with a `Link` to the next.
    Standard,
    /// Everything at once whatever was asked for, without a `Link`.
    IgnoresPageSize,
    /// Never more than so many tags a page, with a `Link` also where no page size was asked for.
    MaxPage(usize),
    /// `"tags": null` instead of an empty list; otherwise standard.
    NullWhenEmpty,
    /// Pages of `n` that do not say that there is more.
    WithoutLink,
    /// By the time at which the tags were set instead of by name, at most 1,000 a page; a `last`
    /// that is no tag leads back to the beginning. GHCR was seen to do so:
    /// <https://github.com/renovatebot/renovate/discussions/36103>
    OldestFirst {
        /// How many are on a page where no page size was asked for.
        default_page_size: usize,
    },
}
