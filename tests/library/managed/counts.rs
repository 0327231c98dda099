//! What reading costs: full pages, at once, and no request for what the listing told.

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use tags::collect::Depth;
use tags::command::RollbackSearch;
use tags::model::{Digest, GitHistory, Place, TagName};
use tags::pipeline::Records;
use tags::registry::ManifestSelector;
use tags::releases::{CurrentQuestion, TimelineInput, current, timeline};
use tags::report::CurrentRelease;
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, StoredTag};

use crate::connect::now;
use crate::managed::world::{World, connected, policy, registry};
use crate::support::path;
use crate::support::registries::asked;

/// One small image, under as many digests as tags: only its annotation differs.
fn fill(registry: &Sandbox, repository: &str, tags: usize) {
    let build = Build {
        created: now() - TimeDelta::days(1),
        revision: String::new(),
        platform: tags::model::Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
        },
        text: "small".to_owned(),
    };
    for number in 0..tags {
        let build = Build { revision: format!("{number:040x}"), ..build.clone() };
        let image = BuiltImage::single(&build, Format::Oci);
        let tag = TagName::parse(&format!("prod-{number:040x}")).expect("a tag");
        let at = now() - TimeDelta::minutes(i64::try_from(number).expect("a number"));
        registry.store().push(&path(repository), &image, &[tag], Some(at));
    }
}

#[tokio::test]
async fn five_thousand_tags_of_docr_are_25_calls_and_of_ghcr_50_and_a_second_look() {
    let world = World::empty();
    fill(&world.docr, "acme/backend", 5000);
    fill(&world.ghcr, "acme-inc/backend", 5000);
    for (name, repository, sandbox, calls) in
        [("docr", "acme/backend", &world.docr, 26), ("ghcr", "acme-inc/backend", &world.ghcr, 52)]
    {
        let backend = world.connections.registry(&registry(name)).expect("a registry");
        let listing = backend.tag_list(&path(repository)).await;
        assert!(listing.broken.is_none(), "{name}: {:?}", listing.broken);
        assert_eq!(listing.tags.len(), 5000, "{name}");
        assert!(listing.tags.iter().all(|tag| tag.digest.is_some() && tag.pushed.is_some()));
        let listed: Vec<String> =
            asked(sandbox).into_iter().filter(|line| line.contains("per_page=")).collect();
        assert_eq!(listed.len(), calls, "{name}: {listed:?}");
        assert!(sandbox.peak_requests() > 1, "{name}: the pages are asked for at once");
    }
}

#[tokio::test]
async fn a_rollback_costs_the_listing_the_latest_tags_and_one_targets_content() {
    let world = World::empty().fill(|_| false);
    let environment = world.environment("prod");
    let inventory = world.inventory("prod").await;
    for sandbox in [&world.docr, &world.ghcr] {
        let lines = asked(sandbox);
        let listings = lines.iter().filter(|line| line.contains("per_page=")).count();
        let heads = lines.iter().filter(|line| line.starts_with("HEAD ")).count();
        let owners = lines.iter().filter(|line| line.starts_with("GET /users/")).count();
        assert_eq!(heads, 2, "the latest tag of each image: {lines:?}");
        assert_eq!(listings + heads + owners, lines.len(), "{lines:?}");
    }
    world.clear();
    let git = GitHistory::default();
    let input = TimelineInput { environment, inventory: &inventory, git: &git, now: now() };
    let timeline = timeline(&input);
    let current = current(environment, &inventory, &timeline, CurrentQuestion::LatestTags)
        .expect("a release");
    let release = &timeline.releases()[current.index];
    let from = CurrentRelease { sha: release.sha.clone(), time: release.time(), current };
    let (collector, timeline) = (world.collector(), &timeline);
    let (steps, depth, now, records) = (1, Depth::Content, now(), &Records::default());
    let search = RollbackSearch { collector, environment, timeline, steps, depth, now, records };
    let rollback = search.run(from).await;
    let target = rollback.target.expect("a target");
    let tag = format!("prod-{}", target.sha);
    for sandbox in [&world.docr, &world.ghcr] {
        for line in asked(sandbox) {
            let of_content = line.contains("/manifests/sha256:") || line.contains("/blobs/");
            assert!(of_content || line.ends_with(&tag), "{line}");
        }
    }
}

#[tokio::test]
async fn a_listing_that_disagrees_with_the_registry_on_the_latest_tag_is_not_believed() {
    let world = World::empty().fill(|_| false);
    let latest = TagName::parse("prod-latest").expect("a tag");
    let before = world.inventory("prod").await;
    let stale = world.ghcr.store().resolve(&path("acme-inc/backend"), &latest).expect("a digest");
    // The tag moves between the listing and the question: a fault stands in for the moment.
    let older = world
        .ghcr
        .store()
        .tags(&path("acme-inc/backend"))
        .expect("tags")
        .into_iter()
        .find(|(name, stored)| name.as_str().starts_with("prod-") && stored.digest != stale)
        .expect("another release")
        .1
        .digest;
    world.ghcr.store().set_tag(
        &path("acme-inc/backend"),
        &latest,
        StoredTag { digest: older.clone(), updated: Some(now()) },
    );
    let after = world.inventory("prod").await;
    let digest = |inventory: &tags::model::Inventory| -> Digest {
        let place = inventory
            .repositories
            .keys()
            .find(|place: &&Place| place.to_string() == "backend in ghcr")
            .expect("a place");
        match &inventory.repositories[place].tags[&latest] {
            tags::model::TagState::Read(record) => record.digest.clone(),
            tags::model::TagState::Unread => panic!("unread"),
        }
    };
    assert_eq!((digest(&before), digest(&after)), (stale, older));
}

/// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits>
#[tokio::test]
async fn github_gets_no_more_than_a_hundred_requests_at_once_over_api_and_registry() {
    let world = World::empty();
    fill(&world.ghcr, "acme-inc/backend", 2000);
    fill(&world.ghcr, "acme-inc/frontend", 2000);
    // Two names of one server, as the API and the registry are two hosts of GitHub's.
    let mut policy = policy(&world.docr.url(), &world.ghcr.url());
    let ghcr = policy.registries.get_mut(&registry("ghcr")).expect("a registry");
    let api = format!("http://localhost:{}", world.ghcr.addr().port());
    ghcr.api_url = Some(api.parse().expect("a URL"));
    let connections = connected(&policy);
    let backend = connections.registry(&registry("ghcr")).expect("a registry");
    let (one, two) = (path("acme-inc/backend"), path("acme-inc/frontend"));
    let listings =
        join_all([&one, &two, &one, &two, &one, &two].map(|path| backend.tag_list(path)));
    let tags: Vec<TagName> = (0..400)
        .map(|number| TagName::parse(&format!("prod-{number:040x}")).expect("a tag"))
        .collect();
    let heads =
        join_all(tags.iter().map(|tag| backend.manifest_head(&one, ManifestSelector::Tag(tag))));
    let (listings, heads) = join(listings, heads).await;
    assert!(listings.iter().all(|listing| listing.broken.is_none() && listing.tags.len() == 2000));
    assert!(heads.iter().all(|head| head.as_ref().is_ok_and(Option::is_some)));
    let peak = world.ghcr.peak_requests();
    assert!((20..=100).contains(&peak), "{peak} at once");
    let referrers = asked(&world.ghcr).iter().filter(|line| line.contains("/referrers/")).count();
    assert_eq!(referrers, 0);
}
