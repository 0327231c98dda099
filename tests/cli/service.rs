//! A web server that answers what it is told to, for management APIs and what they may do wrong.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;

use crate::support::server::serve;

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Method and path.
    pub(crate) what: String,
    pub(crate) body: String,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

#[derive(Default)]
struct Inside {
    answers: HashMap<String, VecDeque<Answer>>,
    received: Vec<Received>,
}

/// The server; what it was not told of is answered with 404.
pub(crate) struct Service {
    pub(crate) addr: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let inside = Arc::new(Mutex::new(Inside::default()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        Self { addr: serve(router), inside }
    }

    /// One more answer to `METHOD /path`; the last one is given for ever.
    pub(crate) fn answer(&self, what: &str, status: u16, body: &str) -> &Self {
        self.answer_with(what, status, &[], body)
    }

    pub(crate) fn answer_with(
        &self,
        what: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> &Self {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = Answer { status, headers, body: body.to_owned() };
        let mut inside = self.inside.lock().expect("a lock");
        inside.answers.entry(what.to_owned()).or_default().push_back(answer);
        drop(inside);
        self
    }

    /// A manifest under a tag and under its digest, which is given back.
    pub(crate) fn manifest(&self, repository: &str, tag: &str, json: &str) -> String {
        let digest = tags::model::Digest::of(json.as_bytes()).to_string();
        let media = if json.contains("\"manifests\"") { "index" } else { "manifest" };
        let media = format!("application/vnd.oci.image.{media}.v1+json");
        for (method, name) in [("GET", tag), ("HEAD", tag), ("GET", &digest), ("HEAD", &digest)] {
            let what = format!("{method} /v2/{repository}/manifests/{name}");
            let headers =
                [("content-type", media.as_str()), ("docker-content-digest", digest.as_str())];
            self.answer_with(&what, 200, &headers, json);
        }
        digest
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inside.lock().expect("a lock").received.clone()
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.received().iter().filter(|received| received.what == what).count()
    }
}

async fn answer(State(inside): State<Arc<Mutex<Inside>>>, request: Request) -> Response<Body> {
    let what = format!("{} {}", request.method(), request.uri().path());
    let body = to_bytes(request.into_body(), 1 << 20).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("text");
    let mut inside = inside.lock().expect("a lock");
    inside.received.push(Received { what: what.clone(), body });
    let answer = inside.answers.get_mut(&what).and_then(|answers| {
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    });
    let answer = answer.unwrap_or_else(|| Answer {
        status: 404,
        headers: Vec::new(),
        body: r#"{"id":"not_found","message":"not found"}"#.to_owned(),
    });
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("a response")
}
