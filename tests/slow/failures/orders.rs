//! Cases 10, 14 and 19: which release is the newest, and which is the same.

use std::process::Command;

use serde_json::Value;

use crate::failures::images::{Image, days, image, index_of, sha};
use crate::failures::world::{Backend, EVERYWHERE, PROD, World, on};

const LAST: &str = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n\
                    [protect]\nrollback-depth = 1\nmin-age = \"1h\"\n";

/// A checkout with so many commits, oldest first.
fn commits(world: &World, count: usize) -> Vec<String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@t",
            "-c",
            "init.defaultBranch=main",
        ]);
        let output = command.args(arguments).current_dir(world.home.path()).output().expect("git");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    git(&["init", "--quiet"]);
    let commit = |number| {
        git(&["commit", "--quiet", "--allow-empty", "-m", &format!("change {number}")]);
        git(&["rev-parse", "HEAD"])
    };
    (0..count).map(commit).collect()
}

fn release(world: &World, image: &Image, sha: &str) {
    world.push(image, &[&format!("prod-{sha}")]);
}

fn by_git() -> String {
    PROD.replace("branch = \"main\"", "branch = \"main\"\norder = \"git\"")
}

fn target(world: &World, arguments: &[&str]) -> Value {
    world.tags(&[&["rollback-target", "prod"], arguments].concat()).json()
}

#[test]
fn case_10_shas_are_not_ordered_by_their_names() {
    for descending in [false, true] {
        on(EVERYWHERE, |world| {
            world.policy(&[PROD, LAST]);
            let name = |place: usize| {
                let digits = if descending { "edcba" } else { "abcde" };
                digits[place..=place].repeat(40)
            };
            let image =
                |place: usize| image(&format!("release {place}"), days([2, 30, 40, 50, 60][place]));
            for place in 0..5 {
                release(&world, &image(place), &name(place));
            }
            world.deploy(&image(0));
            assert_eq!(target(&world, &[])["target"]["sha"], name(1));
            world.cleanup(0);
            for place in 0..2 {
                world.assert_pullable(&format!("prod-{}", name(place)), &image(place));
            }
            for place in 2..5 {
                world.assert_gone(&image(place));
            }
            assert_eq!(target(&world, &[])["target"]["sha"], name(1));
        });
    }
}

#[test]
fn case_10_where_times_are_equal_git_decides_or_nobody() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, LAST]);
        let image = |place: usize| image(&format!("release {place}"), days(30));
        // Without a checkout nobody knows which came first.
        let unknown = ["3".repeat(40), "1".repeat(40), "2".repeat(40)];
        for (place, name) in unknown.iter().enumerate() {
            release(&world, &image(place), name);
        }
        world.deploy(&image(1));
        let none = world.tags(&["rollback-target", "prod"]);
        assert_eq!((none.code, none.json()["target"].is_null()), (1, true), "{none:?}");
        world.cleanup(0);
        for (place, name) in unknown.iter().enumerate() {
            world.assert_pullable(&format!("prod-{name}"), &image(place));
        }
    });
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, LAST]);
        let image = |place: usize| image(&format!("release {place}"), days(30));
        let known = commits(&world, 4);
        for (place, name) in known.iter().enumerate() {
            release(&world, &image(place), name);
        }
        world.deploy(&image(3));
        assert_eq!(target(&world, &[])["target"]["sha"], known[2]);
        world.cleanup(0);
        for place in [2, 3] {
            world.assert_pullable(&format!("prod-{}", known[place]), &image(place));
        }
        for place in [0, 1] {
            world.assert_gone(&image(place));
        }
    });
}

/// Four commits, of which the third was built last, so that the latest tag is on it.
fn overtaken(world: &World) -> (Vec<String>, Vec<Image>) {
    let commits = commits(world, 4);
    let ages = [50, 40, 1, 2];
    let images: Vec<Image> =
        ages.iter().map(|age| image(&format!("built {age} days ago"), days(*age))).collect();
    for (image, commit) in images.iter().zip(&commits) {
        release(world, image, commit);
    }
    world.deploy(&images[2]);
    (commits, images)
}

#[test]
fn case_14_the_latest_commit_outlives_an_older_one_that_was_built_after_it() {
    on(EVERYWHERE, |world| {
        world.policy(&[&by_git(), LAST]);
        let (commits, images) = overtaken(&world);
        assert_eq!(target(&world, &[])["target"]["sha"], commits[1]);
        assert_eq!(target(&world, &["--from", &commits[3]])["target"]["sha"], commits[2]);
        world.cleanup(0);
        for place in 1..4 {
            world.assert_pullable(&format!("prod-{}", commits[place]), &images[place]);
        }
        world.assert_gone(&images[0]);
    });
}

#[test]
fn case_14_a_latest_tag_on_an_older_commit_does_not_pass_verification() {
    on(EVERYWHERE, |world| {
        world.policy(&[&by_git(), LAST]);
        let (commits, _) = overtaken(&world);
        let run = world.tags(&["verify", "prod", "--sha", &commits[3]]);
        assert_eq!(run.code, 1, "{run:?}");
        let findings = run.json()["findings"].clone();
        assert_eq!(findings[0]["code"], "latest-tag-elsewhere", "{findings}");
        assert!(findings[0].to_string().contains(&commits[2][..7]), "{findings}");
    });
}

#[test]
fn case_19_a_copy_that_was_wrapped_is_told_apart_and_not_rolled_back_to() {
    on(&[Backend::Oci, Backend::Debian], |world| {
        let second = format!(
            "[registry.second]\nkind = \"oci\"\nnamespace = \"copy\"\nurl = \"{}\"\n\
             [image.both]\nrepositories = {{ main = \"both\", second = \"both\" }}\n",
            world.server.url()
        );
        let prod = PROD.replace("branch", "images = [\"both\"]\nbranch");
        world.policy(&[&second, &prod, LAST]);
        world.push(&image("other", days(1)), &["demo"]);
        let image = |age| image(&format!("release {age}"), days(age));
        let both = ["acme/both", "copy/both"];
        for (number, age) in (1..).zip([2, 30, 40, 50]) {
            for path in both {
                // What `docker buildx imagetools create` makes of a single manifest.
                let wrapped = number == 2 && path == "copy/both";
                let pushed = if wrapped { index_of(&[&image(age)], days(age)) } else { image(age) };
                world.push_in(path, &pushed, &[&format!("prod-{}", sha(number))]);
            }
        }
        for path in both {
            world.server.set_tag(path, &image(2), "prod-latest");
        }
        let run = world.tags(&["verify", "prod", "--sha", &sha(2)]);
        let findings = run.json()["findings"].clone();
        let differs = findings.as_array().expect("a list").iter();
        let differs = differs.filter(|one| one["code"] == "digest-differs").count();
        assert!(run.code == 1 && differs > 0, "{run:?}");
        assert!(findings.to_string().contains("wrap"), "{findings}");
        assert_eq!(target(&world, &[])["target"]["sha"], sha(3));
        world.cleanup(0);
        // The last complete release, and the last that a rollback would take.
        for path in both {
            world.assert_pullable_in(path, &format!("prod-{}", sha(3)), &image(40));
            world.assert_gone_in(path, &image(50).manifests());
        }
        world.assert_pullable_in("acme/both", &format!("prod-{}", sha(2)), &image(30));
        let wrapped = index_of(&[&image(30)], days(30));
        world.assert_pullable_in("copy/both", &format!("prod-{}", sha(2)), &wrapped);
    });
}
