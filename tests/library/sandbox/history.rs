//! The history of the demo: whole, reproducible, and with its accidents.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use tags::model::{ByteCheck, ImageConfig, Manifest, RepositoryPath, Sha};
use tags::sandbox::Store;
use tags::sandbox::content::BuiltImage;
use tags::sandbox::history::{ENVIRONMENTS, History, IMAGES, PushOutcome};

use crate::sandbox::support::now;
use crate::support::{path, tag};

fn filled() -> (History, Store) {
    let history = History::ending_at(now());
    let store = Store::new();
    history.fill(&store);
    (history, store)
}

fn there(store: &Store, repository: &str, name: &str) -> bool {
    store.resolve(&path(repository), &tag(name)).is_some()
}

fn points_to(store: &Store, repository: &str, name: &str, sha: &Sha) -> bool {
    let environment = name.split_once('-').unwrap().0;
    let repository = path(repository);
    let of_sha = store.resolve(&repository, &tag(&format!("{environment}-{sha}"))).unwrap();
    store.resolve(&repository, &tag(name)) == Some(of_sha)
}

fn config_of(store: &Store, repository: &RepositoryPath, manifest: &Manifest) -> ImageConfig {
    let image = match manifest {
        Manifest::Image(image) => image.clone(),
        Manifest::Index(index) => {
            let child = &index.main_child().unwrap().digest;
            let child = store.manifest(repository, child).unwrap();
            match Manifest::parse(Some(&child.media_type), &child.bytes).unwrap() {
                Manifest::Image(image) => image,
                Manifest::Index(_) => panic!("an index in an index"),
            }
        }
    };
    let config = image.config.unwrap();
    ImageConfig::parse(&store.blob(repository, &config.digest).unwrap()).unwrap()
}

#[test]
fn every_image_is_whole_and_tells_its_time_and_revision() {
    let (history, store) = filled();
    for push in &history.steps {
        assert!(push.at < now());
        let BuiltImage { root, blobs, .. } = &push.image;
        for manifest in push.image.manifests() {
            assert_eq!(manifest.digest.check(&manifest.bytes), ByteCheck::Match);
            let parsed = Manifest::parse(Some(&manifest.media_type), &manifest.bytes).unwrap();
            assert_eq!(store.missing(&push.repository, &parsed), []);
        }
        assert!(blobs.iter().all(|blob| blob.digest.check(&blob.bytes) == ByteCheck::Match));
        let parsed = Manifest::parse(Some(&root.media_type), &root.bytes).unwrap();
        let config = config_of(&store, &push.repository, &parsed);
        assert!(push.tags[0].as_str().ends_with(config.revision.as_deref().unwrap()));
        assert_eq!(config.platform.unwrap().to_string(), "linux/amd64");
        let age = push.at - config.created.unwrap();
        assert!(age >= TimeDelta::zero() && age < TimeDelta::minutes(10));
    }
}

#[test]
fn the_same_now_gives_the_same_bytes() {
    assert_eq!(History::ending_at(now()), History::ending_at(now()));
    assert_ne!(History::ending_at(now()), History::ending_at(now() + TimeDelta::days(1)));
}

#[test]
fn it_goes_back_for_some_75_days_and_names_say_nothing_of_time() {
    let (history, _) = filled();
    let age = now() - history.steps[0].at;
    assert!(age > TimeDelta::days(70) && age < TimeDelta::days(80), "{age}");
    for environment in ENVIRONMENTS {
        let releases: Vec<_> = history.releases(environment).collect();
        assert!(releases.windows(2).all(|pair| pair[0].built > pair[1].built));
        assert!(!releases.is_sorted_by_key(|release| &release.sha));
        assert!(!releases.iter().rev().is_sorted_by_key(|release| &release.sha));
    }
    assert_eq!(ENVIRONMENTS.map(|name| history.releases(name).count()), [36, 24, 12]);
}

#[test]
fn each_environment_builds_a_commit_anew() {
    let (history, store) = filled();
    let sha = history.rollback_target("prod").unwrap();
    for image in IMAGES {
        let repository = path(&format!("acme/{image}"));
        let digests: BTreeSet<_> = ENVIRONMENTS
            .map(|name| store.resolve(&repository, &tag(&format!("{name}-{sha}"))).unwrap())
            .into();
        assert_eq!(digests.len(), 3);
    }
}

#[test]
fn in_prod_the_release_before_the_current_one_has_no_backend() {
    let (history, store) = filled();
    let releases: Vec<_> = history.releases("prod").collect();
    let broken = format!("prod-{}", releases[1].sha);
    assert_eq!(releases[1].outcome, PushOutcome::BackendMissing);
    assert!(there(&store, "acme/frontend", &broken));
    assert!(!there(&store, "acme/backend", &broken));
    assert_eq!(history.current("prod"), Some(&releases[0].sha));
    assert_eq!(history.rollback_target("prod"), Some(&releases[2].sha));
    for image in IMAGES {
        assert!(points_to(&store, &format!("acme/{image}"), "prod-latest", &releases[0].sha));
    }
    let all = ENVIRONMENTS.into_iter().flat_map(|name| history.releases(name));
    let absent = all.filter(|release| release.outcome != PushOutcome::Complete).count();
    assert_eq!(absent, 2);
}

#[test]
fn in_uat_the_latest_tags_disagree() {
    let (history, store) = filled();
    let releases: Vec<_> = history.releases("uat").take(2).collect();
    assert_eq!(history.newest("uat"), Some(&releases[0].sha));
    assert_eq!(history.current("uat"), None);
    assert_eq!(history.rollback_target("uat"), None);
    assert!(there(&store, "acme/backend", &format!("uat-{}", releases[0].sha)));
    assert!(points_to(&store, "acme/frontend", "uat-latest", &releases[0].sha));
    assert!(points_to(&store, "acme/backend", "uat-latest", &releases[1].sha));
    let apart = releases[0].built - releases[1].built;
    assert!(apart > TimeDelta::hours(44) && apart < TimeDelta::hours(54), "{apart}");
}

#[test]
fn in_prod_the_frontend_is_for_two_platforms_and_attested() {
    let (history, store) = filled();
    let repository = path("acme/frontend");
    let current = tag(&format!("prod-{}", history.current("prod").unwrap()));
    let stored = store.manifest(&repository, &store.resolve(&repository, &current).unwrap());
    let stored = stored.unwrap();
    let Manifest::Index(index) = Manifest::parse(None, &stored.bytes).unwrap() else {
        panic!("not an index")
    };
    let platforms: Vec<String> =
        index.children.iter().map(|child| child.platform.as_ref().unwrap().to_string()).collect();
    let expected = ["linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown"];
    assert_eq!(platforms, expected);
    assert_eq!(index.children.iter().filter(|child| child.is_runnable()).count(), 2);
    assert_eq!(stored.pushed, store.tags(&repository).unwrap()[&current].updated);
}
