//! Cases 20 and 21: listings in pages, listings that break off, and limits in the middle.

use tags::sandbox::docr::Assumptions;
use tags::sandbox::{Listing, Order, Settings};

use crate::failures::images::{Image, days, image, index_of, now};
use crate::failures::server::Server;
use crate::failures::world::{Backend, EMBEDDED, EVERYWHERE, PROD, RULES, World, on};
use crate::support::registries::{docr, ghcr};

/// What is on the first page goes but for the child that it shares with what is on the last.
struct Spread {
    own: Image,
    old: Image,
    live: Image,
    current: Image,
}

impl Spread {
    fn new() -> Self {
        let [own, shared] = ["own", "shared"].map(|text| image(text, days(300)));
        let old = index_of(&[&own, &shared], days(300));
        let live = index_of(&[&shared, &image("beside", days(20))], days(20));
        let current = image("current", days(20));
        Self { own, old, live, current }
    }

    /// Pushes it, with so many images in between by name and by time.
    fn push(&self, world: &World, between: usize) {
        world.push(&self.old, &["pr-0"]);
        for number in 0..between {
            world.push(&image(&format!("image {number}"), days(200)), &[&format!("r{number}")]);
        }
        world.push(&self.current, &["prod-latest"]);
        world.push(&self.live, &["zz-live"]);
    }

    fn assert_is_sound(&self, world: &World) {
        world.assert_pullable("zz-live", &self.live);
        world.assert_pullable("prod-latest", &self.current);
        world.assert_gone(&self.own);
        world.assert_gone_in("acme/backend", std::slice::from_ref(self.old.digest()));
    }
}

#[test]
fn case_20_all_pages_of_a_plain_registry_are_read() {
    let short = [
        Listing::MaxPage(2),
        Listing::IgnoresPageSize,
        Listing::OldestFirst { default_page_size: 2 },
    ];
    for listing in short {
        let settings = Settings { listing, ..Settings::default() };
        let world = World::embedded(settings);
        let spread = Spread::new();
        spread.push(&world, 5);
        world.cleanup(0);
        spread.assert_is_sound(&world);
    }
    // Nothing says that there is more behind a full page.
    let listing = Listing::WithoutLink;
    let settings = Settings { listing, ..Settings::default() };
    let world = World::embedded(settings);
    let (spread, filler) = (Spread::new(), image("filler", days(200)));
    let tags: Vec<String> = (0..1100).map(|number| format!("r{number}")).collect();
    world.push(&filler, &tags.iter().map(String::as_str).collect::<Vec<_>>());
    spread.push(&world, 0);
    world.cleanup(0);
    spread.assert_is_sound(&world);
}

#[test]
fn case_20_all_pages_of_a_management_api_are_read() {
    // The oldest come first, so that what is live is on the last page.
    let assumptions = Assumptions { order: Order::OldestFirst, ..Assumptions::default() };
    let docr = Settings::docr(tags::sandbox::docr::DocrSettings { assumptions, ..docr() }, now());
    let order = Order::OldestFirst;
    let ghcr = Settings::ghcr(tags::sandbox::ghcr::GhcrSettings { order, ..ghcr() }, now());
    for settings in [docr, ghcr] {
        let world = World::embedded(settings);
        let spread = Spread::new();
        spread.push(&world, 230);
        world.cleanup(0);
        spread.assert_is_sound(&world);
    }
}

#[test]
fn case_20_all_pages_of_somebody_elses_registry_are_read() {
    on(&[Backend::Debian], |world| {
        let spread = Spread::new();
        let tags: Vec<String> = (0..120).map(|number| format!("r{number}")).collect();
        let filler = image("filler", days(200));
        world.push(&filler, &tags.iter().map(String::as_str).collect::<Vec<_>>());
        spread.push(&world, 0);
        world.cleanup(0);
        spread.assert_is_sound(&world);
    });
}

#[test]
fn case_20_a_page_elsewhere_is_not_fetched_and_nothing_goes() {
    on(&[Backend::Oci, Backend::Ghcr], |world| {
        let stranger = Server::embedded(Settings::default());
        let spread = Spread::new();
        spread.push(&world, 5);
        world.fault(&format!("link={}@GET:/backend/*always", stranger.url()));
        world.fault(&format!("link={}@GET:/versions*always", stranger.url()));
        world.cleanup(3);
        world.assert_no_deletion();
        let Server::Embedded(stranger) = stranger else { return };
        assert_eq!(stranger.requests(), []);
    });
}

/// The part of a path by which a listing is known.
fn listing(backend: Backend) -> &'static str {
    match backend {
        Backend::Oci | Backend::Debian => "/tags/list",
        Backend::Docr => "/backend/",
        Backend::Ghcr => "/versions",
    }
}

#[test]
fn case_21_a_listing_that_breaks_off_is_not_the_whole() {
    for (fault, code) in
        [("400", 3), ("403", 4), ("429:retry-after=3600", 3), ("cut", 3), ("500", 3)]
    {
        on(EMBEDDED, |mut world| {
            if world.backend == Backend::Oci {
                let listing = Listing::MaxPage(2);
                let settings = Settings { listing, ..Settings::default() };
                world = World::embedded(settings);
            }
            let spread = Spread::new();
            let between = if world.backend == Backend::Oci { 5 } else { 230 };
            spread.push(&world, between);
            // The first page comes, and no other.
            world.fault(&format!("delay=1ms@GET:{}", listing(world.backend)));
            world.fault(&format!("{fault}@GET:{}*always", listing(world.backend)));
            let run = world.cleanup(code);
            world.assert_no_deletion();
            assert_eq!(run.json()["coverage"][0]["complete"], false, "{run:?}");
            world.sandbox().faults().clear();
            world.cleanup(0);
            spread.assert_is_sound(&world);
        });
    }
}

/// Indexes of two images each, of which the second is in the next one too.
fn chain(count: usize) -> Vec<Image> {
    let parts: Vec<Image> =
        (0..=count).map(|number| image(&format!("part {number}"), days(60))).collect();
    parts.windows(2).map(|pair| index_of(&[&pair[0], &pair[1]], days(60))).collect()
}

#[test]
fn case_21_a_limit_in_the_middle_leaves_every_tag_whole_and_the_next_run_goes_on() {
    for fault in ["429:retry-after=3600", "500", "drop"] {
        on(EMBEDDED, |world| {
            let images = chain(6);
            for (number, image) in images.iter().enumerate() {
                world.push(image, &[&format!("pr-{number}")]);
            }
            let live = index_of(&[&image("part 3", days(60)), &image("live", days(1))], days(1));
            world.push(&live, &["prod-latest"]);
            world.fault("delay=1ms@DELETE:/*3");
            world.fault(&format!("{fault}@DELETE:/*always"));
            world.cleanup(6);
            let mut gone = 0;
            for (number, image) in images.iter().enumerate() {
                if world.server.resolve("acme/backend", &format!("pr-{number}")).is_some() {
                    world.assert_whole(image);
                } else {
                    gone += 1;
                }
            }
            assert!(gone > 0 && gone < images.len(), "on {:?}: {gone}", world.backend);
            world.assert_pullable("prod-latest", &live);
            world.sandbox().faults().clear();
            world.cleanup(0);
            world.assert_pullable("prod-latest", &live);
            let kept = image("part 3", days(60));
            for image in &images {
                let mut all = image.manifests();
                all.retain(|digest| digest != kept.digest());
                world.assert_gone_in("acme/backend", &all);
            }
        });
    }
}

#[test]
fn case_21_an_hour_that_is_used_up_ends_the_run_and_loses_nothing() {
    let docr =
        Settings::docr(tags::sandbox::docr::DocrSettings { hourly_limit: 8, ..docr() }, now());
    let ghcr =
        Settings::ghcr(tags::sandbox::ghcr::GhcrSettings { hourly_limit: 8, ..ghcr() }, now());
    for (backend, settings) in [(Backend::Docr, docr), (Backend::Ghcr, ghcr)] {
        let world = World::embedded(settings);
        let images = chain(12);
        for (number, image) in images.iter().enumerate() {
            world.push(image, &[&format!("pr-{number}")]);
        }
        let live = index_of(&[&image("part 6", days(60)), &image("live", days(1))], days(1));
        world.push(&live, &["prod-latest"]);
        let run = world.tags(&["cleanup", "--apply"]);
        assert!([3, 6].contains(&run.code), "on {backend:?}: {run:?}");
        world.assert_pullable("prod-latest", &live);
        for (number, image) in images.iter().enumerate() {
            if world.server.resolve("acme/backend", &format!("pr-{number}")).is_some() {
                world.assert_whole(image);
            }
        }
    }
}

#[test]
fn case_21_a_repository_that_answers_404_is_not_empty() {
    on(EVERYWHERE, |world| {
        let other = "[image.other]\nrepositories = { main = \"othre\" }\n";
        world.policy(&[other, PROD, RULES]);
        let release = |age| image(&format!("release {age}"), days(age));
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            world.release(&release(age), number);
        }
        let old = image("old", days(60));
        world.push(&old, &["pr-1"]);
        world.cleanup(3);
        for (number, age) in (1..).zip([1, 30, 40, 50]) {
            world.assert_release(number, &release(age));
        }
        world.assert_gone(&old);
    });
}
