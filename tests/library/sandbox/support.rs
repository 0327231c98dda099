//! A running registry with a client for it, and small content to put in.

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tags::model::{Digest, media_type};
use tags::sandbox::content::{Build, BuiltImage, Format, Provenance};
use tags::sandbox::{Sandbox, Settings};

use crate::support::{client, images, path, registries, tag};

/// The token of the management APIs, and the password of their registries.
pub(crate) const TOKEN: &str = "dop_v1_0123";

pub(crate) struct Registry {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: reqwest::Client,
}

impl Registry {
    pub(crate) async fn start(settings: Settings) -> Self {
        let sandbox = registries::start_here(settings).await;
        let client = client::builder()
            .user_agent("tags-test")
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { sandbox, client }
    }

    /// With `acme/app:latest` in it.
    pub(crate) async fn filled(settings: Settings) -> Self {
        let registry = Self::start(settings).await;
        registry.sandbox.store().push(&path("acme/app"), &image("one"), &[tag("latest")], None);
        registry
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sandbox.url());
        self.client.request(method, url).header(header::ACCEPT, media_type::ACCEPT)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn status(&self, method: Method, path: &str) -> StatusCode {
        self.ask(method, path).send().await.unwrap().status()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    /// A request to a management API, with the status and the body of the answer.
    pub(crate) async fn manage(&self, method: Method, path: &str) -> (u16, Value) {
        let answer = self.managed(method, path).await;
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    /// A request to a management API, with its token.
    pub(crate) async fn managed(&self, method: Method, path: &str) -> Response {
        self.ask(method, path).bearer_auth(TOKEN).send().await.unwrap()
    }

    /// A request to the registry with a token for it, had at `realm` for the scope.
    pub(crate) async fn with_token(
        &self,
        realm: &str,
        scope: &str,
        asked: (Method, &str),
    ) -> Response {
        let place = format!("{realm}?service=x&scope={scope}");
        let ticket = self.ask(Method::GET, &place).basic_auth(TOKEN, Some(TOKEN));
        let ticket: Value = ticket.send().await.unwrap().json().await.unwrap();
        let token = ticket["token"].as_str().unwrap();
        self.ask(asked.0, asked.1).bearer_auth(token).send().await.unwrap()
    }

    pub(crate) fn fault(&self, text: &str) {
        registries::fault(&self.sandbox, text);
    }
}

pub(crate) fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The code of an OCI error.
pub(crate) async fn code(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["errors"][0]["code"].as_str().unwrap().to_owned()
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn build(text: &str, architecture: &str) -> Build {
    let revision = "0123456789012345678901234567890123456789".to_owned();
    Build { revision, ..images::build(text, architecture, now()) }
}

pub(crate) fn image(text: &str) -> BuiltImage {
    BuiltImage::single(&build(text, "amd64"), Format::Oci)
}

/// An image for two platforms, with an attestation of each.
pub(crate) fn index(text: &str) -> BuiltImage {
    let builds = [build(text, "amd64"), build(text, "arm64")];
    BuiltImage::index(&builds, Format::Oci, Provenance::Plain)
}

pub(crate) fn digest(text: &[u8]) -> Digest {
    Digest::of(text)
}
