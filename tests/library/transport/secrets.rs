//! Credentials go to the registry and its token server only, and never into a message.

use tags::registry::{ErrorKind, ManifestSelector, RequestError};
use tags::sandbox::{Auth, Sandbox};

use crate::support::registries::fault;
use crate::support::{path, tag};
use crate::transport::support::{
    Client, PASSWORD, basic, basic_auth, count, identity, image_of, registry, token_auth,
};

fn redirect(from: &Sandbox, to: &str, part: &str) {
    fault(from, &format!("redirect={to}@{part}*always"));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_followed_without_the_credentials() {
    let image = image_of("app");
    let (app, latest) = (path("acme/app"), tag("prod-latest"));
    for auth in [basic_auth(), token_auth(None)] {
        let (registry, other) = (self::registry(auth).await, self::registry(Auth::None).await);
        redirect(&registry, &other.url(), "acme/app");
        let client = Client::new(&[&registry]);
        let library = client.registry();

        let blob = library.blob_get(&app, &image.blobs[0].digest).await.unwrap();
        assert_eq!(blob.as_deref(), Some(&*image.blobs[0].bytes));
        let manifest = library.manifest_get(&app, ManifestSelector::Tag(&latest)).await.unwrap();
        assert_eq!(manifest.unwrap().digest, image.root.digest);
        assert_eq!(client.head("prod-latest").await.unwrap(), Some(image.root.digest.clone()));

        let arrived = other.requests();
        assert_eq!(arrived.len(), 3);
        assert!(arrived.iter().all(|request| request.authorization.is_none()), "{arrived:?}");
        let shown = registry.requests().into_iter().filter(|r| r.status == Some(307));
        assert!(shown.into_iter().all(|request| request.authorization.is_some()));
    }
}

#[tokio::test]
async fn a_401_behind_a_redirect_is_the_storages_own_trouble() {
    let registry = registry(token_auth(None)).await;
    let other = self::registry(basic_auth()).await;
    redirect(&registry, &other.url(), "/manifests/");
    let error = Client::new(&[&registry]).head("prod-latest").await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(401)));
    assert!(error.to_string().contains("after a redirect"), "{error}");
    assert_eq!((count(&registry, "GET /token"), other.requests().len()), (1, 1));
    assert_eq!(other.requests()[0].authorization, None);
}

#[tokio::test]
async fn a_listing_that_goes_on_at_another_host_is_broken_and_the_host_not_asked() {
    let registry = registry(token_auth(None)).await;
    let other = self::registry(Auth::None).await;
    fault(&registry, &format!("link={}/v2/acme/app/tags/list?last=z", other.url()));
    let listing = Client::new(&[&registry]).registry().tag_list(&path("acme/app")).await;
    assert_eq!(listing.tags.len(), 2);
    let broken = listing.broken.unwrap();
    assert_eq!(broken.kind(), ErrorKind::BadAnswer);
    let said = broken.to_string();
    assert!(said.contains("is incomplete") && said.contains("another host"), "{broken}");
    assert!(broken.hint().unwrap().contains("`Link` header"));
    assert_eq!(other.requests(), []);
}

#[tokio::test]
async fn a_token_server_that_redirects_is_not_followed() {
    let registry = registry(token_auth(None)).await;
    let other = self::registry(token_auth(None)).await;
    redirect(&registry, &other.url(), "/token");
    assert!(Client::new(&[&registry]).head("prod-latest").await.is_err());
    assert_eq!(other.requests(), []);
}

fn all_texts(error: &RequestError) -> String {
    format!("{error} {error:?} {:?} {:?}", error.hint(), error.to_unread())
}

/// The errors of a HEAD and of a listing, with a client that knows nothing yet.
async fn errors(registry: &Sandbox, trouble: &str) -> Vec<String> {
    registry.faults().clear();
    fault(registry, trouble);
    let client = Client::new(&[registry]);
    let head = client.head("prod-latest").await.err();
    let listing = client.registry().tag_list(&path("acme/app")).await;
    [head, listing.broken].iter().flatten().map(all_texts).collect()
}

#[tokio::test(start_paused = true)]
async fn no_message_holds_a_password_a_token_or_a_signed_address() {
    let registry = registry(token_auth(None)).await;
    let query = "signature=s1gned&at=";
    let mut texts = Vec::new();
    for (trouble, errors) in [
        ("401@/manifests/*always".to_owned(), 1),
        ("418@/manifests/".to_owned(), 1),
        (format!("redirect={}/v2/acme/web/tags/list?{query}@/manifests/", registry.url()), 1),
        (format!("redirect=http://127.0.0.1:1/x?{query}@/manifests/*always"), 1),
        (format!("link=http://127.0.0.1:1/x?{query}"), 1),
        ("403@/token*always".to_owned(), 2),
    ] {
        let found = self::errors(&registry, &trouble).await;
        assert_eq!(found.len(), errors, "{trouble}: {found:#?}");
        texts.extend(found);
    }
    let shown = registry.requests().into_iter().filter_map(|request| request.authorization);
    let mut secrets: Vec<String> = shown.map(|authorization| authorization.value).collect();
    assert!(secrets.len() > 5);
    secrets.extend([PASSWORD, "s1gned"].map(str::to_owned));
    for (text, secret) in texts.iter().flat_map(|t| secrets.iter().map(move |s| (t, s))) {
        assert!(!text.contains(secret.as_str()), "{secret} in {text}");
    }
}

#[test]
fn a_credential_shows_where_it_is_from_and_nothing_more() {
    for credential in [basic(PASSWORD), identity(PASSWORD)] {
        assert_eq!(format!("{credential:?}"), "Credential from the Docker config");
    }
}
