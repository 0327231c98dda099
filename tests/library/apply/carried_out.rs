//! What an application does where the registry lets it.

use tags::change::journal::{StepAction, unfinished_manifests};
use tags::change::{ApplyResult, ChangeVerdict};
use tags::model::Digest;
use tags::policy::RegistryKind;
use tags::retention::Decision;
use tags::sandbox::content::BuiltImage;
use tags::sandbox::docr::Assumptions;
use tags::sandbox::{Settings, StoredTag};

use crate::apply::scene::{Scene, build, result_of, root};
use crate::connect::now;
use crate::support::registries::{KINDS, docr};
use crate::support::{backend, tag};

#[tokio::test]
async fn what_is_planned_goes_and_the_current_release_is_found_whole() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let kept: Vec<Digest> = build("ccccccc").manifests().map(|m| m.digest.clone()).collect();
        let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
        let application = scene.apply(plan.clone()).await;
        let results: Vec<_> = application.applied.iter().map(|entry| entry.result).collect();
        assert_eq!(results, [ApplyResult::Deleted; 11], "{application:?}");
        let (left, tags) = scene.picture();
        assert!(left.len() == 5 && kept.iter().all(|digest| left.contains(digest)));
        assert_eq!(tags.into_keys().collect::<Vec<_>>(), [tag("prod-ccccccc"), tag("prod-latest")]);
        assert_eq!(application.survivors.len(), 2);
        assert!(application.survivors.iter().all(|s| s.damage.is_none() && s.unread.is_none()));
        assert_eq!(application.verdict(&plan), ChangeVerdict::Done);
        assert!(scene.recorded().finished);
    }
}

#[tokio::test]
async fn an_index_goes_before_what_it_lists_and_what_is_about_it() {
    for kind in [RegistryKind::Oci, RegistryKind::Docr] {
        let scene = Scene::of(kind);
        let child = &build("aaaaaaa").children[0];
        let attached = BuiltImage::artifact(child, "application/x.note", b"noted");
        scene.push(&attached, &[]);
        scene.apply(scene.deleting(&["aaaaaaa"])).await;
        let deletions = scene.deletions();
        assert_eq!(deletions.len(), 7);
        assert!(deletions[0].ends_with(&root("aaaaaaa").to_string()), "{deletions:?}");
        let at =
            |digest: &Digest| deletions.iter().position(|path| path.ends_with(&digest.to_string()));
        assert!(at(&child.digest) < at(&attached.root.digest), "{deletions:?}");
        let recorded = scene.recorded().steps;
        assert_eq!(recorded.iter().filter(|step| step.action == StepAction::Delete).count(), 7);
    }
}

#[tokio::test]
async fn a_tag_that_moved_and_a_digest_with_a_new_tag_are_left_alone() {
    for kind in KINDS {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
        let store = scene.registry.store();
        store.push(&backend(), &build("ddddddd"), &[tag("prod-aaaaaaa")], Some(now()));
        let digest = root("bbbbbbb");
        store.set_tag(&backend(), &tag("hotfix"), StoredTag { digest, updated: Some(now()) });
        let before = scene.picture();
        let application = scene.apply(plan.clone()).await;
        let skipped = |entry: &tags::change::AppliedEntry| entry.result == ApplyResult::Skipped;
        assert!(application.applied.iter().all(skipped), "{application:?}");
        assert!(application.applied.iter().any(|e| e.message.contains("prod-aaaaaaa")));
        assert!(application.applied.iter().any(|e| e.message.contains("hotfix")));
        assert_eq!(scene.picture(), before);
        assert_eq!(application.verdict(&plan), ChangeVerdict::Done);
        assert!(application.survivors.is_empty() && scene.recorded().finished);
    }
}

#[tokio::test]
async fn children_that_a_listing_leaves_out_go_too() {
    let assumptions = Assumptions { lists_children: false, ..Assumptions::default() };
    let settings = tags::sandbox::docr::DocrSettings { assumptions, ..docr() };
    let scene = Scene::with(Settings::docr(settings, now()));
    let plan = scene.deleting(&["aaaaaaa"]);
    let application = scene.apply(plan).await;
    assert!(
        application.applied.iter().all(|e| e.result == ApplyResult::Deleted),
        "{application:?}"
    );
}

#[tokio::test]
async fn a_single_tag_comes_off_where_the_registry_can() {
    for (kind, taken_off) in
        [(RegistryKind::Oci, true), (RegistryKind::Docr, true), (RegistryKind::Ghcr, false)]
    {
        let scene = Scene::of(kind);
        let current = root("ccccccc");
        let untag = |digest: &Digest, _: &[_]| {
            if *digest == current {
                Decision::Untag(vec![tag("prod-ccccccc")])
            } else {
                Decision::Keep
            }
        };
        let plan = scene.plan(untag);
        let application = scene.apply(plan.clone()).await;
        let expected = if taken_off { ApplyResult::Untagged } else { ApplyResult::Retained };
        assert_eq!(result_of(&application, &current).0, expected, "{application:?}");
        let (manifests, tags) = scene.picture();
        assert!(manifests.contains(&current));
        assert_eq!(tags.get(&tag("prod-latest")), Some(&current));
        assert_eq!(tags.contains_key(&tag("prod-ccccccc")), !taken_off);
        assert_eq!(application.verdict(&plan), ChangeVerdict::Done);
        let looked_at: Vec<_> = application.survivors.iter().map(|s| s.tag.as_str()).collect();
        assert_eq!(looked_at, if taken_off { &["prod-latest"][..] } else { &[] });
    }
}

#[tokio::test]
async fn a_survivor_that_lost_a_layer_is_seen() {
    let scene = Scene::of(RegistryKind::Oci);
    let layer = build("ccccccc").blobs[0].digest.clone();
    assert!(scene.registry.store().remove_blob(&backend(), &layer));
    let plan = scene.deleting(&["aaaaaaa"]);
    let application = scene.apply(plan.clone()).await;
    let damage = application.survivors.iter().filter_map(|survivor| survivor.damage.as_deref());
    assert!(damage.clone().all(|words| words.contains(&layer.short())) && damage.count() == 2);
    assert_eq!(application.verdict(&plan), ChangeVerdict::Damaged);
}

#[tokio::test]
async fn a_run_that_was_stopped_leaves_its_journal_open_for_the_next() {
    let scene = Scene::of(RegistryKind::Oci);
    scene.stop.request();
    let plan = scene.deleting(&["aaaaaaa"]);
    let application = scene.apply(plan.clone()).await;
    assert!(application.interrupted && application.applied.is_empty());
    assert_eq!(application.verdict(&plan), ChangeVerdict::Interrupted);
    assert!(scene.deletions().is_empty() && !scene.recorded().finished);
    assert_eq!(unfinished_manifests(&scene.journal_path()).expect("a journal"), []);
}
