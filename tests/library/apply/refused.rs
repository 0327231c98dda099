//! What an application does where the registry refuses.

use std::collections::{BTreeMap, BTreeSet};

use tags::change::{ApplyResult, ChangeVerdict, Execution, FailureCause};
use tags::policy::RegistryKind;
use tags::retention::Decision;
use tags::sandbox::docr::{DocrScope, DocrSettings};
use tags::sandbox::ghcr::{GhcrSettings, PackageScope};
use tags::sandbox::{Fault, Settings, TagDelete};

use crate::apply::scene::{Scene, root};
use crate::connect::now;
use crate::support::registries::{KINDS, docr, ghcr};
use crate::support::tag;

fn fault(text: &str) -> Fault {
    text.parse().expect("a fault")
}

#[tokio::test]
async fn a_missing_right_is_said_so_and_not_taken_for_gone() {
    let scopes = BTreeSet::from([PackageScope::Read, PackageScope::Write]);
    let reads = BTreeSet::from([DocrScope::Read]);
    for settings in [
        Settings { delete: false, ..Settings::default() },
        Settings::docr(DocrSettings { scopes: reads, ..docr() }, now()),
        Settings::ghcr(GhcrSettings { scopes, ..ghcr() }, now()),
    ] {
        let scene = Scene::with(settings);
        let before = scene.picture();
        let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
        let application = scene.apply(plan.clone()).await;
        assert_eq!(scene.picture(), before);
        let failed = ApplyResult::Failed(FailureCause::Rights);
        let tried: Vec<_> =
            application.applied.iter().filter(|entry| entry.result == failed).collect();
        assert!(!tried.is_empty() && scene.deletions().len() <= 8, "{application:?}");
        assert!(
            application
                .applied
                .iter()
                .all(|e| e.result == failed || e.result == ApplyResult::Skipped)
        );
        assert_eq!(application.verdict(&plan), ChangeVerdict::Rights);
        assert_eq!(application.execution(&plan), Execution::Partial);
        assert!(!scene.recorded().finished);
    }
}

#[tokio::test]
async fn what_was_downloaded_too_often_is_retained_with_all_below_it() {
    let index = root("aaaaaaa");
    let downloads = BTreeMap::from([(index.clone(), 5_001)]);
    let scene = Scene::with(Settings::ghcr(GhcrSettings { downloads, ..ghcr() }, now()));
    let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
    let application = scene.apply(plan.clone()).await;
    let of =
        |wanted: ApplyResult| application.applied.iter().filter(|e| e.result == wanted).count();
    assert_eq!(of(ApplyResult::Retained), 1, "{application:?}");
    assert_eq!((of(ApplyResult::Skipped), of(ApplyResult::Deleted)), (5, 5));
    assert!(
        application
            .applied
            .iter()
            .any(|e| e.digest == index && e.message.contains("5,000") | e.message.contains("5000"))
    );
    assert_eq!(application.verdict(&plan), ChangeVerdict::Done);
    assert!(scene.recorded().finished);
}

#[tokio::test]
async fn a_single_tag_that_cannot_come_off_is_retained() {
    let scene = Scene::with(Settings { tag_delete: TagDelete::Refused, ..Settings::default() });
    let current = root("ccccccc");
    let plan = scene.plan(|digest, _| {
        if *digest == current { Decision::Untag(vec![tag("prod-ccccccc")]) } else { Decision::Keep }
    });
    let application = scene.apply(plan.clone()).await;
    assert_eq!(application.applied[0].result, ApplyResult::Retained);
    assert_eq!(application.verdict(&plan), ChangeVerdict::Done);
}

#[tokio::test]
async fn a_repository_whose_listing_breaks_loses_nothing() {
    for (kind, listing) in KINDS.into_iter().zip(["/tags/list", "/digests", "/versions"]) {
        let scene = Scene::of(kind);
        let plan = scene.deleting(&["aaaaaaa"]);
        scene.registry.faults().add(fault(&format!("418@GET:{listing}*always")));
        let application = scene.apply(plan.clone()).await;
        let failed = ApplyResult::Failed(FailureCause::Registry);
        assert!(application.applied.iter().all(|e| e.result == failed), "{application:?}");
        assert_eq!(application.applied.len(), 6);
        assert!(scene.deletions().is_empty());
        assert_eq!(application.verdict(&plan), ChangeVerdict::Unread);
    }
}

#[tokio::test]
async fn a_failure_after_something_was_deleted_is_partial_and_the_rest_of_a_release_stays() {
    let scene = Scene::of(RegistryKind::Oci);
    let plan = scene.deleting(&["aaaaaaa", "bbbbbbb"]);
    let index = root("aaaaaaa");
    scene.registry.faults().add(fault(&format!("418@DELETE:/manifests/{index}*always")));
    let application = scene.apply(plan.clone()).await;
    let of =
        |wanted: ApplyResult| application.applied.iter().filter(|e| e.result == wanted).count();
    assert_eq!(of(ApplyResult::Failed(FailureCause::Registry)), 1, "{application:?}");
    assert_eq!((of(ApplyResult::Skipped), of(ApplyResult::Deleted)), (5, 5));
    assert_eq!(application.verdict(&plan), ChangeVerdict::Partial);
    assert!(!scene.recorded().finished);
}
