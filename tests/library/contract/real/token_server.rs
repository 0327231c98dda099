//! A token server as `docker-registry` wants one: a password in, a signed JWT out.
//!
//! <https://distribution.github.io/distribution/spec/auth/jwt/>

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{Certificate, CertificateParams, KeyPair, PKCS_RSA_SHA256, SigningKey as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::contract::Login;

const ISSUER: &str = "the test";
const SERVICE: &str = "docker registry";
/// Ends of tokens in seconds since 1970: long gone, and far away.
const PAST: u64 = 1;
const FUTURE: u64 = 4_102_444_800;

/// One key pair for the whole run; RSA is slow to make.
static KEY: LazyLock<(KeyPair, Certificate)> = LazyLock::new(|| {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (key, certificate)
});

/// A token server on this machine; it ends with the test's runtime.
pub(crate) struct TokenServer {
    address: SocketAddr,
    desk: Arc<Desk>,
}

struct Desk {
    login: Login,
    next_has_ended: AtomicBool,
}

impl TokenServer {
    pub(crate) async fn start(login: Login) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk { login, next_has_ended: AtomicBool::default() });
        let app = Router::new().route("/token", get(token)).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, desk }
    }

    /// What a registry must know of it, apart from the certificate.
    pub(crate) fn settings(&self) -> String {
        format!("realm: 'http://{}/token', service: {SERVICE}, issuer: {ISSUER}", self.address)
    }

    /// The certificate of the key that signs, as PEM.
    pub(crate) fn certificate() -> String {
        KEY.1.pem()
    }

    /// The next token is given out with its end in the past.
    pub(crate) fn end_next(&self) {
        self.desk.next_has_ended.store(true, Ordering::Relaxed);
    }
}

async fn token(
    State(desk): State<Arc<Desk>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let known = format!("{}:{}", desk.login.user, desk.login.password);
    if shown != Some(&format!("Basic {}", STANDARD.encode(known))) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let query = query.unwrap_or_default();
    let asked: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if !asked.contains(&("service".to_owned(), SERVICE.to_owned())) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let scopes = asked.iter().filter(|(key, _)| key == "scope");
    let access: Vec<Value> = scopes.filter_map(|(_, scope)| access(scope)).collect();
    let ended = desk.next_has_ended.swap(false, Ordering::Relaxed);
    let end = if ended { PAST } else { FUTURE };
    Ok(json!({"token": signed(&access, end), "expires_in": 3600}).to_string())
}

/// `repository:acme/app:pull,push` as a claim.
fn access(scope: &str) -> Option<Value> {
    let (kind, rest) = scope.split_once(':')?;
    let (name, actions) = rest.rsplit_once(':')?;
    let actions: Vec<&str> = actions.split(',').collect();
    Some(json!({"type": kind, "name": name, "actions": actions}))
}

fn signed(access: &[Value], end: u64) -> String {
    let (key, certificate) = &*KEY;
    let head = json!({"typ": "JWT", "alg": "RS256", "x5c": [STANDARD.encode(certificate.der())]});
    let claims = json!({
        "iss": ISSUER, "sub": "alice", "aud": SERVICE,
        "nbf": 0, "iat": 0, "exp": end, "jti": "one", "access": access,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&head), part(&claims));
    let signature = key.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
