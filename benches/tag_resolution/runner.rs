//! One round: every tag resolved by the bare client, by the library's HEADs, and by an inventory,
//! which also lists the tags.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use reqwest::header::ACCEPT;
use tags::collect::{Collector, NoProgress, TimesWanted, inventory};
use tags::http::TransportSettings;
use tags::model::{Coverage, EnvironmentName, RepositoryPath, TagName, media_type};
use tags::policy::Policy;
use tags::registry::{
    Backend, ConnectSettings, Connections, ContentCache, ManifestSelector, anonymous,
};

use crate::registry::{REPOSITORY, tag};

/// How long each way took.
pub(crate) struct Times {
    pub(crate) bare: Duration,
    pub(crate) heads: Duration,
    pub(crate) inventory: Duration,
}

/// The clients, with connections that stay open between rounds.
pub(crate) struct Runner {
    url: String,
    names: Vec<TagName>,
    at_once: usize,
    bare: reqwest::Client,
    policy: Policy,
    connections: Connections,
}

impl Runner {
    pub(crate) fn new(url: &str, tags: usize) -> Self {
        let transport = TransportSettings::default();
        let policy = policy(url);
        Self {
            url: url.to_owned(),
            names: (0..tags).map(tag).collect(),
            at_once: transport.at_once,
            bare: bare(&transport),
            connections: Connections::new(
                &policy,
                ConnectSettings {
                    transport,
                    keychain: anonymous(),
                    cache: ContentCache::in_memory(),
                },
            ),
            policy,
        }
    }

    pub(crate) async fn round(&self) -> Times {
        Times {
            bare: timed(self.bare_heads()).await,
            heads: timed(self.library_heads()).await,
            inventory: timed(self.inventory()).await,
        }
    }

    async fn bare_heads(&self) {
        let one = async |name: &TagName| {
            let url = format!("{}/v2/{REPOSITORY}/manifests/{name}", self.url);
            let response = self.bare.head(url).header(ACCEPT, media_type::ACCEPT).send().await;
            response.unwrap().headers()["docker-content-digest"].to_str().unwrap().to_owned()
        };
        let found = stream::iter(&self.names).map(one).buffer_unordered(self.at_once).count().await;
        assert_eq!(found, self.names.len());
    }

    async fn library_heads(&self) {
        let name = self.policy.registries.keys().next().unwrap();
        let registry: &Backend = self.connections.registry(name).unwrap();
        let repository = RepositoryPath::parse(REPOSITORY).unwrap();
        let one = async |name: &TagName| {
            registry.manifest_head(&repository, ManifestSelector::Tag(name)).await.unwrap().unwrap()
        };
        let found = stream::iter(&self.names).map(one).buffer_unordered(self.at_once).count().await;
        assert_eq!(found, self.names.len());
    }

    async fn inventory(&self) {
        let environment = &self.policy.environments[&EnvironmentName::parse("prod").unwrap()];
        let collector = Collector { connections: &self.connections, progress: &NoProgress };
        let inventory = inventory(collector, environment, TimesWanted::None).await;
        let repository = inventory.repositories.values().next().unwrap();
        assert_eq!(repository.coverage, Coverage::Complete);
        assert_eq!(repository.tags.len(), self.names.len());
    }
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let begin = Instant::now();
    work.await;
    begin.elapsed()
}

/// A client with the settings of the library's.
fn bare(transport: &TransportSettings) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(transport.connect_timeout)
        .timeout(transport.timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(transport.at_once)
        .no_proxy()
        .build()
        .unwrap()
}

fn policy(url: &str) -> Policy {
    let text = format!(
        "version = 1\n\
         [registry.local]\nkind = \"oci\"\nurl = \"{url}\"\n\
         [image.app]\nrepositories = {{ local = \"{REPOSITORY}\" }}\n\
         [environment.prod]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\norder = \"built\"\n"
    );
    tags::policy::parse("tags.toml", &text).unwrap()
}
