//! Registries that do other than they say, and content that no journal can hold.

use tags::change::ApplyResult::{Deleted, Failed, Skipped};
use tags::change::FailureCause::Registry;
use tags::model::{Digest, media_type};
use tags::retention::Decision;
use tags::sandbox::content::ManifestBytes;
use tags::sandbox::{Settings, StoredTag, TagDelete};

use crate::apply::scene::{Scene, all_are, result_of, root};
use crate::connect::now;
use crate::support::registries::KINDS;
use crate::support::{backend, images, tag};

#[tokio::test]
async fn a_manifest_that_cannot_be_recorded_is_not_deleted_nor_anything_that_it_may_list() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let bytes = b"not a manifest".as_slice();
        let strange = ManifestBytes {
            media_type: media_type::OCI_MANIFEST.to_owned(),
            bytes: bytes.into(),
            digest: Digest::of(bytes),
        };
        scene.push_manifest(&strange, &["prod-ddddddd"]);
        let other = images::single("other", now());
        scene.push(&other, &[]);
        let other = other.root.digest;
        let plan = scene.deleting_only(&[strange.digest.clone(), other.clone()]);
        let application = scene.apply(plan).await;
        assert_eq!(result_of(&application, &strange.digest).0, Failed(Registry));
        assert_eq!(result_of(&application, &other).0, Skipped, "{application:?}");
        assert!(scene.deletions().is_empty());
    }
}

#[tokio::test]
async fn a_manifest_that_goes_with_its_tag_is_put_back_and_no_other_tag_is_tried() {
    let settings = Settings { tag_delete: TagDelete::WithManifest, ..Settings::default() };
    let scene = Scene::with(settings);
    let (first, second) = (root("bbbbbbb"), root("ccccccc"));
    let stored = StoredTag { digest: first.clone(), updated: Some(now()) };
    scene.registry.store().set_tag(&backend(), &tag("v2"), stored);
    let untag = |name| Decision::Untag(vec![tag(name)]);
    let plan = scene.plan(|digest, _| match digest {
        digest if *digest == first => untag("prod-bbbbbbb"),
        digest if *digest == second => untag("prod-ccccccc"),
        _ => Decision::Keep,
    });
    let before = scene.picture().0;
    let application = scene.apply(plan).await;
    assert!(all_are(&application, Failed(Registry)), "{application:?}");
    let says = |text: &str| application.applied.iter().any(|e| e.message.contains(text));
    assert!(says("it was restored") && says("not tried"), "{application:?}");
    assert_eq!(scene.deletions().len(), 1);
    let (manifests, tags) = scene.picture();
    assert_eq!(manifests, before);
    assert_eq!(
        [tags.get(&tag("v2")), tags.get(&tag("prod-latest"))],
        [Some(&first), Some(&second)]
    );
}

#[tokio::test]
async fn what_is_deleted_and_answered_with_an_error_is_told_as_deleted() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        scene.registry.faults().before_each(|request, access| {
            if request.method == "DELETE" {
                access.change_answer(|reply| reply.status = 505);
            }
        });
        let application = scene.apply(scene.deleting(&["aaaaaaa"])).await;
        assert!(all_are(&application, Deleted), "{application:?}");
        let says_so = |message: &str| message.contains("although the answer was");
        assert!(application.applied.iter().all(|e| says_so(&e.message)), "{application:?}");
    }
}
