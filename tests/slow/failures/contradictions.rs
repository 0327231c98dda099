//! Two sources tell one tag in two ways: neither is believed, and nothing that either names goes.

use serde_json::{Value, json};

use crate::failures::images::{Image, days, image, sha};
use crate::failures::lies::{deny, entries_say, head_says, lie, list_says};
use crate::failures::world::{Backend, EMBEDDED, MANAGED, World, on};

/// A current release, an older one, and what may go.
struct Scene {
    current: Image,
    older: Image,
    old: Image,
    loose: Image,
}

impl Scene {
    fn new(world: &World) -> Self {
        let [current, older, old, loose] =
            [("current", 2), ("older", 30), ("old", 60), ("loose", 60)]
                .map(|(text, age)| image(text, days(age)));
        world.release(&current, 1);
        world.release(&older, 2);
        world.deploy(&current);
        world.push(&old, &["pr-1"]);
        world.push(&loose, &[]);
        Self { current, older, old, loose }
    }

    fn assert_releases(&self, world: &World) {
        world.assert_pullable("prod-latest", &self.current);
        world.assert_release(1, &self.current);
        world.assert_release(2, &self.older);
    }
}

#[test]
fn a_listed_tag_that_head_denies_and_get_has_exists() {
    on(EMBEDDED, |world| {
        let scene = Scene::new(&world);
        let shared = image("shared", days(60));
        world.push(&shared, &["pr-2", "keep-me"]);
        deny(&world, "HEAD", "/manifests/keep-me");
        deny(&world, "HEAD", "/manifests/prod-");
        world.cleanup(0);
        world.assert_pullable("keep-me", &shared);
        scene.assert_releases(&world);
        world.assert_gone(&scene.old);
        let verified = world.tags(&["verify", "prod", "--sha", &sha(1)]);
        assert!(!verified.stdout.contains("missing"), "{verified:?}");
        let listed = world.tags(&["rollback-target", "prod"]);
        assert_eq!(listed.json()["target"]["sha"], sha(2), "{listed:?}");
    });
}

#[test]
fn a_tag_that_stays_listed_and_is_denied_twice_makes_a_plain_repository_partial() {
    on(&[Backend::Oci], |world| {
        let scene = Scene::new(&world);
        world.push(&scene.old, &["keep-me"]);
        deny(&world, "HEAD", "/manifests/keep-me");
        deny(&world, "GET", "/manifests/keep-me");
        let run = world.cleanup(3);
        world.assert_no_deletion();
        assert_eq!(run.json()["coverage"][0]["complete"], false, "{run:?}");
        let why = run.json()["coverage"][0].to_string() + &run.stderr;
        assert!(why.contains("keep-me") && why.contains("HEAD"), "{run:?}");
    });
}

#[test]
fn a_release_that_stays_listed_and_is_denied_twice_is_unread_and_not_missing() {
    on(&[Backend::Oci], |world| {
        Scene::new(&world);
        deny(&world, "HEAD", &format!("/manifests/prod-{}", sha(2)));
        deny(&world, "GET", &format!("/manifests/prod-{}", sha(2)));
        let run = world.tags(&["rollback-target", "prod"]);
        assert_eq!(run.code, 3, "{run:?}");
        assert_eq!(run.json()["target"], Value::Null, "{run:?}");
    });
}

#[test]
fn a_kept_tag_that_head_has_on_a_manifest_without_tags_keeps_both() {
    on(MANAGED, |world| {
        let scene = Scene::new(&world);
        let kept = image("kept", days(60));
        world.push(&kept, &["keep-me"]);
        head_says(&world, "keep-me", &scene.loose.digest().to_string());
        let run = world.cleanup(0);
        world.assert_pullable("keep-me", &kept);
        world.assert_whole(&scene.loose);
        for image in [&kept, &scene.loose] {
            assert_eq!(run.reason(image), "unreadable", "{run:?}");
        }
        let told = run.warnings();
        let listing = if world.backend == Backend::Docr { "DigitalOcean" } else { "GitHub" };
        for word in ["keep-me", listing, "HEAD"] {
            assert!(told.contains(word), "{told}");
        }
        world.assert_gone(&scene.old);
    });
}

#[test]
fn a_kept_tag_that_head_has_on_what_would_go_with_its_own_tag_keeps_both() {
    on(MANAGED, |world| {
        let scene = Scene::new(&world);
        // Nothing without a tag would go here.
        let path = crate::support::backend();
        world.sandbox().access().delete_manifest(&path, scene.loose.digest());
        let kept = image("kept", days(60));
        world.push(&kept, &["keep-me"]);
        head_says(&world, "keep-me", &scene.old.digest().to_string());
        let run = world.cleanup(0);
        for image in [&kept, &scene.old] {
            world.assert_whole(image);
            assert_eq!(run.reason(image), "unreadable", "{run:?}");
        }
        assert!(run.warnings().contains("keep-me"), "{run:?}");
    });
}

#[test]
fn a_doomed_tag_that_head_has_elsewhere_keeps_both() {
    on(MANAGED, |world| {
        let scene = Scene::new(&world);
        head_says(&world, "pr-1", &scene.loose.digest().to_string());
        let run = world.cleanup(0);
        for image in [&scene.old, &scene.loose] {
            world.assert_whole(image);
            assert_eq!(run.reason(image), "unreadable", "{run:?}");
        }
    });
}

#[test]
fn a_latest_tag_that_head_has_elsewhere_keeps_both() {
    on(MANAGED, |world| {
        let scene = Scene::new(&world);
        head_says(&world, "prod-latest", &scene.old.digest().to_string());
        let run = world.cleanup(0);
        scene.assert_releases(&world);
        world.assert_whole(&scene.old);
        assert_eq!(run.reason(&scene.old), "unreadable", "{run:?}");
        assert!(run.warnings().contains("prod-latest"), "{run:?}");
        let target = world.tags(&["rollback-target", "prod"]);
        assert_eq!((target.code, &target.json()["target"]), (3, &Value::Null), "{target:?}");
    });
}

#[test]
fn a_latest_tag_that_is_listed_and_denied_twice_is_kept() {
    on(MANAGED, |world| {
        let scene = Scene::new(&world);
        deny(&world, "HEAD", "/manifests/prod-latest");
        deny(&world, "GET", "/manifests/prod-latest");
        let run = world.cleanup(0);
        assert_eq!(run.reason(&scene.current), "unreadable", "{run:?}");
        assert!(run.warnings().contains("GET"), "{run:?}");
        world.assert_whole(&scene.current);
    });
}

#[test]
fn a_latest_tag_that_is_not_listed_and_answers_is_kept() {
    on(EMBEDDED, |world| {
        let scene = Scene::new(&world);
        let hidden = image("hidden", days(60));
        world.push(&hidden, &[]);
        if world.backend == Backend::Oci {
            world.server.set_tag("acme/backend", &hidden, "prod-latest");
            list_says(&world, "/tags/list", |list| {
                list["tags"].as_array_mut().expect("tags").retain(|tag| tag != "prod-latest");
            });
        } else {
            let strip = |entry: &mut Value| {
                for at in ["/tags", "/metadata/container/tags"] {
                    if let Some(tags) = entry.pointer_mut(at).and_then(Value::as_array_mut) {
                        tags.retain(|tag| tag != "prod-latest");
                    }
                }
            };
            list_says(&world, "/backend/tags?", |list| {
                let tags = list["tags"].as_array_mut().expect("tags");
                tags.retain(|tag| tag["tag"] != "prod-latest");
                let count = tags.len();
                list["meta"]["total"] = count.into();
            });
            entries_say(&world, "/backend/digests", "manifests", strip);
            entries_say(&world, "/versions", "", strip);
            head_says(&world, "prod-latest", &hidden.digest().to_string());
        }
        let run = world.tags(&["cleanup", "--apply"]);
        assert_eq!(run.reason(&hidden), "unreadable", "{run:?}");
        world.assert_whole(&hidden);
        world.assert_release(1, &scene.current);
    });
}

#[test]
fn two_lists_that_differ_keep_what_either_names() {
    on(&[Backend::Docr], |world| {
        let scene = Scene::new(&world);
        let other = scene.loose.digest().to_string();
        entries_say(&world, "/backend/tags?", "tags", move |entry| {
            if entry["tag"] == "pr-1" {
                entry["manifest_digest"] = other.clone().into();
            }
        });
        let run = world.cleanup(0);
        for image in [&scene.old, &scene.loose] {
            world.assert_whole(image);
            assert_eq!(run.reason(image), "unreadable", "{run:?}");
        }
        let told = run.warnings();
        assert!(told.contains("list of tags") && told.contains("list of manifests"), "{told}");
    });
}

#[test]
fn a_tag_that_one_of_two_lists_does_not_have_is_kept() {
    on(&[Backend::Docr], |world| {
        let scene = Scene::new(&world);
        list_says(&world, "/backend/tags?", |list| {
            let tags = list["tags"].as_array_mut().expect("tags");
            tags.retain(|tag| tag["tag"] != "pr-1");
            let count = tags.len();
            list["meta"]["total"] = count.into();
        });
        let run = world.cleanup(0);
        assert_eq!(run.reason(&scene.old), "unreadable", "{run:?}");
        world.assert_whole(&scene.old);
    });
}

/// Nothing goes, and the repository is said to be partial.
fn assert_partial(world: &World, said: &str) {
    let run = world.cleanup(3);
    world.assert_no_deletion();
    assert_eq!(run.json()["coverage"][0]["complete"], false, "{run:?}");
    let told = run.stdout.clone() + &run.stderr;
    assert!(told.contains(said), "on {:?}, without {said:?}: {run:?}", world.backend);
}

#[test]
fn a_listing_without_a_single_tag_is_none() {
    on(EMBEDDED, |world| {
        let scene = Scene::new(&world);
        list_says(&world, "/tags/list", |list| list["tags"] = Value::Null);
        list_says(&world, "/backend/tags?", |list| {
            *list = json!({"tags": [], "meta": {"total": 0}});
        });
        entries_say(&world, "/backend/digests", "manifests", |entry| {
            entry.as_object_mut().expect("an object").remove("tags");
        });
        entries_say(&world, "/versions", "", |entry| {
            entry["metadata"]["container"]["tags"] = json!([]);
        });
        assert_partial(&world, "prod-latest");
        scene.assert_releases(&world);
    });
}

#[test]
fn a_listing_without_tags_is_none_where_the_registrys_own_list_has_some() {
    on(MANAGED, |world| {
        let kept = image("kept", days(60));
        world.push(&kept, &["keep-me"]);
        list_says(&world, "/backend/tags?", |list| {
            *list = json!({"tags": [], "meta": {"total": 0}});
        });
        entries_say(&world, "/backend/digests", "manifests", |entry| {
            entry.as_object_mut().expect("an object").remove("tags");
        });
        entries_say(&world, "/versions", "", |entry| {
            entry["metadata"]["container"]["tags"] = json!([]);
        });
        assert_partial(&world, "keep-me");
    });
}

#[test]
fn a_version_that_does_not_say_its_tags_makes_the_listing_none() {
    for at in ["", "container", "tags"] {
        on(&[Backend::Ghcr], |world| {
            let scene = Scene::new(&world);
            entries_say(&world, "/versions", "", move |entry| match at {
                "" => drop(entry.as_object_mut().expect("an object").remove("metadata")),
                "container" => entry["metadata"] = json!({"package_type": "container"}),
                _ => entry["metadata"]["container"] = json!({"tags": null}),
            });
            assert_partial(&world, "metadata.container.tags");
            scene.assert_releases(&world);
        });
    }
}

#[test]
fn a_list_of_another_repository_is_none() {
    on(EMBEDDED, |world| {
        Scene::new(&world);
        list_says(&world, "/tags/list", |list| list["name"] = "acme/other".into());
        entries_say(&world, "/backend/tags?", "tags", |entry| entry["repository"] = "other".into());
        entries_say(&world, "/versions", "", |entry| {
            let url = entry["url"].as_str().expect("a URL").replace("/backend/", "/other/");
            entry["url"] = url.into();
        });
        assert_partial(&world, "another repository");
    });
}

#[test]
fn fewer_entries_than_the_total_are_no_listing() {
    on(&[Backend::Docr], |world| {
        Scene::new(&world);
        list_says(&world, "/backend/digests", |list| list["meta"]["total"] = 100.into());
        assert_partial(&world, "of 100");
    });
}

#[test]
fn the_next_page_of_another_list_is_not_read_and_the_link_is_quoted() {
    on(&[Backend::Oci], |world| {
        Scene::new(&world);
        lie(&world, "GET", "/acme/backend/tags/list", |reply| {
            reply.set_header("link", "</v2/backend/tags/list?n=2&last=a>; rel=\"next\"");
        });
        assert_partial(&world, "/v2/backend/tags/list?n=2&last=a");
        let requests = world.sandbox().requests();
        assert!(requests.iter().all(|one| !one.target.starts_with("/v2/backend/")), "{requests:?}");
    });
}

#[test]
fn the_link_of_a_list_paged_by_number_does_not_matter() {
    on(&[Backend::Ghcr], |world| {
        let scene = Scene::new(&world);
        world.sandbox().quirks().switch_on(tags::sandbox::Quirk::MaxPageEntries(2));
        lie(&world, "GET", "/versions", |reply| {
            for (name, value) in &mut reply.headers {
                if name == "link" {
                    *value = value.replace("/orgs/acme/", "/organizations/4711/");
                }
            }
        });
        world.cleanup(0);
        scene.assert_releases(&world);
        world.assert_gone(&scene.old);
    });
}

#[test]
fn a_tag_that_outlived_its_manifest_is_unread_although_the_bytes_are_known() {
    // Once the tag is found by HEAD alone, once it is served although its digest is not.
    for denied in [&["/manifests/prod-"][..], &[]] {
        on(EMBEDDED, |world| {
            let scene = Scene::new(&world);
            let verify = ["verify", "prod", "--sha", &sha(1)];
            let before = world.tags(&verify);
            assert!([0, 1].contains(&before.code), "{before:?}");
            let target = world.tags(&["rollback-target", "prod"]);
            assert_eq!(target.json()["target"]["sha"], sha(2), "{target:?}");
            for image in [&scene.current, &scene.older] {
                deny(&world, "HEAD", &format!("/manifests/{}", image.digest()));
                deny(&world, "GET", &format!("/manifests/{}", image.digest()));
            }
            for path in denied {
                deny(&world, "GET", path);
            }
            let after = world.tags(&verify);
            assert_eq!(after.code, 3, "on {:?}: {after:?}", world.backend);
            let target = world.tags(&["rollback-target", "prod"]);
            assert_eq!((target.code, &target.json()["target"]), (3, &Value::Null), "{target:?}");
        });
    }
}

#[test]
fn a_refusal_without_words_that_is_a_limit_is_no_matter_of_rights() {
    for (words, code) in [("You have exceeded a secondary rate limit", 3), ("denied", 4)] {
        on(&[Backend::Ghcr, Backend::Oci], |world| {
            Scene::new(&world);
            lie(&world, "HEAD", "/manifests/", |reply| {
                reply.status = 403;
                reply.body.clear();
            });
            let body = json!({ "message": words }).to_string();
            lie(&world, "GET", "/manifests/", move |reply| {
                reply.status = 403;
                reply.body = body.clone().into_bytes();
                if code == 3 {
                    reply.set_header("retry-after", "3600");
                }
            });
            let run = world.tags(&["verify", "prod", "--sha", &sha(1)]);
            assert_eq!(run.code, code, "on {:?}: {run:?}", world.backend);
        });
    }
}
