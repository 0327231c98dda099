//! `tags rollback-target` and `tags list`: the answer alone on stdout, the reasons beside it.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::{backend, path, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

#[test]
fn the_target_stands_alone_on_stdout_and_the_why_on_stderr() {
    let run = World::filled().tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, format!("{MID}\n").as_str()));
    assert!(run.stderr.contains(&format!("current  {NEW}")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("target   {MID}")) && run.stderr.contains("(built)"));
}

#[test]
fn json_has_every_reference_with_its_digest_and_every_release_passed_over() {
    let world = World::filled();
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!(run.code, 0);
    let json = run.json();
    assert_eq!((&json["outcome"], &json["order"]), (&"ok".into(), &"built".into()));
    assert_eq!(json["current"], serde_json::json!({"sha": NEW, "source": "latest-tag"}));
    assert_eq!(json["target"]["sha"], OLD);
    assert_eq!(json["skipped"][0]["sha"], MID);
    assert_eq!(json["skipped"][0]["code"], "incomplete");
    let images = json["target"]["images"].as_array().expect("images");
    assert_eq!(images.len(), 4);
    for image in images {
        let digest = image["digest"].as_str().expect("a digest");
        let reference = image["reference"].as_str().expect("a reference");
        assert!(reference.ends_with(&format!(":prod-{OLD}@{digest}")), "{reference}");
    }
}

#[test]
fn a_target_whose_content_is_gone_is_passed_over_unless_only_tags_count() {
    let world = World::filled();
    let built = BuiltImage::single(&build("frontend", MID, TimeDelta::days(2)), Format::Oci);
    world.west.store().remove_blob(&path("acme/frontend"), &built.blobs[0].digest);
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!((run.code, &run.json()["target"]["sha"]), (0, &OLD.into()));
    assert_eq!(run.json()["skipped"][0]["code"], "content-missing");
    let quick = world.tags(&["rollback-target", "prod", "--quick"]);
    assert_eq!(quick.stdout, format!("{MID}\n"));
}

#[test]
fn the_way_back_can_be_longer_and_start_elsewhere_and_end() {
    let world = World::filled();
    let target = |arguments: &[&str]| {
        let run = world.tags(&[&["rollback-target", "prod"], arguments].concat());
        (run.code, run.stdout.trim().to_owned())
    };
    assert_eq!(target(&["--steps", "2"]), (0, OLD.to_owned()));
    assert_eq!(target(&["--steps", "3"]), (1, String::new()));
    assert_eq!(target(&["--from", &MID[..8]]), (0, OLD.to_owned()));
    assert_eq!(target(&["--from", OLD]), (1, String::new()));
    assert_eq!(target(&["--from", "1234567"]).0, 2);
    assert_eq!(target(&["--from", "123456"]).0, 2);
    assert_eq!(target(&["--steps", "0"]).0, 2);
}

#[test]
fn what_runs_is_current_by_its_tag_its_digest_or_what_its_moving_tag_points_to() {
    let world = World::filled();
    let host = world.west.addr();
    let target = |lines: String| {
        world.home.file("running", &lines);
        let run = world.tags(&["rollback-target", "prod", "--running", "running"]);
        (run.code, run.stdout.trim().to_owned())
    };
    assert_eq!(target(format!("{host}/acme/backend:prod-{MID}\nnginx\n")), (0, OLD.to_owned()));
    assert_eq!(target(format!("{host}/acme/backend:prod-latest\n")), (0, MID.to_owned()));
    let two = format!("{host}/acme/backend:prod-{MID}\n{host}/acme/frontend:prod-{NEW}\n");
    assert_eq!(target(two), (1, String::new()));
    assert_eq!(target("nginx\n".to_owned()).0, 2);
}

#[test]
fn latest_tags_that_disagree_want_a_person() {
    let world = World::filled();
    let built = BuiltImage::single(&build("backend", MID, TimeDelta::days(2)), Format::Oci);
    for registry in [&world.east, &world.west] {
        push(registry, "backend", &built, &["prod-latest"]);
    }
    let run = world.tags(&["rollback-target", "prod", "--format", "json"]);
    assert_eq!((run.code, &run.json()["outcome"]), (1, &"none".into()));
    assert!(run.stderr.contains("disagree") && run.stderr.contains("--from"), "{}", run.stderr);
    assert_eq!(world.tags(&["list", "prod"]).code, 0);
}

#[test]
fn the_list_says_what_is_current_and_what_comes_before() {
    let world = World::filled();
    world.west.store().remove_tag(&path("acme/frontend"), &tag(&format!("prod-{MID}")));
    let json = world.tags(&["list", "prod", "--format", "json"]).json();
    let releases = json["releases"].as_array().expect("releases");
    let told: Vec<(&str, bool, bool, bool)> = releases
        .iter()
        .map(|r| {
            let is = |key: &str| r[key].as_bool().expect("a boolean");
            (
                r["sha"].as_str().expect("a SHA"),
                is("complete"),
                is("current"),
                is("rollback_target"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [(NEW, true, true, false), (MID, false, false, false), (OLD, true, false, true)]
    );
    assert_eq!(releases[0]["time_source"], "built");
    let copies = releases[1]["images"].as_array().expect("images");
    let lacking: Vec<_> = copies.iter().filter(|copy| copy["digest"].is_null()).collect();
    assert_eq!(lacking.len(), 1);
    assert_eq!(
        (&lacking[0]["image"], &lacking[0]["registry"]),
        (&"frontend".into(), &"west".into())
    );
}

#[test]
fn git_decides_where_the_policy_says_so_and_where_times_are_equal() {
    let world = World::empty();
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.example"]).args(arguments);
        let output = command.current_dir(world.home.path()).output().expect("git");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    git(&["init", "-q", "-b", "main"]);
    let commits = ["one", "two", "three"].map(|message| {
        git(&["commit", "-q", "--allow-empty", "-m", message]);
        git(&["rev-parse", "HEAD"])
    });
    for sha in &commits {
        world.release(sha, TimeDelta::days(1));
    }
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!((run.code, run.stdout.trim()), (0, commits[1].as_str()), "{}", run.stderr);
    let world = world.policy(|text| text.replace("order = \"built\"", "order = \"git\""));
    let json = world.tags(&["rollback-target", "prod", "--format", "json"]).json();
    assert_eq!(
        (&json["target"]["sha"], &json["order"]),
        (&commits[1].as_str().into(), &"git".into())
    );
    std::fs::remove_dir_all(world.home.path().join(".git")).expect("removed");
    let run = world.tags(&["rollback-target", "prod"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("time-unknown") && run.stderr.contains("no git history"),
        "{}",
        run.stderr
    );
}

#[test]
fn short_tags_are_found_by_the_whole_sha_that_ci_knows() {
    let world = World::empty();
    world.release(&OLD[..10], TimeDelta::days(2));
    world.release(&NEW[..10], TimeDelta::days(1));
    let run = world.tags(&["verify", "prod", "--sha", NEW, "--format", "json"]);
    assert_eq!((run.code, &run.json()["sha"]), (0, &NEW[..10].into()), "{run:?}");
    let run = world.tags(&["rollback-target", "prod", "--from", NEW]);
    assert_eq!((run.code, run.stdout), (0, format!("{}\n", &OLD[..10])));
}
