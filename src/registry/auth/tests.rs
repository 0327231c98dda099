//! A challenge that a registry is known for.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::authenticator::Authenticator;
use super::challenge::Challenge;
use super::{Authorization, Scope};
use crate::http::{Http, TransportSettings};
use crate::model::RepositoryPath;
use crate::registry::anonymous;

const SERVICE: &str = "registry.example";

type Paths = Arc<Mutex<Vec<String>>>;

/// Serves a registry whose token server is `/token`, which gives a token to everybody or to nobody.
/// Returns its address, and the paths of its requests.
fn serve(gives: bool) -> (Url, Paths) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (paths, challenge) = (Paths::default(), format!("Bearer realm=\"{url}token\""));
    let asked = Arc::clone(&paths);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a connection");
            let mut request = [0; 4096];
            let length = connection.read(&mut request).expect("a request");
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let target = request.split(' ').nth(1).unwrap_or_default();
            let path = target.split('?').next().unwrap_or_default().to_owned();
            let (status, header, body) = match path.as_str() {
                "/v2/" => {
                    let header = format!("{challenge},service=\"{SERVICE}\"");
                    ("401 Unauthorized", format!("WWW-Authenticate: {header}\r\n"), "")
                }
                "/token" if gives => ("200 OK", String::new(), r#"{"token":"s3cr3t-t0ken"}"#),
                "/token" => ("401 Unauthorized", String::new(), ""),
                _ => ("404 Not Found", String::new(), ""),
            };
            asked.lock().unwrap_or_else(PoisonError::into_inner).push(path);
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\n");
            write!(connection, "{head}Connection: close\r\n\r\n{body}").expect("sent");
        }
    });
    (Url::parse(&url).expect("a URL"), paths)
}

/// The paths of the requests for a token to pull, and whether there was one.
async fn requests(gives: bool, known: Option<&str>) -> (Vec<String>, bool) {
    let (url, paths) = serve(gives);
    let policy = format!(
        "version = 1\n[registry.r]\nkind = \"oci\"\nurl = \"{url}\"\n[image.a]\n\
         repositories = {{ r = \"acme/a\" }}\n[environment.prod]\n\
         sha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n"
    );
    let policy = crate::policy::parse("tags.toml", &policy).expect("a policy");
    let registry = policy.registries.into_values().next().expect("a registry");
    let http = Arc::new(Http::new(TransportSettings::default()));
    let mut authenticator = Authenticator::new(http, Arc::new(registry), anonymous());
    authenticator.known = known.map(|realm| Challenge::Bearer {
        realm: url.join(realm).expect("a URL"),
        service: Some(SERVICE.to_owned()),
    });
    let path = RepositoryPath::parse("acme/a").expect("a path");
    let answer = authenticator.access(&Scope::pull(&path)).await;
    let paths = paths.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (paths, matches!(answer, Ok(Authorization::Header(_))))
}

#[tokio::test]
async fn a_known_challenge_is_not_asked_for_unless_it_is_refused() {
    for gives in [true, false] {
        for (known, expected) in [
            (None, vec!["/v2/", "/token"]),
            (Some("/token"), vec!["/token"]),
            (Some("/former"), vec!["/former", "/v2/", "/token"]),
        ] {
            let refused = known == Some("/token") && !gives;
            let expected = if refused { vec!["/token", "/v2/"] } else { expected };
            let (paths, has_token) = requests(gives, known).await;
            assert_eq!(paths, expected, "known: {known:?}");
            assert_eq!(has_token, gives);
        }
    }
}
