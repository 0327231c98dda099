//! Writes to an OCI registry: blobs, raw manifests and tags, through the `oci-client` crate.
//!
//! It fills the demo's and the tests' registries; manifests go byte for byte, so that their digest
//! stays. Tokens come from our own broker, so that the client asks for none.

use std::sync::Arc;

use oci_distribution::client::{ClientConfig, ClientProtocol};
use oci_distribution::errors::OciDistributionError;
use oci_distribution::secrets::RegistryAuth;
use oci_distribution::{Client, Reference, RegistryOperation, token_cache};
use reqwest::header::{HeaderValue, InvalidHeaderValue};

use super::super::auth::{Access, Actions, Broker, Scope};
use super::super::error::RegistryError;
use super::super::http::{Http, authority};
use crate::model::{Digest, RepositoryPath};
use crate::policy::Registry;
use crate::registry::Keychain;

/// A push that failed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The registry does not let us in.
    #[error(transparent)]
    Access(#[from] RegistryError),
    /// The registry refused, or the connection broke.
    #[error("cannot push to {target}")]
    Refused {
        /// The repository.
        target: String,
        /// Why.
        source: Box<OciDistributionError>,
    },
    /// The media type cannot be sent.
    #[error("cannot push to {target}")]
    MediaType {
        /// The repository.
        target: String,
        /// Why.
        source: InvalidHeaderValue,
    },
}

/// One thing to push, in an order in which everything comes before what refers to it.
#[derive(Debug, Clone, Copy)]
pub enum Pushed<'a> {
    /// A blob.
    Blob(&'a [u8]),
    /// A manifest, under a tag or a digest.
    Manifest {
        /// Its media type.
        media_type: &'a str,
        /// Its exact bytes.
        bytes: &'a [u8],
        /// The tag, or none to push it under its digest.
        tag: Option<&'a str>,
    },
}

/// Pushes to one registry.
pub struct OciPush {
    client: Client,
    broker: Broker,
    authority: String,
}

impl OciPush {
    /// A pusher for a registry of the policy.
    ///
    /// # Errors
    /// [`PushError`] when no client can be set up.
    pub fn new(
        http: Arc<Http>,
        registry: Arc<Registry>,
        keychain: Arc<dyn Keychain>,
    ) -> Result<Self, PushError> {
        let authority = authority(&registry.url);
        let protocol = if registry.url.scheme() == "http" {
            ClientProtocol::HttpsExcept(vec![authority.clone()])
        } else {
            ClientProtocol::Https
        };
        let config =
            ClientConfig { protocol, use_monolithic_push: true, ..ClientConfig::default() };
        let client = Client::try_from(config).map_err(|source| PushError::Refused {
            target: authority.clone(),
            source: Box::new(source),
        })?;
        Ok(Self { client, broker: Broker::new(http, registry, keychain), authority })
    }

    /// Pushes blobs and manifests to a repository, in the order given.
    ///
    /// # Errors
    /// [`PushError`] at the first that is refused.
    pub async fn push(
        &self,
        repository: &RepositoryPath,
        items: &[Pushed<'_>],
    ) -> Result<(), PushError> {
        let target = format!("{}/{repository}", self.authority);
        let refused = |source: OciDistributionError| PushError::Refused {
            target: target.clone(),
            source: Box::new(source),
        };
        for item in items {
            let reference = |tag: &str| {
                Reference::with_tag(self.authority.clone(), repository.to_string(), tag.to_owned())
            };
            self.feed_token(repository, &reference("latest")).await?;
            match *item {
                Pushed::Blob(bytes) => {
                    let digest = Digest::of(bytes);
                    self.client
                        .push_blob(&reference("latest"), bytes.to_vec(), digest.as_str())
                        .await
                        .map_err(refused)?;
                }
                Pushed::Manifest { media_type, bytes, tag } => {
                    let digest = Digest::of(bytes);
                    let to = match tag {
                        Some(tag) => reference(tag),
                        None => Reference::with_digest(
                            self.authority.clone(),
                            repository.to_string(),
                            digest.to_string(),
                        ),
                    };
                    let media_type = HeaderValue::from_str(media_type).map_err(|source| {
                        PushError::MediaType { target: target.clone(), source }
                    })?;
                    self.client
                        .push_manifest_raw(&to, bytes.to_vec(), media_type)
                        .await
                        .map_err(refused)?;
                }
            }
        }
        Ok(())
    }

    /// Puts our token where the client looks for one.
    async fn feed_token(
        &self,
        repository: &RepositoryPath,
        reference: &Reference,
    ) -> Result<(), PushError> {
        let scope = Scope { repository: repository.clone(), actions: Actions::Push };
        self.client.store_auth_if_needed(&self.authority, &RegistryAuth::Anonymous).await;
        let Access::Header(header) = self.broker.access(&scope).await? else {
            return Ok(());
        };
        let token = match header.to_str().unwrap_or_default().split_once(' ') {
            Some(("Bearer", token)) => {
                token_cache::RegistryTokenType::Bearer(token_cache::RegistryToken::Token {
                    token: token.to_owned(),
                })
            }
            _ => match self.broker.basic_pair().await? {
                Some((user, password)) => token_cache::RegistryTokenType::Basic(user, password),
                None => return Ok(()),
            },
        };
        for operation in [RegistryOperation::Push, RegistryOperation::Pull] {
            self.client.tokens.insert(reference, operation, token.clone()).await;
        }
        Ok(())
    }
}
