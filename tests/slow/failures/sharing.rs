//! Cases 1 to 5: what shares a digest, a child or a subject with what is kept.

use tags::sandbox::content::Provenance;

use crate::failures::images::{days, image, index, index_of, referrer, sha, signature_tag};
use crate::failures::world::{Backend, EMBEDDED, EVERYWHERE, MANAGED, on};

#[test]
fn case_01_deleting_a_digest_takes_no_sibling_tag() {
    on(EVERYWHERE, |world| {
        let (live, shared) = (image("live", days(60)), image("shared", days(60)));
        let old = image("old", days(60));
        let sha_tag = format!("prod-{}", sha(1));
        world.push(&live, &["pr-1", &sha_tag, "prod-latest"]);
        world.push(&shared, &["pr-2", "demo"]);
        world.push(&old, &["pr-3", "pr-4"]);
        let run = world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        world.assert_pullable(&sha_tag, &live);
        world.assert_pullable("demo", &shared);
        world.assert_gone(&old);
        // The expired tag itself goes only where that does not take the digest along.
        let goes_alone = matches!(world.backend, Backend::Oci | Backend::Docr);
        assert_eq!(world.server.resolve("acme/backend", "pr-2").is_none(), goes_alone, "{run:?}");
    });
}

#[test]
fn case_02_untagged_children_of_a_live_index_stay() {
    on(EVERYWHERE, |world| {
        for (number, provenance) in [(1, Provenance::Artifact), (2, Provenance::Plain)] {
            let live = index(&format!("live {number}"), days(60), provenance);
            let old = index(&format!("old {number}"), days(60), provenance);
            world.push(&live, &[&format!("v{number}")]);
            world.push(&old, &[&format!("pr-{number}")]);
        }
        let current = index("current", days(60), Provenance::Artifact);
        world.push(&current, &["prod-latest"]);
        let stray = image("stray", days(60));
        world.push(&stray, &[]);
        world.cleanup(0);
        world.assert_pullable("prod-latest", &current);
        for (number, provenance) in [(1, Provenance::Artifact), (2, Provenance::Plain)] {
            let live = index(&format!("live {number}"), days(60), provenance);
            world.assert_pullable(&format!("v{number}"), &live);
            world.assert_gone(&index(&format!("old {number}"), days(60), provenance));
        }
        if MANAGED.contains(&world.backend) {
            world.assert_gone(&stray);
        }
    });
}

#[test]
fn case_02_beside_an_index_that_cannot_be_read_nothing_goes() {
    on(EMBEDDED, |world| {
        let live = index("live", days(60), Provenance::None);
        let old = index_of(&[&image("old", days(60))], days(60));
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        world.push(&image("stray", days(60)), &[]);
        world.fault(&format!("400@GET:/manifests/{}*always", live.digest()));
        let run = world.cleanup(3);
        assert_eq!(run.reason(&live), "unreadable", "{run:?}");
        world.assert_no_deletion();
        world.sandbox().faults().clear();
        world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        world.assert_gone(&old);
    });
}

#[test]
fn case_03_a_child_of_two_indexes_stays_with_the_one_that_stays() {
    on(EVERYWHERE, |world| {
        let [own, shared, other] = ["own", "shared", "other"].map(|text| image(text, days(60)));
        let (old, live) =
            (index_of(&[&own, &shared], days(60)), index_of(&[&shared, &other], days(60)));
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        world.assert_gone(&own);
        world.assert_gone_in("acme/backend", std::slice::from_ref(old.digest()));
    });
}

#[test]
fn case_03_a_child_that_is_tagged_itself_outlives_its_index() {
    on(EVERYWHERE, |world| {
        let (part, rest) = (image("part", days(60)), image("rest", days(60)));
        let old = index_of(&[&part, &rest], days(60));
        world.push(&old, &["pr-1"]);
        world.push(&part, &["v1-amd64"]);
        world.cleanup(0);
        world.assert_pullable("v1-amd64", &part);
        world.assert_gone(&rest);
        world.assert_gone_in("acme/backend", std::slice::from_ref(old.digest()));
    });
}

#[test]
fn case_04_children_of_children_stay_with_the_outermost_index() {
    on(EVERYWHERE, |world| {
        let nested = |name: &str| {
            let innermost = image(&format!("{name} innermost"), days(60));
            let inner = index_of(&[&innermost], days(60));
            index_of(&[&inner, &image(&format!("{name} beside"), days(60))], days(60))
        };
        let (live, old) = (nested("live"), nested("old"));
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        world.assert_gone(&old);
    });
}

#[test]
fn case_05_signatures_by_tag_stay_with_what_they_sign_and_go_with_it() {
    on(EVERYWHERE, |world| {
        let live = index("live", days(60), Provenance::None);
        let old = index("old", days(60), Provenance::None);
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        let child = live.manifests()[0].clone();
        let of_child = image("signature of a platform", days(60));
        world.push(&of_child, &[&signature_tag(&child)]);
        let (of_live, of_old) = (image("signature", days(60)), image("its signature", days(60)));
        world.push(&of_live, &[&live.signature_tag()]);
        world.push(&of_old, &[&old.signature_tag()]);
        world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        world.assert_pullable(&live.signature_tag(), &of_live);
        world.assert_pullable(&signature_tag(&child), &of_child);
        world.assert_gone(&old);
        world.assert_gone(&of_old);
    });
}

#[test]
fn case_05_referrers_by_subject_stay_with_what_they_are_about_and_go_with_it() {
    on(EMBEDDED, |world| {
        let live = index("live", days(60), Provenance::Artifact);
        let old = index("old", days(60), Provenance::Artifact);
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        let of_live = referrer(&live.built.root, "of the index", days(60));
        let of_child = referrer(&live.built.children[0], "of a platform", days(60));
        let of_that = referrer(&of_live.built.root, "of the signature", days(60));
        let of_old = referrer(&old.built.root, "of the old", days(60));
        for one in [&of_live, &of_child, &of_that, &of_old] {
            world.push(one, &[]);
        }
        world.cleanup(0);
        world.assert_pullable("prod-latest", &live);
        for one in [&of_live, &of_child, &of_that] {
            world.assert_whole(one);
        }
        world.assert_gone(&old);
        world.assert_gone(&of_old);
    });
}
