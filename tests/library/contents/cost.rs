//! What reading costs: each manifest is fetched once ever.

use tags::policy::Policy;
use tags::registry::{ConnectSettings, Connections, ContentCache, anonymous};
use tags::sandbox::content::Provenance;

use crate::connect::settings;
use crate::contents::world::{World, image, index};

pub(crate) fn count(lines: &[String], method: &str, part: &str) -> usize {
    let fits = |line: &&String| line.starts_with(method) && line.contains(part);
    lines.iter().filter(fits).count()
}

#[tokio::test]
async fn a_second_reading_is_the_listing_and_one_head_a_tag() {
    let directory = tempfile::tempdir().expect("a directory");
    let connected = |policy: &Policy| {
        let cache = ContentCache::in_directory(directory.path().to_owned());
        Connections::new(policy, ConnectSettings { cache, ..settings(anonymous()) })
    };
    let mut world = World::empty();
    for n in 0..20 {
        world.push(&index(&format!("index {n}"), Provenance::Artifact), &[&format!("i-{n}")]);
        world.push(&image(&format!("image {n}")), &[&format!("s-{n}"), &format!("t-{n}")]);
    }
    world.push(&image("latest"), &["prod-latest"]);
    world.connections = connected(&world.policy);
    let first = world.read().await;
    let asked = world.asked();
    assert_eq!(count(&asked, "HEAD", "/manifests/"), 61, "{asked:?}");
    assert_eq!(count(&asked, "GET", "/manifests/"), first.manifests.len(), "{asked:?}");
    world.connections = connected(&world.policy);
    world.registry.clear_requests();
    let second = world.read().await;
    let asked = world.asked();
    assert_eq!(first, second);
    let listings = count(&asked, "GET", "/tags/list");
    assert_eq!(count(&asked, "HEAD", "/manifests/") + listings, asked.len(), "{asked:?}");
    assert_eq!(count(&asked, "HEAD", "/manifests/"), 61, "{asked:?}");
}
