//! What undoing brings back, and what it leaves alone.

use tags::change::{ChangeVerdict, Restoration};
use tags::model::Digest;
use tags::policy::RegistryKind;
use tags::retention::Decision;
use tags::sandbox::content::BuiltImage;
use tags::sandbox::ghcr::GhcrSettings;
use tags::sandbox::{Quirk, Settings, StoredTag};

use crate::apply::scene::{Scene, build, root};
use crate::connect::now;
use crate::support::registries::{KINDS, ghcr};
use crate::support::{backend, images, tag};

#[tokio::test]
async fn everything_comes_back_and_twice_is_harmless() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let before = scene.picture();
        scene.apply(scene.deleting(&["aaaaaaa", "bbbbbbb"])).await;
        assert_ne!(scene.picture(), before);
        let undone = scene.undo().await;
        assert_eq!(scene.picture(), before, "{undone:?}");
        assert!(undone.manifests.iter().all(|m| m.result == Restoration::Restored), "{undone:?}");
        assert_eq!((undone.manifests.len(), undone.verdict()), (11, ChangeVerdict::Done));
        let again = scene.undo().await;
        assert_eq!(scene.picture(), before);
        assert!(again.manifests.iter().all(|m| m.result == Restoration::AlreadyThere), "{again:?}");
        assert_eq!(again.verdict(), ChangeVerdict::Done);
        // GHCR restores versions with their tags; elsewhere tags are pushed, the first time.
        assert_eq!((undone.has_pushed(), again.has_pushed()), (kind != RegistryKind::Ghcr, false));
    }
}

#[tokio::test]
async fn what_a_manifest_is_about_is_put_back_before_it() {
    let scene = Scene::of(RegistryKind::Oci);
    let subject = images::single("subject", now());
    // Several, so that some come before their subject by name.
    let about = (0..8).map(|number: u8| BuiltImage::artifact(&subject.root, "x/y", &[number]));
    let images: Vec<BuiltImage> = std::iter::once(subject.clone()).chain(about).collect();
    for image in &images {
        scene.push(image, &[]);
    }
    let digests: Vec<Digest> = images.iter().map(|image| image.root.digest.clone()).collect();
    let before = scene.picture();
    scene.apply(scene.deleting_only(&digests)).await;
    scene.registry.quirks().switch_on(Quirk::SubjectRequired);
    let undone = scene.undo().await;
    assert_eq!(scene.picture(), before, "{undone:?}");
    let first = scene.registry.requests().into_iter().find(|request| request.method == "PUT");
    assert!(first.expect("a push").path().ends_with(&subject.root.digest.to_string()));
}

#[tokio::test]
async fn tags_that_a_restored_version_lost_are_pushed_again() {
    let settings = GhcrSettings { restores_tags: false, ..ghcr() };
    let scene = Scene::with(Settings::ghcr(settings, now()));
    let before = scene.picture();
    scene.apply(scene.deleting(&["aaaaaaa"])).await;
    let undone = scene.undo().await;
    assert_eq!(scene.picture(), before, "{undone:?}");
}

#[tokio::test]
async fn a_tag_that_came_off_goes_on_again() {
    let scene = Scene::of(RegistryKind::Docr);
    let (before, current) = (scene.picture(), root("ccccccc"));
    let plan = scene.plan(|digest, _| {
        if *digest == current { Decision::Untag(vec![tag("prod-ccccccc")]) } else { Decision::Keep }
    });
    scene.apply(plan).await;
    assert_ne!(scene.picture(), before);
    let undone = scene.undo().await;
    assert_eq!(scene.picture(), before, "{undone:?}");
}

#[tokio::test]
async fn a_tag_that_was_set_anew_stays_where_it_is() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        scene.apply(scene.deleting(&["aaaaaaa"])).await;
        let digest = root("ccccccc");
        let newer = StoredTag { digest: digest.clone(), updated: Some(now()) };
        scene.registry.store().set_tag(&backend(), &tag("prod-aaaaaaa"), newer);
        let undone = scene.undo().await;
        assert_eq!(scene.picture().1.get(&tag("prod-aaaaaaa")), Some(&digest));
        let tags = undone.manifests.iter().flat_map(|manifest| &manifest.tags);
        assert_eq!(tags.map(|tag| tag.result).collect::<Vec<_>>(), [Restoration::TagElsewhere]);
        assert_eq!(undone.verdict(), ChangeVerdict::Done);
    }
}

#[tokio::test]
async fn what_lost_its_layers_is_lost_and_said_so() {
    for kind in [RegistryKind::Oci, RegistryKind::Docr] {
        let scene = Scene::of(kind);
        scene.apply(scene.deleting(&["aaaaaaa"])).await;
        for blob in build("aaaaaaa").blobs {
            scene.registry.store().remove_blob(&backend(), &blob.digest);
        }
        let undone = scene.undo().await;
        let lost = undone.manifests.iter().filter(|m| m.result == Restoration::Lost).count();
        assert!(lost >= 5, "{undone:?}");
        assert_eq!(undone.verdict(), ChangeVerdict::Damaged);
    }
}
