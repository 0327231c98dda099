//! What was recorded of the releases: their digests are kept with them, also where a SHA tag points
//! to something else by now.

use super::graph::{Graph, Node};
use super::role::ReleaseId;
use super::roles::{EnvironmentReleases, Roles};
use crate::model::ReleaseRecord;

/// The records, beside the releases that they are of.
#[derive(Clone, Copy)]
pub(super) struct Recorded<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) records: &'a [ReleaseRecord],
}

impl<'a> Recorded<'a> {
    /// The manifests that were recorded of a release and are not among its copies.
    pub(super) fn others(self, release: ReleaseId) -> Vec<Node> {
        let nodes = self.digests(release).filter_map(|(repository, digest)| {
            let node = self.graph.find(repository, digest)?;
            let is_copy = self.roles.copies(release).any(|copy| copy.node == node);
            (!is_copy).then_some(node)
        });
        nodes.collect()
    }

    /// Whether a SHA tag of a release points to something else than what was recorded.
    pub(super) fn is_moved(self, release: ReleaseId) -> bool {
        self.digests(release).any(|(repository, digest)| {
            let mut copies = self.roles.copies(release);
            copies.any(|copy| {
                self.graph.repository_index(copy.node) == repository
                    && self.graph.record(copy.node).digest != *digest
            })
        })
    }

    /// What was recorded of a release, with the index of its repository. A shortened SHA in a record
    /// may be that of several releases; then it counts for each, which keeps more.
    fn digests(
        self,
        release: ReleaseId,
    ) -> impl Iterator<Item = (usize, &'a crate::model::Digest)> {
        let environment: &'a EnvironmentReleases<'_> =
            &self.roles.environments[self.roles.environment_index(release)];
        let sha = self.roles.sha(release);
        let name = &environment.environment.name;
        let its = move |record: &&ReleaseRecord| {
            record.environment == *name && record.sha.agrees_with(sha)
        };
        self.records.iter().filter(its).flat_map(move |record| {
            environment.repositories.iter().flatten().filter_map(move |repository| {
                let at = &self.graph.repositories()[*repository].repository;
                Some((*repository, &record.image_in(at)?.digest))
            })
        })
    }
}
