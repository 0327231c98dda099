//! What is shown fits the terminal: whole, at 80 and 120 columns, and with no line too long at any width.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use crate::support::{backend, program::Run, tag};
use crate::world::{MID, NEW, OLD, World, build, push};

/// A latest tag left behind in the west, a backend missing in the east, and an old release to delete.
fn world() -> World {
    let world = crate::cleaning::world();
    let old = BuiltImage::single(&build("frontend", MID, TimeDelta::days(2)), Format::Oci);
    push(&world.west, "frontend", &old, &["prod-latest"]);
    world.east.store().remove_tag(&backend(), &tag(&format!("prod-{MID}")));
    world
}

fn shown(world: &World, arguments: &[&str], width: &str) -> Run {
    let mut run =
        world.run(arguments, |command| command.envs([("CLICOLOR_FORCE", "1"), ("COLUMNS", width)]));
    let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
    (run.stdout, run.stderr) = (plain(&run.stdout), plain(&run.stderr));
    run
}

const COMMANDS: [(&str, &[&str]); 7] = [
    ("verify", &["verify", "prod", "--sha", NEW]),
    ("list", &["list", "prod"]),
    ("rollback-target", &["rollback-target", "prod", "--from", NEW]),
    ("cleanup", &["cleanup"]),
    ("explain", &["explain", "prod", OLD]),
    ("rollback", &["rollback", "prod", "--to", OLD]),
    ("repair", &["repair", "prod", "--sha", MID]),
];

#[test]
fn every_command_at_80_and_120_columns() {
    let world = world();
    for (name, arguments) in COMMANDS {
        for width in ["80", "120"] {
            let run = shown(&world, arguments, width);
            let text = format!("{}--- stderr\n{}", run.stdout, run.stderr);
            let mut settings = insta::Settings::clone_current();
            settings.add_filter(r"\d+ (minute|hour|day)s? ago", "AGE");
            if name == "rollback-target" {
                // How many digits of a SHA fit beside an age depends on how long ago this was written.
                settings.add_filter(r"\b(a{8,}(02)?|b{8,}(03)?|c{8,}(01)?)\b", "SHA");
            }
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            let name = format!("width-{width}-{name}");
            settings.bind(|| insta::assert_snapshot!(name, world.settled(&text)));
        }
    }
}

/// A word that is longer than a line stays whole; a line with it has nothing before it but its label.
fn is_unbreakable(line: &str, width: usize) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
    longest + 10 > width || words.iter().any(|word| word.contains('`'))
}

#[test]
fn no_line_is_too_long_at_any_width() {
    let world = world();
    for (name, arguments) in COMMANDS {
        for width in [50, 60, 72, 80, 100, 132, 200] {
            let run = shown(&world, arguments, &width.to_string());
            for line in run.stdout.lines().chain(run.stderr.lines()) {
                let fits = line.chars().count() <= width || is_unbreakable(line, width);
                assert!(fits, "{name} at {width}: {line}");
            }
        }
    }
}
