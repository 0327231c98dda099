//! The role of one tag for the environments that use its repository.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::graph::Graph;
use crate::model::{Deployments, EnvironmentName, GitHistory};
use crate::policy::{Environment, Policy};

/// A release by its number among those of all environments.
pub(super) type ReleaseId = u32;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The latest tag of an environment, by its index.
    Latest(u16),
    /// A SHA tag of a release.
    Release(ReleaseId),
    /// A SHA tag of an environment that matches several of its releases.
    Ambiguous(u16),
    /// A signature, an attestation or a referrers list.
    Accessory,
    /// Any other tag.
    Other,
}

/// What the roles of all tags are found from.
#[derive(Clone, Copy)]
pub(super) struct RoleInput<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) policy: &'a Policy,
    pub(super) git: &'a BTreeMap<EnvironmentName, GitHistory>,
    pub(super) deployments: &'a BTreeMap<EnvironmentName, Deployments>,
    pub(super) now: DateTime<Utc>,
}

/// The indexes of the repositories of an environment, sorted; `None` for one that was not read at all.
pub(super) fn repositories(graph: &Graph<'_>, environment: &Environment) -> Vec<Option<usize>> {
    let images = environment.images.values();
    let mut places: Vec<Option<usize>> = images
        .flat_map(|image| image.repositories.values())
        .map(|repository| graph.find_repository(repository))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
