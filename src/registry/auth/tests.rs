//! A challenge that a registry is known for.

use std::sync::Arc;

use url::Url;

use super::authenticator::Authenticator;
use super::challenge::Challenge;
use super::{Authorization, Scope};
use crate::http::{Http, TransportSettings};
use crate::model::RepositoryPath;
use crate::registry::anonymous;
use crate::sandbox::{Auth, Sandbox, Settings, Store};

/// The paths of the requests for a token to pull, and whether there was one.
async fn requests(sandbox: &Sandbox, known: Option<&str>) -> (Vec<String>, bool) {
    sandbox.clear_requests();
    let policy = format!(
        "version = 1\n[registry.r]\nkind = \"oci\"\nurl = \"{}\"\n[image.a]\n\
         repositories = {{ r = \"acme/a\" }}\n[environment.prod]\n\
         sha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n",
        sandbox.url()
    );
    let policy = crate::policy::parse("tags.toml", &policy).expect("a policy");
    let registry = policy.registries.into_values().next().expect("a registry");
    let http = Arc::new(Http::new(TransportSettings::default()));
    let mut authenticator = Authenticator::new(http, Arc::new(registry), anonymous());
    authenticator.known = known.map(|realm| Challenge::Bearer {
        realm: Url::parse(&sandbox.url()).and_then(|url| url.join(realm)).expect("a URL"),
        service: Some("tags sandbox".to_owned()),
    });
    let path = RepositoryPath::parse("acme/a").expect("a path");
    let answer = authenticator.access(&Scope::pull(&path)).await;
    let requests = sandbox.requests();
    let paths = requests.iter().map(|request| request.path().to_owned()).collect();
    (paths, matches!(answer, Ok(Authorization::Header(_))))
}

#[tokio::test]
async fn a_known_challenge_is_not_asked_for_unless_it_is_refused() {
    for anonymous_pull in [true, false] {
        let auth = Auth::Token {
            user: "me".to_owned(),
            password: "s3cr3t-pass".to_owned(),
            expires_in: None,
            anonymous_pull,
        };
        let listen = ([127, 0, 0, 1], 0).into();
        let settings = Settings { auth, ..Settings::default() };
        let sandbox = Sandbox::start(listen, settings, Store::new()).await.expect("started");
        for (known, expected) in [
            (None, vec!["/v2/", "/token"]),
            (Some("/token"), vec!["/token"]),
            (Some("/former"), vec!["/former", "/v2/", "/token"]),
        ] {
            let (paths, has_token) = requests(&sandbox, known).await;
            let refused = known == Some("/token") && !anonymous_pull;
            let expected = if refused { vec!["/token", "/v2/"] } else { expected };
            assert_eq!(paths, expected, "known: {known:?}");
            assert_eq!(has_token, anonymous_pull);
        }
    }
}
