//! Somebody pushes or deletes while a listing is read page by page: whatever page it comes before,
//! everything that was there all the time is in the plan, or the listing is said to be partial.
//!
//! Some of the places are tried by default, all of them with `TAGS_EXHAUSTIVE=1`.

use tags::model::Digest;
use tags::sandbox::{Listing, Quirk, Settings};

use crate::failures::images::{Image, days, image};
use crate::failures::world::{BACKEND, Backend, EMBEDDED, World, on};
use crate::support::{backend, tag};

/// Nine images on pages of two.
fn fill(world: &World) -> Vec<Image> {
    let images: Vec<Image> =
        (0..9).map(|number| image(&format!("image {number}"), days(20 + number))).collect();
    for (number, image) in images.iter().enumerate() {
        world.push(image, &[&format!("keep-{number}")]);
    }
    world.server.set_tag(BACKEND, &images[0], "prod-latest");
    images
}

fn paged(backend: Backend) -> World {
    if backend == Backend::Oci {
        let settings = Settings { listing: Listing::MaxPage(2), ..Settings::default() };
        return World::embedded(settings);
    }
    let world = World::of(backend).expect("a registry");
    world.sandbox().quirks().switch_on(Quirk::MaxPageEntries(2));
    world
}

fn is_list(target: &str) -> bool {
    ["/tags/list", "/backend/tags?", "/backend/digests?", "/versions?"]
        .iter()
        .any(|list| target.contains(list))
}

/// Everything but this is in the plan.
fn assert_planned(world: &World, images: &[Image], but: Option<&Digest>, at: usize) {
    let run = world.tags(&["cleanup"]);
    let what = format!("on {:?} before request {at}: {run:?}", world.backend);
    assert_eq!(run.code, 0, "{what}");
    let planned = run.digests("entries", |_| true);
    for image in images.iter().filter(|image| Some(image.digest()) != but) {
        assert!(planned.contains(&image.digest().to_string()), "{} in {what}", image.digest());
    }
}

/// The requests for lists before which something happens; a reading takes no more of them.
fn places() -> Vec<usize> {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests asks for all of them")]
    let all = std::env::var_os("TAGS_EXHAUSTIVE").is_some();
    if all { (1..=14).collect() } else { vec![2, 3, 4, 6, 8] }
}

#[test]
fn a_push_before_any_page_loses_no_entry() {
    for at in places() {
        on(EMBEDDED, |world| {
            let world = paged(world.backend);
            let images = fill(&world);
            let mut left = at;
            world.sandbox().faults().before_each(move |request, access| {
                if is_list(&request.target) {
                    left = left.saturating_sub(1);
                    if left == 0 {
                        left = usize::MAX;
                        let pushed = image("pushed", days(0)).built;
                        access.push(&backend(), &pushed, &[tag("a-new-one")]);
                    }
                }
            });
            assert_planned(&world, &images, None, at);
        });
    }
}

#[test]
fn a_deletion_before_any_page_loses_no_other_entry() {
    for at in places() {
        for victim in [1, 7] {
            on(EMBEDDED, |world| {
                let world = paged(world.backend);
                let images = fill(&world);
                let gone = images[victim].digest().clone();
                let digest = gone.clone();
                let mut left = at;
                world.sandbox().faults().before_each(move |request, access| {
                    if is_list(&request.target) {
                        left = left.saturating_sub(1);
                        if left == 0 {
                            left = usize::MAX;
                            access.delete_manifest(&backend(), &digest);
                        }
                    }
                });
                let run = world.tags(&["cleanup"]);
                let what = format!("on {:?} before request {at}: {run:?}", world.backend);
                // What is gone while it is read is a doubt, and never the others.
                assert!([0, 3].contains(&run.code), "{what}");
                let planned = run.digests("entries", |_| true);
                if run.json()["coverage"][0]["complete"] == true {
                    for image in images.iter().filter(|image| *image.digest() != gone) {
                        let there = planned.contains(&image.digest().to_string());
                        assert!(there, "{} in {what}", image.digest());
                    }
                }
            });
        }
    }
}

#[test]
fn a_list_that_shifts_for_ever_is_partial_after_three_readings() {
    on(&[Backend::Docr, Backend::Ghcr], |world| {
        let world = paged(world.backend);
        fill(&world);
        let mut number = 0;
        world.sandbox().faults().before_each(move |request, access| {
            if is_list(&request.target) {
                number += 1;
                let pushed = image(&format!("pushed {number}"), days(0)).built;
                access.push(&backend(), &pushed, &[tag(&format!("new-{number}"))]);
            }
        });
        let run = world.cleanup(3);
        world.assert_no_deletion();
        assert!((run.stdout.clone() + &run.stderr).contains("read 3 times"), "{run:?}");
        let requests = world.sandbox().requests();
        let first = |target: &str| {
            is_list(target) && (target.contains("?page=1&") || target.ends_with("&page=1"))
        };
        let first = requests.iter().filter(|one| first(&one.target)).count();
        assert!(first <= 6, "on {:?}: {first}", world.backend);
    });
}

#[test]
fn a_plain_list_whose_pages_overlap_for_ever_is_partial_after_three_readings() {
    on(&[Backend::Oci], |world| {
        let world = paged(world.backend);
        fill(&world);
        crate::failures::lies::list_says(&world, "/tags/list", |list| {
            let tags = list["tags"].as_array_mut().expect("tags");
            tags.insert(0, "keep-0".into());
            tags.dedup();
        });
        let run = world.cleanup(3);
        world.assert_no_deletion();
        assert!((run.stdout.clone() + &run.stderr).contains("two pages"), "{run:?}");
        let requests = world.sandbox().requests();
        let first = requests.iter().filter(|one| one.target.ends_with("/tags/list?n=1000")).count();
        assert_eq!(first, 3);
    });
}

#[test]
fn pages_that_are_named_in_the_registrys_own_way_are_read_twice() {
    on(&[Backend::Oci], |world| {
        let world = paged(world.backend);
        let images = fill(&world);
        crate::failures::lies::lie(&world, "GET", "/tags/list", |reply| {
            for (name, value) in &mut reply.headers {
                if name == "link" {
                    *value =
                        value.replace("n=", "token=x&n=").replace("last=keep-", "last=keep%2D");
                }
            }
        });
        assert_planned(&world, &images, None, 0);
    });
}
