//! Lists versions, page by page: every manifest is one, with all its tags.

use std::collections::BTreeMap;

use super::{GhcrRegistry, wire};
use crate::http::RequestError;
use crate::model::{RepositoryPath, StatementSource, TagPush};
use crate::registry::management::ManagementClient;
use crate::registry::pages::{self, Page, Paged};
use crate::registry::{ListedManifest, ListedTag, ManifestListing, TagListing, management};

/// The versions of a package.
struct Versions<'a> {
    ghcr: &'a GhcrRegistry,
    client: &'a management::ManagementClient<'a>,
    repository: &'a RepositoryPath,
}

impl Paged for Versions<'_> {
    type Entry = wire::Version;
    type Key = String;
    const WORD: &'static str = "versions";
    const SIZE: usize = super::api::PAGE;

    fn repository(&self) -> &RepositoryPath {
        self.repository
    }

    async fn page(&self, number: usize) -> Result<Page<wire::Version>, RequestError> {
        self.ghcr.page(self.client, self.repository, number).await
    }

    fn key(entry: &wire::Version) -> String {
        entry.digest.to_string()
    }
}

impl GhcrRegistry {
    pub(in crate::registry) async fn tag_list(&self, repository: &RepositoryPath) -> TagListing {
        let client = ManagementClient::with_token(&self.http, &self.authenticator).await;
        let client = match client {
            Ok(Some(client)) => client,
            Ok(None) => return self.oci.tag_list(repository).await,
            Err(error) => return TagListing::broken(error),
        };
        let (versions, broken) = self.versions(&client, repository).await;
        let mut tags = management::TagCollector::new(StatementSource::GhcrVersions);
        for version in versions {
            let pushed = version.pushed();
            for tag in version.tags {
                let digest = Some(version.digest.clone());
                tags.add(ListedTag { tag, digest, pushed });
            }
        }
        tags.into_listing(broken)
    }

    pub(in crate::registry) async fn manifest_list(
        &self,
        repository: &RepositoryPath,
    ) -> Option<ManifestListing> {
        let client = ManagementClient::with_token(&self.http, &self.authenticator).await;
        let client = match client {
            Ok(client) => client?,
            Err(error) => return Some(ManifestListing::broken(error)),
        };
        let (versions, broken) = self.versions(&client, repository).await;
        let mut manifests = BTreeMap::new();
        for version in versions {
            management::add(&mut manifests, manifest(version));
        }
        let contradictions = management::shared_tags(StatementSource::GhcrVersions, &manifests);
        let manifests = manifests.into_values().collect();
        Some(ManifestListing { manifests, contradictions, broken })
    }

    async fn versions(
        &self,
        client: &management::ManagementClient<'_>,
        repository: &RepositoryPath,
    ) -> (Vec<wire::Version>, Option<RequestError>) {
        pages::read(&Versions { ghcr: self, client, repository }).await
    }
}

/// A version as a manifest. Its time is that of the digest's first push, which setting a tag later does not
/// change, so its tags have no time.
fn manifest(version: wire::Version) -> ListedManifest {
    let pushed = version.pushed();
    let tags = version.tags.into_iter().map(|name| TagPush { name, pushed: None });
    ListedManifest {
        digest: version.digest,
        tags: tags.collect(),
        pushed,
        bytes: None,
        version: Some(version.id),
    }
}
