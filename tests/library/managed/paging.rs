//! Listings that do not fit together: what is not whole is never taken for whole, and what never
//! ends is left.

use tags::collect::{Collector, NoProgress, TimesWanted, inventory};
use tags::model::Unread;
use tags::registry::TagListing;

use crate::managed::world::{connected, policy, registry};
use crate::support::{path, server};

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Answers by the target of the request; ends with the test.
pub(crate) fn server(answer: impl Fn(&str, &str) -> (String, String) + Send + 'static) -> String {
    server::server(move |own, request| {
        let target = request.split(' ').nth(1).unwrap_or_default();
        let (headers, body) = answer(own, target);
        format!("200 OK\n{headers}\n{body}")
    })
}

fn page(target: &str) -> usize {
    let after = target.split("page=").last().unwrap_or("1");
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(1)
}

fn version(number: usize, created: &str) -> String {
    let name = DIGEST.replace("e3b0c442", &format!("{number:08x}"));
    format!(
        r#"{{"id":{number},"name":"{name}","created_at":"{created}","metadata":{{"package_type":"container","container":{{"tags":["t{number}"]}}}}}}"#
    )
}

/// What GHCR's listing comes to, with these links and versions on each page.
async fn ghcr(links: fn(usize) -> String, versions: fn(usize) -> String) -> TagListing {
    let address = server(move |own, target| {
        if target.starts_with("/users/") && !target.contains("/packages/") {
            return (String::new(), r#"{"type":"Organization"}"#.to_owned());
        }
        let links = links(page(target)).replace('@', &format!("<{own}/v?page="));
        (format!("Link: {links}\n"), format!("[{}]", versions(page(target))))
    });
    let connections = connected(&policy("http://127.0.0.1:1", &address));
    let backend = connections.registry(&registry("ghcr")).expect("a registry");
    backend.tag_list(&path("acme-inc/backend")).await
}

async fn docr(body: fn(usize) -> String) -> TagListing {
    let address = server(move |_, target| {
        (String::new(), body(page(target.split('&').next().unwrap_or_default())))
    });
    let connections = connected(&policy(&address, "http://127.0.0.1:1"));
    let backend = connections.registry(&registry("docr")).expect("a registry");
    backend.tag_list(&path("acme/backend")).await
}

fn tag(name: &str, time: &str) -> String {
    format!(r#"{{"tag":"{name}","manifest_digest":"{DIGEST}","updated_at":"{time}"}}"#)
}

const TIME: &str = "2026-01-01T00:00:00Z";

fn why(listing: &TagListing) -> Unread {
    listing.broken.as_ref().expect("broken").to_unread()
}

#[tokio::test]
async fn ghcr_is_read_to_its_end_whatever_the_last_page_is_called() {
    let whole = ghcr(
        |page| {
            if page < 3 {
                format!("@{}>; rel=\"next\", @0>; rel=\"last\"", page + 1)
            } else {
                "@1>; rel=\"first\"".to_owned()
            }
        },
        |page| version(page, TIME),
    );
    let whole = whole.await;
    assert!(whole.broken.is_none() && whole.tags.len() == 3, "{:?}", whole.broken);
    let grown = ghcr(
        |page| match page {
            1 => "@2>; rel=\"next\", @2>; rel=\"last\"".to_owned(),
            2..=3 => format!("@{}>; rel=\"next\", @4>; rel=\"last\"", page + 1),
            _ => "@1>; rel=\"first\"".to_owned(),
        },
        |page| version(page, TIME),
    );
    let grown = grown.await;
    assert!(grown.broken.is_none() && grown.tags.len() == 4, "{:?}", grown.broken);
}

#[tokio::test]
async fn pages_that_shrink_repeat_or_never_end_are_no_listing() {
    let shrunk = ghcr(
        |page| format!("@{}>; rel=\"next\", @{}>; rel=\"last\"", page + 1, 4 - page.min(2)),
        |page| version(page, TIME),
    );
    assert!(why(&shrunk.await).message.contains("changed"));
    let same = ghcr(|page| format!("@{}>; rel=\"next\"", page + 1), |_| version(1, TIME));
    assert!(why(&same.await).message.contains("nothing new"));
    let huge =
        docr(|_| format!(r#"{{"tags":[{}],"meta":{{"total":1000000000000000}}}}"#, tag("a", TIME)));
    assert!(why(&huge.await).message.contains("no end"));
    let empty = docr(|page| {
        let tags = if page == 1 { tag("a", TIME) } else { String::new() };
        format!(r#"{{"tags":[{tags}],"meta":{{"total":500}}}}"#)
    });
    assert!(why(&empty.await).message.contains("empty"));
    let cut = docr(|_| {
        format!(
            r#"{{"tags":[{}],"meta":{{"total":1}},"links":{{"pages":{{"next":"x"}}}}}}"#,
            tag("a", TIME)
        )
    });
    assert!(why(&cut.await).message.contains("changed"));
}

#[tokio::test]
async fn a_tag_that_moved_while_it_was_listed_is_asked_for_and_a_time_that_is_none_is_unknown() {
    let moved = docr(|_| {
        let other = tag("a", TIME).replace("e3b0c442", "00000000");
        format!(
            r#"{{"tags":[{},{other},{}],"meta":{{"total":2}}}}"#,
            tag("a", TIME),
            tag("b", "soon")
        )
    });
    let moved = moved.await;
    assert!(moved.broken.is_none(), "{:?}", moved.broken);
    let told: Vec<_> =
        moved.tags.iter().map(|t| (t.digest.is_some(), t.pushed.is_some())).collect();
    assert_eq!(told, [(false, false), (true, false)]);
    let untimed = ghcr(|_| "@1>; rel=\"first\"".to_owned(), |page| version(page, "garbage")).await;
    assert!(untimed.broken.is_none() && untimed.tags[0].pushed.is_none());
}

/// Why GHCR is unread when its listing names one digest for the latest tag, the registry another,
/// and the SHA tag has this one.
async fn stale(sha_tag: &'static str) -> Option<Unread> {
    let address = server(move |_, target| {
        let other = DIGEST.replace("e3b0c442", "00000000");
        if target.starts_with("/users/") {
            return (String::new(), r#"{"type":"Organization"}"#.to_owned());
        }
        if target.starts_with("/orgs/") {
            let sha = version(1, TIME).replace("\"t1\"", "\"prod-aaaaaaa\", \"prod-latest\"");
            return (String::new(), format!("[{sha}]"));
        }
        let digest = if target.ends_with("prod-latest") { other.as_str() } else { sha_tag };
        (format!("Docker-Content-Digest: {digest}\n"), String::new())
    });
    let policy = policy("http://127.0.0.1:1", &address);
    let connections = connected(&policy);
    let collector = Collector { connections: &connections, progress: &NoProgress };
    let environment = policy.environments.values().find(|e| e.name.as_str() == "prod");
    let environment = environment.expect("an environment");
    let inventory = inventory(collector, environment, TimesWanted::PushedElseBuilt).await;
    inventory.unread().get(&registry("ghcr")).map(|why| (*why).clone())
}

#[tokio::test]
async fn a_listing_that_lacks_what_the_latest_tag_points_to_is_behind() {
    let behind = stale(DIGEST).await.expect("unread");
    assert!(behind.message.contains("is outdated"), "{}", behind.message);
    // Where the SHA tag has moved along, the listing's digests are old; none of them is believed.
    let moved = "sha256:0000000098fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let contradicted = stale(moved).await.expect("unread");
    assert!(contradicted.message.contains("none of them is trusted"), "{}", contradicted.message);
}
