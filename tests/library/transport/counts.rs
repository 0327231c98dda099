//! What a question costs, request by request.

use tags::collect::{Collector, Depth, NoProgress, TimesWanted, inventory, observe};
use tags::model::Coverage;
use tags::registry::ContentCache;
use tags::sandbox::history::History;
use tags::sandbox::{Auth, Sandbox, Settings, Store};

use crate::transport::support::{Client, SHA, basic_auth, count, registry, sent, sha, token_auth};

async fn quick_look(client: &Client) -> usize {
    let collector = Collector { connections: &client.connections, progress: &NoProgress };
    let seen = observe(collector, client.environment(), &sha(), Depth::Tags).await;
    let found = |tags: &tags::model::PlaceObservation| {
        tags.sha_tag.digest().is_some() && tags.sha_tag.digest() == tags.latest_tag.digest()
    };
    seen.values().filter(|tags| found(tags)).count()
}

/// The HEADs of two images and their two tags.
fn four_heads() -> Vec<String> {
    let tags = [SHA, "latest"].map(|end| format!("manifests/prod-{end} 200"));
    ["app", "web"]
        .iter()
        .flat_map(|image| tags.iter().map(move |tag| format!("HEAD /v2/acme/{image}/{tag}")))
        .collect()
}

#[tokio::test]
async fn a_quick_look_costs_two_heads_a_place_one_challenge_a_host_one_token_a_scope() {
    let token = |image| {
        format!("GET /token?service=tags+sandbox&scope=repository%3Aacme%2F{image}%3Apull 200")
    };
    for (auth, challenge, tokens) in [
        (Auth::None, 200, vec![]),
        (basic_auth(), 401, vec![]),
        (token_auth(None), 401, vec![token("app"), token("web")]),
    ] {
        let (one, other) = (registry(auth.clone()).await, registry(auth).await);
        assert_eq!(quick_look(&Client::new(&[&one, &other])).await, 4);
        let mut expected = [tokens, vec![format!("GET /v2/ {challenge}")], four_heads()].concat();
        expected.sort();
        for registry in [&one, &other] {
            let mut requests = sent(registry);
            requests.sort();
            assert_eq!(requests, expected);
        }
    }
}

#[tokio::test]
async fn what_an_open_registry_wants_is_asked_once_and_not_before_every_call() {
    let registry = registry(Auth::None).await;
    let client = Client::new(&[&registry]);
    for _ in 0..5 {
        client.head("prod-latest").await.unwrap();
    }
    let head = "HEAD /v2/acme/app/manifests/prod-latest 200";
    assert_eq!(sent(&registry), ["GET /v2/ 200", head, head, head, head, head]);
}

#[tokio::test]
async fn many_cold_calls_for_one_repository_wait_for_one_token() {
    let registry = registry(token_auth(None)).await;
    let answers = Client::new(&[&registry]).heads(64).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Some(_)))));
    assert_eq!(count(&registry, "GET /v2/ "), 1);
    assert_eq!(count(&registry, "GET /token"), 1);
    assert_eq!(count(&registry, "HEAD"), 64);
    assert_eq!(registry.requests().len(), 66);
}

#[tokio::test]
async fn a_missing_tag_is_known_after_one_head() {
    let registry = registry(Auth::None).await;
    let client = Client::new(&[&registry]);
    assert_eq!(client.head("prod-none").await.unwrap(), None);
    let head = "HEAD /v2/acme/app/manifests/prod-none 404";
    assert_eq!(sent(&registry), ["GET /v2/ 200", head]);
}

/// The history of the demo, read as `tags list` reads it.
async fn list(registry: &Sandbox, cache: ContentCache) {
    let client = Client::with(&[registry], |settings| settings.cache = cache);
    let policy = include_str!("../../../policies/sandbox.toml");
    let policy = policy.replace("[registry.local]", "[registry.r0]").replace("local =", "r0 =");
    let policy = tags::policy::parse("sandbox.toml", &policy).unwrap();
    let collector = Collector { connections: &client.connections, progress: &NoProgress };
    for environment in policy.environments.values() {
        let read = inventory(collector, environment, TimesWanted::Built).await;
        assert!(read.repositories.values().all(|r| r.coverage == Coverage::Complete));
    }
}

#[tokio::test]
async fn a_second_list_reads_no_content_again() {
    let store = Store::new();
    History::ending_at("2026-07-01T12:00:00Z".parse().unwrap()).fill(&store);
    let registry = crate::support::registries::start_here_with(Settings::default(), store).await;
    let room = tempfile::tempdir().unwrap();
    let cache = || ContentCache::in_directory(room.path().to_owned());

    list(&registry, cache()).await;
    let contents = || {
        let requests = sent(&registry);
        let of =
            |part| requests.iter().filter(|r| r.starts_with("GET") && r.contains(part)).count();
        (of("/manifests/"), of("/blobs/"))
    };
    let heads = count(&registry, "HEAD");
    let (manifests, blobs) = contents();
    assert!(manifests > 100 && blobs > 100, "{manifests} manifests and {blobs} blobs");

    registry.clear_requests();
    list(&registry, cache()).await;
    assert_eq!(contents(), (0, 0));
    assert_eq!(count(&registry, "HEAD"), heads);
}
