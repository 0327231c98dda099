//! What must survive is counted by what the registry has now, and not by what was read once.

use tags::model::Digest;
use tags::sandbox::content::Provenance;

use crate::failures::images::{Image, days, index, sha};
use crate::failures::lies::deny;
use crate::failures::world::{EMBEDDED, World, on};

/// The current release and two before it, of which a rollback needs the newer one.
fn releases(world: &World) -> [Image; 3] {
    let all = [(1, 2), (2, 20), (3, 60)].map(|(number, age)| {
        let release = index(&format!("release {number}"), days(age), Provenance::Plain);
        world.release(&release, number);
        release
    });
    world.deploy(&all[0]);
    all
}

/// The manifest is gone, and whatever listed it or points to it is still there.
fn lose(world: &World, digest: &Digest) {
    for method in ["HEAD", "GET"] {
        deny(world, method, &format!("/manifests/{digest}"));
    }
}

#[test]
fn a_release_whose_manifest_is_gone_is_no_way_back_although_its_bytes_are_known() {
    on(EMBEDDED, |world| {
        let [current, second, third] = releases(&world);
        let planned = world.tags(&["cleanup", "--out", "plan.json"]);
        assert_eq!(planned.reason(&third), "expired", "on {:?}: {planned:?}", world.backend);
        lose(&world, second.digest());
        deny(&world, "GET", &format!("/manifests/prod-{}", sha(2)));
        for words in [["cleanup", "--apply"], ["apply", "plan.json"]] {
            let run = world.tags(&words);
            assert_eq!(run.code, 3, "on {:?}: {run:?}", world.backend);
            world.assert_no_deletion();
            world.assert_release(1, &current);
            world.assert_release(3, &third);
        }
    });
}

#[test]
fn a_release_whose_child_is_gone_is_no_way_back_although_its_bytes_are_known() {
    on(EMBEDDED, |world| {
        let [current, second, third] = releases(&world);
        let planned = world.tags(&["cleanup"]);
        assert_eq!(planned.reason(&third), "expired", "on {:?}: {planned:?}", world.backend);
        lose(&world, &second.built.children[0].digest);
        let run = world.tags(&["cleanup", "--apply"]);
        assert!(matches!(run.code, 0 | 3), "on {:?}: {run:?}", world.backend);
        assert!(
            run.warnings().contains("which is not in the registry") || run.code == 3,
            "{run:?}"
        );
        world.assert_release(1, &current);
        world.assert_release(3, &third);
    });
}
