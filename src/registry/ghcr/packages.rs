//! Lists the owner's packages of container images, page by page: each is a repository.
//!
//! <https://docs.github.com/rest/packages/packages#list-packages-for-an-organization>

use super::{GhcrRegistry, wire};
use crate::http::{ErrorKind, RequestError};
use crate::model::RepositoryPath;
use crate::registry::management::ManagementClient;
use crate::registry::pages::{self, Page, Paged};

struct Packages<'a> {
    ghcr: &'a GhcrRegistry,
    client: &'a ManagementClient<'a>,
}

impl Paged for Packages<'_> {
    type Entry = RepositoryPath;
    type Key = RepositoryPath;
    const WORD: &'static str = "packages";
    const SIZE: usize = super::api::PAGE;

    fn repository(&self) -> &RepositoryPath {
        self.ghcr.api.owner_path()
    }

    async fn page(&self, number: usize) -> Result<Page<RepositoryPath>, RequestError> {
        let owner = self.ghcr.owner(self.client).await?;
        let call = self.ghcr.api.packages(owner, number);
        let reply = self.client.send(&call).await?;
        match reply.status.as_u16() {
            200 => wire::packages(&call.url, self.repository(), &reply),
            _ => Err(self.ghcr.refused(&call, &reply).await),
        }
    }

    fn key(entry: &RepositoryPath) -> RepositoryPath {
        entry.clone()
    }
}

impl GhcrRegistry {
    /// Every repository of the owner.
    pub(in crate::registry) async fn repository_list(
        &self,
    ) -> Result<Vec<RepositoryPath>, RequestError> {
        let client = ManagementClient::with_token(&self.http, &self.authenticator).await?;
        let client = client.ok_or_else(|| {
            let message = "listing packages needs a GitHub token, and there is none";
            RequestError::new(ErrorKind::Credentials, message)
                .with_hint("set GITHUB_TOKEN or GH_TOKEN to a classic token with read:packages")
        })?;
        let (names, broken) = pages::read(&Packages { ghcr: self, client: &client }).await;
        match broken {
            Some(error) => Err(error),
            None => Ok(names.iter().map(|name| name.below(Some(self.api.owner_path()))).collect()),
        }
    }
}
