//! The least that must be sent for each piece of work, and nothing else.

use futures_util::{StreamExt as _, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use tags::http::TransportSettings;
use tags::model::media_type;

use crate::world::{REPOSITORY, TAG, tag};

/// A client of one registry.
pub(crate) struct Client {
    url: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    at_once: usize,
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
        let at_once = TransportSettings::default().at_once;
        Self { url: format!("{url}/v2/{REPOSITORY}"), http, runtime, at_once }
    }

    /// Resolves tags by HEAD.
    pub(crate) fn heads(&self, count: usize) {
        let one = async |number| {
            let url = format!("{}/manifests/{}", self.url, tag(number));
            let answer = self.http.head(url).header(ACCEPT, media_type::ACCEPT).send().await;
            answer.unwrap().headers()["docker-content-digest"].to_str().unwrap().to_owned()
        };
        let found = stream::iter(0..count).map(one).buffer_unordered(self.at_once).count();
        assert_eq!(self.runtime.block_on(found), count);
    }

    /// Reads the pages of the tags.
    pub(crate) fn list(&self, count: usize) {
        self.runtime.block_on(async {
            let (mut found, mut last) = (0, String::new());
            loop {
                let url = format!("{}/tags/list?n=1000&last={last}", self.url);
                let page: serde_json::Value =
                    self.http.get(url).send().await.unwrap().json().await.unwrap();
                let tags = page["tags"].as_array().unwrap();
                let Some(name) = tags.last() else { break };
                found += tags.len();
                name.as_str().unwrap().clone_into(&mut last);
            }
            assert_eq!(found, count);
        });
    }

    /// Copies an image to another registry.
    pub(crate) fn copy(&self, to: &str) {
        let to = format!("{to}/v2/{REPOSITORY}");
        self.runtime.block_on(async {
            let url = format!("{}/manifests/{TAG}", self.url);
            let answer =
                self.http.get(url).header(ACCEPT, media_type::ACCEPT).send().await.unwrap();
            let kind = answer.headers()[CONTENT_TYPE].clone();
            let manifest = answer.bytes().await.unwrap();
            let json: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
            for blob in json["layers"].as_array().unwrap().iter().chain([&json["config"]]) {
                self.copy_blob(blob["digest"].as_str().unwrap(), &to).await;
            }
            let put = self.http.put(format!("{to}/manifests/{TAG}")).header(CONTENT_TYPE, kind);
            put.body(manifest).send().await.unwrap().error_for_status().unwrap();
        });
    }

    async fn copy_blob(&self, digest: &str, to: &str) {
        let from = self.http.get(format!("{}/blobs/{digest}", self.url)).send().await.unwrap();
        let begin = self.http.post(format!("{to}/blobs/uploads/")).send().await.unwrap();
        let location = begin.headers()[LOCATION].to_str().unwrap();
        let mut place = url::Url::parse(to).unwrap().join(location).unwrap();
        place.query_pairs_mut().append_pair("digest", digest);
        let body = reqwest::Body::wrap_stream(from.bytes_stream());
        self.http.put(place).body(body).send().await.unwrap().error_for_status().unwrap();
    }
}
