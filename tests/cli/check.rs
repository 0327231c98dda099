//! `tags check`: says what a policy means, asks no registry, and tells every problem.

use crate::support::program::Home;
use crate::world::World;

#[test]
fn a_policy_is_explained_without_a_request() {
    let world = World::filled().policy(|text| {
        text + "\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 20\nkeep-within = \"90d\"\n\n[[retention]]\ntags = [\"pr-*\"]\nkeep-within = \"36h\"\n\n[untagged]\nkeep-within = \"7d\"\n\n[protect]\ntags = [\"v*\"]\n"
    });
    let run = world.tags(&["check"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("check-human", world.settled(&run.stdout));
    let json = world.tags(&["check", "--format", "json"]);
    insta::assert_snapshot!("check-json", world.settled(&json.stdout));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert!(world.east.requests().is_empty() && world.west.requests().is_empty());
}

#[test]
fn every_policy_to_copy_is_valid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    for entry in std::fs::read_dir(folder).expect("policies") {
        let path = entry.expect("an entry").path().display().to_string();
        let run = Home::new().tags(&["check", "--policy", &path]);
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[test]
fn every_problem_is_told_with_its_place_and_ends_with_2() {
    let world = World::filled()
        .policy(|text| text.replace("branch =", "brunch =") + "[limits]\nmax-share = 7\n");
    let run = world.tags(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    for told in ["tags.toml:18:1", "did you mean `branch`?", "max-share"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

#[test]
fn what_is_valid_and_yet_may_not_be_meant_is_a_note() {
    let world = World::empty().policy(|text| {
        text.replace("branch = \"main\"\n", "latest-required = false\nimages = [\"backend\"]\n")
    });
    let run = world.tags(&["check"]);
    assert_eq!(run.code, 0);
    for told in ["prod has no branch", "only warns", "belongs to no environment"] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
}

#[test]
fn github_shows_problems_and_remarks_at_their_lines() {
    let world = World::filled()
        .policy(|text| text.replace("branch =", "brunch =") + "[limits]\nmax-share = 7\n");
    let checkout = |world: &World| {
        std::fs::create_dir_all(world.home.path().join(".git")).expect("a folder");
    };
    checkout(&world);
    let run = world.tags(&["check", "--format", "github"]);
    assert_eq!(run.code, 2, "{run:?}");
    let begin = "::error file=tags.toml,line=18,col=1,title=tags check::";
    assert!(run.stdout.starts_with(begin), "{run:?}");
    assert!(run.stdout.contains("Hint: did you mean `branch`?."), "{run:?}");
    assert!(run.stdout.contains("file=tags.toml,line=23,col=13"), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 2);
    assert!(run.stderr.contains("tags.toml:18:1"), "{run:?}");

    let world = World::empty().policy(|text| text.replace("branch = \"main\"\n", ""));
    checkout(&world);
    let run = world.tags(&["check", "--format", "github"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let begin = "::notice file=tags.toml,line=17,col=1,title=tags check::prod has no branch";
    assert!(lines[0].starts_with(begin), "{lines:?}");
    let valid = "::notice file=tags.toml,line=1,col=1,title=tags check%3A valid::1 environment, 0 retention rules";
    assert!(lines[1].starts_with(valid) && lines.len() == 2, "{lines:?}");

    // GitHub looks for the file from the root of the repository.
    std::fs::create_dir_all(world.home.path().join("services/api")).expect("a folder");
    let run = world.home.run(&["check", "--format", "github"], |command| {
        command.current_dir(world.home.path().join("services/api"))
    });
    assert!(run.stdout.starts_with(begin), "{run:?}");
}

#[test]
fn environments_and_places_are_told_as_people_count_them() {
    let home = Home::new();
    home.policy(
        r#"version = 1
[registry.docr]
kind = "docr"
namespace = "acme"
[registry.plain]
kind = "oci"
url = "https://registry.example.com"
[image.backend]
repositories = { docr = "backend", plain = "backend" }
[image.frontend]
repositories = { docr = "frontend" }
[environment.dev]
branch = "dev"
sha-tag = "dev-{sha}"
latest-tag = "dev-latest"
images = ["backend"]
order = "built"
[environment.prod]
branch = "main"
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
order = "built"
[[retention]]
environments = ["dev"]
keep-last = 5
"#,
    );
    let run = home.tags(&["check"]);
    let place = |what: &str| run.stdout.find(what).unwrap_or_else(|| panic!("{what}: {run:?}"));
    assert!(place("prod (branch main)") < place("dev (branch dev)"), "{run:?}");
    place("a release is complete with 2 images in docr, 1 image in plain");
    place("a release is complete with 1 image in docr and plain");
    place("everything pushed less than 1 day ago in docr");
    place("everything built less than 1 day ago in plain");
    home.policy(&home.read("tags.toml").replace("order = \"built\"\n", ""));
    let run = home.tags(&["check"]);
    let told = "everything first seen by this machine less than 1 day ago in plain";
    assert!(run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{run:?}");
}

#[test]
fn images_that_are_found_by_a_pattern_are_not_counted_as_none() {
    let home = Home::new();
    home.policy(
        "version = 1\n[registry.ghcr]\nkind = \"ghcr\"\nnamespace = \"acme\"\n[images]\nmatch = [\"*\"]\nrepositories = { ghcr = \"{image}\" }\n[environment.prod]\nbranch = \"main\"\nsha-tag = \"prod-{sha}\"\nlatest-tag = \"prod-latest\"\n[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 5\n",
    );
    let run = home.tags(&["check"]);
    assert_eq!(run.code, 0, "{run:?}");
    for told in
        ["images: those that [images] finds", "complete with all of them", "younger than 1 day"]
    {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
}

#[test]
fn a_policy_without_environments_says_so_in_every_hint() {
    let home = Home::new();
    home.policy("version = 1\n");
    for arguments in [
        &["list", "prod"][..],
        &["verify", "prod", "--sha", "1a2b3c4"],
        &["explain", "prod", "1a2b3c4"],
    ] {
        let run = home.tags(arguments);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("hint: the policy has no environments"), "{run:?}");
    }
    let verify = home.run(&["verify"], |command| {
        command.env("GITHUB_REF_NAME", "main").env("GITHUB_SHA", "1".repeat(40))
    });
    assert!(verify.stderr.contains("hint: the policy has no environments"), "{verify:?}");
    let image = home.tags(&["explain", "backend:latest"]);
    assert!(image.stderr.contains("hint: the policy has no images"), "{image:?}");
}
