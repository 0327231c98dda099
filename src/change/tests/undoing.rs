//! One repository, put back.

use super::world::{World, image, index, repository, tag};
use crate::change::undo::repository_undo_for_tests as undo;
use crate::change::{Restoration, TagSetter, UndoneManifest};
use crate::registry::ContentCache;
use crate::registry::fake::Quirks;

async fn back(world: &World) -> Vec<UndoneManifest> {
    let (recorded, cache) = (world.recorded(), ContentCache::in_memory());
    undo(world.access(&cache), &repository(), &recorded, &world.stop).await
}

fn deleted() -> World {
    let mut world = World::new(Quirks::default());
    let child = world.doomed(&image("child", None), &[]);
    world.doomed(&index("parent", &[&child]), &["prod-aaaaaaa", "v1"]);
    world
}

#[tokio::test]
async fn everything_comes_back_children_first_and_twice_is_harmless() {
    let world = deleted();
    let tags = world.fake().content().tags.clone();
    let manifests = world.fake().content().manifests.clone();
    world.apply().await;
    assert!(world.fake().content().manifests.is_empty());
    let first = back(&world).await;
    assert!(first.iter().all(|manifest| manifest.result == Restoration::Restored), "{first:?}");
    assert_eq!(world.fake().content().tags, tags);
    assert_eq!(world.fake().content().manifests, manifests);
    let puts: Vec<String> =
        world.fake().log().into_iter().filter(|line| line.starts_with("put ")).collect();
    assert!(puts[0].contains(world.entries[0].digest.as_str()), "{puts:?}");
    let second = back(&world).await;
    let results = second.iter().flat_map(|manifest| {
        std::iter::once(manifest.result).chain(manifest.tags.iter().map(|tag| tag.result))
    });
    assert!(results.clone().all(|result| result == Restoration::AlreadyThere), "{second:?}");
    assert_eq!(results.count(), 4);
    let setters = |undone: &[UndoneManifest]| -> Vec<TagSetter> {
        undone.iter().flat_map(|manifest| manifest.tags.iter().map(|tag| tag.setter)).collect()
    };
    assert_eq!(setters(&first), [TagSetter::Push; 2]);
    assert_eq!(setters(&second), [TagSetter::Other; 2]);
}

#[tokio::test]
async fn a_tag_that_points_elsewhere_by_now_stays_there() {
    let world = deleted();
    world.apply().await;
    let newer = world.fake().push(&image("newer", None), &["v1"]);
    let undone = back(&world).await;
    let tags: Vec<Restoration> =
        undone.iter().flat_map(|manifest| manifest.tags.iter().map(|tag| tag.result)).collect();
    assert_eq!(tags, [Restoration::Restored, Restoration::TagElsewhere]);
    assert_eq!(world.fake().content().tags.get(&tag("v1")), Some(&newer));
}

#[tokio::test]
async fn what_has_lost_its_blobs_is_lost() {
    let mut world = deleted();
    world.apply().await;
    world.fake_mut().quirks.collected = true;
    let undone = back(&world).await;
    assert!(undone.iter().all(|manifest| manifest.result == Restoration::Lost), "{undone:?}");
}

#[tokio::test]
async fn what_a_manifest_is_about_is_put_back_before_it() {
    let mut world = World::new(Quirks::default());
    let subject = world.doomed(&image("subject", None), &["prod-aaaaaaa"]);
    // Several, so that some come before their subject by name.
    for number in 0..8 {
        world.doomed(&image(&format!("about-{number}"), Some(&subject)), &[]);
    }
    world.apply().await;
    back(&world).await;
    let log = world.fake().log();
    let first = log.iter().find(|line| line.starts_with("put ")).expect("a push");
    assert!(first.contains(subject.as_str()), "{log:?}");
}
