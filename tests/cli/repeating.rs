//! A registry that repeats a secret wherever a server can put a text: an embedded one, behind a
//! proxy that writes into its answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::client;
use crate::support::server::serve;

/// The secret; a tag may be called like that.
pub(crate) const SECRET: &str = "s3cr3t-t0ken_0123456789.x";
pub(crate) const USER: &str = "robot";

/// What the answers are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As the embedded registry answers, with words and headers added.
    Friendly,
    /// Requests with this method (or any, if empty) and this in their path are refused so.
    Refusing(&'static str, &'static str, u16),
    /// A request with this in its path is redirected to where nobody answers.
    Redirecting(&'static str),
    /// What is at a path is 200 and nonsense.
    Garbled(&'static str),
    /// A listing goes on at another host.
    Linking(&'static str),
}

struct Inside {
    upstream: String,
    mood: Mutex<Mood>,
    client: reqwest::Client,
}

/// The proxy.
pub(crate) struct Repeating {
    pub(crate) addr: SocketAddr,
    inside: Arc<Inside>,
}

/// The spellings of the secret.
pub(crate) fn spellings() -> Vec<String> {
    let percent: String = SECRET
        .bytes()
        .flat_map(|byte| format!("%{byte:02x}").into_bytes())
        .map(char::from)
        .collect();
    let unicode: String = SECRET
        .bytes()
        .flat_map(|byte| format!("\\u{byte:04x}").into_bytes())
        .map(char::from)
        .collect();
    vec![
        SECRET.to_owned(),
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("{USER}:{SECRET}")),
        STANDARD.encode(format!("{SECRET}:{SECRET}")),
        URL_SAFE_NO_PAD.encode(format!("token:{SECRET}")),
        percent.to_uppercase(),
        percent,
        unicode.replace('\\', "\\\\"),
        unicode,
    ]
}

/// All of them, as a text.
pub(crate) fn words() -> String {
    spellings().join(" ")
}

/// What may stand in a header or an address.
fn plain_words() -> String {
    spellings().into_iter().filter(|text| !text.contains('\\')).collect::<Vec<_>>().join("/")
}

impl Repeating {
    pub(crate) fn before(upstream: String) -> Self {
        let client = client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.build().expect("a client");
        let inside = Arc::new(Inside { upstream, mood: Mutex::new(Mood::Friendly), client });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inside));
        Self { addr: serve(router), inside }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.inside.mood.lock().expect("a lock") = mood;
    }
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 8 << 20).await.expect("a body");
    let mood = *inside.mood.lock().expect("a lock");
    let host = elsewhere(&parts);
    if let Some(answer) = out_of_the_way(mood, &parts) {
        return answer;
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let request =
        inside.client.request(parts.method.clone(), format!("{}{target}", inside.upstream));
    let reply = request.headers(parts.headers.clone()).body(body).send().await.expect("an answer");
    let mut answer = Response::builder().status(reply.status());
    for (name, value) in reply.headers() {
        if !matches!(name.as_str(), "transfer-encoding" | "content-length" | "connection") {
            answer = answer.header(name, value);
        }
    }
    answer = with_headers(answer);
    if let Mood::Linking(part) = mood
        && parts.uri.path().contains(part)
    {
        let link = format!("<http://{host}/elsewhere/{}?x={SECRET}>; rel=\"next\"", plain_words());
        answer = answer.header("link", link);
    }
    let length = reply.headers().get("content-length").cloned();
    let body = reply.bytes().await.expect("a body");
    if parts.method == "HEAD" {
        if let Some(length) = length {
            answer = answer.header("content-length", length);
        }
        return answer.body(Body::empty()).expect("an answer");
    }
    answer.body(Body::from(with_words(parts.uri.path(), body.to_vec()))).expect("an answer")
}

/// The same server, by another name, so that it is another host.
fn elsewhere(parts: &Parts) -> String {
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    host.replace("127.0.0.1", "localhost")
}

/// What is not answered by the embedded registry.
fn out_of_the_way(mood: Mood, parts: &Parts) -> Option<Response<Body>> {
    let (path, host) = (parts.uri.path(), elsewhere(parts));
    let answer = with_headers(Response::builder());
    if path.starts_with("/elsewhere/") {
        return Some(answer.status(418).body(Body::from(refusal(parts))).expect("an answer"));
    }
    match mood {
        Mood::Refusing(method, part, status)
            if path.contains(part) && (method.is_empty() || parts.method.as_str() == method) =>
        {
            let realm = format!(
                "Bearer realm=\"http://{host}/elsewhere/{0}\",service=\"{0}\",scope=\"{0}\"",
                plain_words()
            );
            let mut answer = answer.status(status).header("www-authenticate", realm);
            if status == 429 {
                // Longer than anybody waits.
                answer = answer.header("retry-after", "7200");
            }
            Some(answer.body(Body::from(refusal(parts))).expect("an answer"))
        }
        Mood::Redirecting(part) if path.contains(part) => {
            let to = format!("http://me:{SECRET}@{host}/elsewhere/{}?sig={SECRET}", plain_words());
            let answer = answer.status(307).header("location", to);
            Some(answer.body(Body::empty()).expect("an answer"))
        }
        Mood::Garbled(part) if path.contains(part) => {
            let text = json!({
                "name": words(), "tags": [words(), SECRET, 3], "manifests": words(), "token": 7,
                "garbage_collection": {"uuid": words(), "status": words()},
                "mediaType": words(), "config": {"digest": words()},
            });
            let answer = answer.status(200).header("content-type", "application/json");
            Some(answer.body(Body::from(text.to_string())).expect("an answer"))
        }
        _ => None,
    }
}

fn with_headers(answer: axum::http::response::Builder) -> axum::http::response::Builder {
    let answer = answer.header("warning", format!("299 - \"{}\"", plain_words()));
    answer.header("x-request-id", SECRET).header("server", SECRET)
}

/// A refusal in the words of both kinds of APIs. The escapes are JSON's, so that they are read as
/// the secret itself. What the client has shown is repeated first.
fn refusal(parts: &Parts) -> String {
    let shown = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    let message = format!("{} {}", shown.unwrap_or_default(), words());
    let message = message.replace("\\\\u", "\\\\\\u");
    format!(
        r#"{{"errors":[{{"code":"DENIED","message":"no {message}","detail":"{message}"}}],"id":"x","message":"no {message}","error":"{SECRET}"}}"#
    )
}

/// Content is left as it is, since it has a digest; whatever else is an object says more.
fn with_words(path: &str, body: Vec<u8>) -> Vec<u8> {
    if path.contains("/manifests/") || path.contains("/blobs/") {
        return body;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    add_words(&mut value);
    value.to_string().into_bytes()
}

fn add_words(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(add_words),
        Value::Object(fields) => {
            fields.values_mut().for_each(add_words);
            for name in ["message", "description", "detail", "warning", "html_url"] {
                fields.insert(name.to_owned(), Value::from(words()));
            }
            if let Some(Value::String(status)) = fields.get_mut("status") {
                status.push(' ');
                status.push_str(&words());
            }
        }
        _ => {}
    }
}
