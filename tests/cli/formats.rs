//! What users see, whole: one failing verification, one rollback, one list, in every format.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::{backend, tag};
use crate::world::{MID, NEW, World, build, push};

/// A latest tag left behind in the west, a backend missing in the east.
fn world() -> World {
    let world = World::filled();
    let old = BuiltImage::single(&build("frontend", MID, TimeDelta::days(2)), Format::Oci);
    push(&world.west, "frontend", &old, &["prod-latest"]);
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    world
}

fn shown(arguments: &[&str]) -> String {
    let world = world();
    let run = world.tags(arguments);
    let text =
        format!("exit code: {}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr);
    world.settled(&text)
}

fn check(name: &str, arguments: &[&str]) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d+ (minute|hour|day)s? ago", "AGE");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown(arguments)));
}

#[test]
fn verify_in_every_format() {
    for format in ["human", "json", "github", "markdown"] {
        check(&format!("verify-{format}"), &["verify", "prod", "--sha", NEW, "--format", format]);
    }
}

#[test]
fn rollback_target_in_every_format() {
    for format in ["human", "json", "github", "markdown"] {
        let arguments = ["rollback-target", "prod", "--from", NEW, "--format", format];
        check(&format!("rollback-target-{format}"), &arguments);
    }
}

#[test]
fn list_in_every_format() {
    for format in ["human", "json", "github", "markdown"] {
        check(&format!("list-{format}"), &["list", "prod", "--format", format]);
    }
}
