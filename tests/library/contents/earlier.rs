//! What a run that broke off left behind is found again, though no tag leads to it.

use tags::model::{Digest, Unfinished};
use tags::sandbox::content::Provenance;

use crate::contents::world::{World, digests, image, index, index_of, one, record};

fn left(world: &World, digest: &Digest, children: &[&Digest]) -> Unfinished {
    Unfinished {
        repository: world.repository(),
        digest: digest.clone(),
        children: children.iter().map(|digest| (*digest).clone()).collect(),
    }
}

#[tokio::test]
async fn the_children_of_a_deleted_index_are_records_without_a_tag() {
    let world = World::empty();
    world.push(&image("kept"), &["prod-latest"]);
    let inner = index("inner", Provenance::None);
    let outer = index_of(&[&inner.root, &image("deleted too").root]);
    world.push(&inner, &[]);
    let children = [&inner.root.digest, &image("deleted too").root.digest];
    let unfinished = [left(&world, &outer.root.digest, &children)];
    let contents = one(world.contents(&unfinished).await);
    assert_eq!(contents.deleted_earlier, [outer.root.digest]);
    assert_eq!(contents.orphaned, std::slice::from_ref(&inner.root.digest));
    assert!(record(&contents, &inner.root.digest).tags.is_empty());
    let below = inner.children.iter().filter(|child| digests(&contents).contains(&child.digest));
    assert_eq!(below.count(), 2);
    assert!(contents.missing.is_empty(), "what is gone as it should be is no damage");
}

#[tokio::test]
async fn a_child_with_a_tag_of_its_own_is_abandoned_and_keeps_its_tag() {
    let world = World::empty();
    let child = image("child");
    world.push(&child, &["prod-latest"]);
    let parent = index_of(&[&child.root]).root.digest;
    let contents = one(world.contents(&[left(&world, &parent, &[&child.root.digest])]).await);
    assert_eq!(contents.orphaned, std::slice::from_ref(&child.root.digest));
    assert_eq!(record(&contents, &child.root.digest).tags.len(), 1);
}

#[tokio::test]
async fn a_manifest_that_is_back_is_not_deleted_and_has_its_children_again() {
    let world = World::empty();
    world.push(&image("kept"), &["prod-latest"]);
    let back = index("back", Provenance::None);
    world.push(&back, &[]);
    let children = [&back.children[0].digest, &back.children[1].digest];
    let unfinished = [left(&world, &back.root.digest, &children)];
    let contents = one(world.contents(&unfinished).await);
    assert!(contents.deleted_earlier.is_empty() && contents.orphaned.is_empty());
    assert_eq!(record(&contents, &back.root.digest).references.children().len(), 2);
}

#[tokio::test]
async fn what_was_left_in_another_repository_is_not_asked_for() {
    let world = World::empty();
    world.push(&image("kept"), &["prod-latest"]);
    let mut other = left(&world, &image("other").root.digest, &[]);
    other.repository.path = tags::model::RepositoryPath::parse("acme/other").expect("a path");
    let contents = one(world.contents(&[other]).await);
    assert!(contents.deleted_earlier.is_empty());
    assert!(world.asked().iter().all(|line| !line.contains("acme/other")));
}
