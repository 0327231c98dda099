//! The manifests that the management APIs list, and where two lists disagree.

use tags::model::Digest;

use crate::managed::deletions::{backend, listed};
use crate::managed::paging::server;
use crate::managed::world::{World, connected, policy, registry};

#[tokio::test]
async fn a_version_has_the_time_of_its_push_and_its_tags_have_none() {
    let world = World::empty().fill(|_| false);
    for manifest in listed(&world.connections, "ghcr").await {
        assert!(manifest.pushed.is_some() && manifest.version.is_some());
        assert!(manifest.tags.iter().all(|tag| tag.pushed.is_none()), "{manifest:?}");
    }
}

#[tokio::test]
async fn a_tag_that_stands_elsewhere_in_the_other_list_stands_on_both_manifests() {
    let digest = |text: &str| Digest::of(text.as_bytes());
    let address = server(move |_, target| {
        let (here, there, bare) = (digest("here"), digest("there"), digest("bare"));
        let time = "2026-01-01T00:00:00Z";
        let entry = if target.contains("/digests") {
            format!(
                r#""manifests":[{{"digest":"{there}","tags":["a"],"updated_at":"{time}","compressed_size_bytes":7}},{{"digest":"{bare}"}}],"meta":{{"total":2}}"#
            )
        } else {
            format!(
                r#""tags":[{{"tag":"a","manifest_digest":"{here}","updated_at":"{time}"}}],"meta":{{"total":1}}"#
            )
        };
        (String::new(), format!("{{{entry}}}"))
    });
    let connections = connected(&policy(&address, "http://127.0.0.1:1"));
    let all = listed(&connections, "docr").await;
    let of = |text: &str| {
        let found = all.iter().find(|one| one.digest == digest(text)).expect("listed");
        (found.tags.iter().map(|tag| tag.pushed.is_some()).collect::<Vec<_>>(), found.bytes)
    };
    assert_eq!(of("here"), (vec![true], None));
    assert_eq!(of("there"), (vec![false], Some(7)));
    assert_eq!(of("bare"), (vec![], None));
}

#[tokio::test]
async fn a_list_of_manifests_that_lacks_some_is_not_whole() {
    for (tags, manifests) in [(1, 2), (2, 1)] {
        let address = server(move |_, target| {
            let digest = Digest::of(b"one");
            let body = if target.contains("/digests") {
                format!(
                    r#"{{"manifests":[{{"digest":"{digest}"}}],"meta":{{"total":{manifests}}}}}"#
                )
            } else {
                format!(
                    r#"{{"tags":[{{"tag":"a","manifest_digest":"{digest}"}}],"meta":{{"total":{tags}}}}}"#
                )
            };
            (String::new(), body)
        });
        let connections = connected(&policy(&address, "http://127.0.0.1:1"));
        let list = connections.registry(&registry("docr")).expect("a list");
        let listing = list.manifest_list(&backend("docr")).await.expect("a token");
        let broken = listing.broken.expect("not whole");
        assert!(broken.to_string().contains("1 of 2"), "{broken}");
    }
}
