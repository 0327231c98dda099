//! The pure functions at 100,000 tags: 50,000 releases in two registries, or one release in
//! 50,000 places with two tags each.
#![expect(clippy::unwrap_used, reason = "the names that are made here are valid")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use divan::{Bencher, black_box};
use tags::model::{
    Coverage, Digest, EnvironmentName, GitHistory, ImageName, Inventory, Place, PlaceObservation,
    PushTimes, RegistryName, Repository, RepositoryInventory, Sha, TagObservation, TagRecord,
    TagReference, TagState,
};
use tags::policy::Environment;
use tags::releases::{CurrentQuestion, Timeline, TimelineInput, current, steps_back, timeline};
use tags::verify::{VerifyVerdict, verify};

const HALF: usize = 50_000;

const POLICY: &str = r#"
version = 1
[registry.east]
kind = "oci"
url = "https://east.example"
[registry.west]
kind = "oci"
url = "https://west.example"
[image.app]
repositories = { east = "acme/app", west = "acme/app" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
order = "built"
"#;

fn main() {
    divan::main();
}

fn environment() -> Environment {
    let policy = tags::policy::parse("tags.toml", POLICY).unwrap();
    policy.environments[&EnvironmentName::parse("prod").unwrap()].clone()
}

fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn digest(number: usize) -> Digest {
    Digest::of(&number.to_le_bytes())
}

fn sha(number: usize) -> Sha {
    Sha::parse(&digest(number).encoded()[..40]).unwrap()
}

/// One release every five minutes; the latest tags stand on the newest.
fn inventory(environment: &Environment) -> Inventory {
    let scheme = &environment.scheme;
    let record = |number: usize| {
        let age = TimeDelta::minutes(5) * i32::try_from(number).unwrap();
        TagState::Read(TagRecord { digest: digest(number), pushed: None, built: Some(now() - age) })
    };
    let mut tags: BTreeMap<_, _> =
        (0..HALF).map(|number| (scheme.sha.render(&sha(number)), record(number))).collect();
    tags.insert(scheme.latest.clone(), record(0));
    let places = environment.images.iter().flat_map(|(image, settings)| {
        settings.repositories.iter().map(|(registry, repository)| {
            let place = Place { image: image.clone(), registry: registry.clone() };
            (place, repository.clone())
        })
    });
    let repositories = places.map(|(place, repository)| {
        let coverage = Coverage::Complete;
        (
            place,
            RepositoryInventory {
                repository,
                coverage,
                push_times: PushTimes::Unknown,
                tags: tags.clone(),
            },
        )
    });
    Inventory { environment: environment.name.clone(), repositories: repositories.collect() }
}

fn ordered(environment: &Environment, inventory: &Inventory) -> Timeline {
    timeline(&TimelineInput { environment, inventory, git: &GitHistory::default(), now: now() })
}

#[divan::bench(sample_count = 10)]
fn order_of_50_000_releases_in_two_registries(bencher: Bencher<'_, '_>) {
    let environment = environment();
    let inventory = inventory(&environment);
    bencher.bench(|| ordered(black_box(&environment), black_box(&inventory)));
}

#[divan::bench(sample_count = 10)]
fn current_release_of_50_000(bencher: Bencher<'_, '_>) {
    let environment = environment();
    let inventory = inventory(&environment);
    let timeline = ordered(&environment, &inventory);
    bencher.bench(|| {
        let question = CurrentQuestion::LatestTags;
        current(black_box(&environment), &inventory, black_box(&timeline), question).unwrap()
    });
}

#[divan::bench(sample_count = 10)]
fn way_back_over_50_000_releases(bencher: Bencher<'_, '_>) {
    let environment = environment();
    let timeline = ordered(&environment, &inventory(&environment));
    bencher.bench(|| steps_back(black_box(&environment), black_box(&timeline), 0).len());
}

/// One release of 25,000 images in two registries.
fn observations(environment: &mut Environment) -> BTreeMap<Place, PlaceObservation> {
    let settings = environment.images.pop_first().unwrap().1;
    let mut observations = BTreeMap::new();
    for number in 0..HALF / 2 {
        let image = ImageName::parse(&format!("app-{number}")).unwrap();
        environment.images.insert(image.clone(), settings.clone());
        for (registry, repository) in &settings.repositories {
            let seen = observation(environment, repository, number);
            observations.insert(place(&image, registry), seen);
        }
    }
    observations
}

fn place(image: &ImageName, registry: &RegistryName) -> Place {
    Place { image: image.clone(), registry: registry.clone() }
}

fn observation(
    environment: &Environment,
    repository: &Repository,
    number: usize,
) -> PlaceObservation {
    let reference = |tag| TagReference { repository: repository.clone(), tag };
    PlaceObservation {
        sha_reference: reference(environment.scheme.sha.render(&sha(0))),
        sha_tag: TagObservation::Found(digest(number)),
        latest_reference: reference(environment.scheme.latest.clone()),
        latest_tag: TagObservation::Found(digest(number)),
        latest_release: None,
        content: None,
    }
}

#[divan::bench(sample_count = 10)]
fn verification_of_50_000_places(bencher: Bencher<'_, '_>) {
    let mut environment = environment();
    let observations = observations(&mut environment);
    bencher.bench(|| {
        let verified = verify(black_box(&environment), &sha(0), black_box(&observations), None);
        assert_eq!(verified.verdict(), VerifyVerdict::Passed);
    });
}
