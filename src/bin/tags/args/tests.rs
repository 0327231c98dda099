//! Which options go together.

use std::collections::BTreeSet;

use clap::{Args as ClapArgs, CommandFactory as _};

use super::examples::EXAMPLES;
use super::{Apply, Args, Cleanup, program};

#[test]
fn the_command_line_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn every_command_has_two_examples_in_its_help_and_the_program_accepts_them() {
    let with_examples: BTreeSet<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
    let mut program = program();
    program.build();
    let commands: BTreeSet<&str> = program
        .get_subcommands()
        .map(clap::Command::get_name)
        .filter(|name| *name != "help")
        .collect();
    assert_eq!(with_examples, commands);
    for (name, examples) in EXAMPLES {
        let help = program.find_subcommand(name).expect(name).clone().render_help().to_string();
        assert!(examples.len() >= 2, "{name}");
        for (line, about) in *examples {
            assert!(help.contains(line) && !about.is_empty(), "{line}: {help}");
            // A shell redirects the output.
            let command = line.split(" > ").next().unwrap_or(line);
            let matches = program.clone().try_get_matches_from(command.split(' '));
            let matches = matches.unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(matches.subcommand_name(), Some(*name), "{line}");
            let args = <Args as clap::FromArgMatches>::from_arg_matches(&matches);
            assert!(args.is_ok(), "{line}");
        }
    }
}

fn read<A: ClapArgs>(words: &[&str]) -> Result<A, String> {
    let command = A::augment_args(clap::Command::new("tags").no_binary_name(true));
    command.clone().debug_assert();
    let matches = command.try_get_matches_from(words).map_err(|error| error.to_string())?;
    A::from_arg_matches(&matches).map_err(|error| error.to_string())
}

#[test]
fn a_plan_for_another_time_cannot_be_written_or_applied() {
    let plan = read::<Cleanup>(&["--at", "2026-12-24"]).map(|args| args.at.is_some());
    assert_eq!(plan, Ok(true));
    for other in [&["--apply"][..], &["--out", "p"], &["--apply", "--journal", "j"]] {
        let words = [&["--at", "2026-12-24"], other].concat();
        assert!(read::<Cleanup>(&words).is_err_and(|error| error.contains("--at")), "{words:?}");
    }
}

#[test]
fn a_plan_may_be_written_to_a_file_and_applied_at_once() {
    assert!(read::<Cleanup>(&["--apply", "--out", "p", "--journal", "j"]).is_ok());
    assert!(read::<Cleanup>(&["--journal", "j"]).is_err());
    assert!(read::<Cleanup>(&["--allow-empty-in-use"]).is_err());
}

#[test]
fn dry_run_goes_with_out_but_not_with_apply() {
    for words in [&["--dry-run"][..], &["--dry-run", "--out", "p"], &["--apply", "--yes"]] {
        assert!(read::<Cleanup>(words).is_ok(), "{words:?}");
    }
    for words in [&["--dry-run", "--apply"][..], &["--yes"], &["--batch", "0"]] {
        assert!(read::<Cleanup>(words).is_err(), "{words:?}");
    }
    assert!(read::<Apply>(&["plan.json", "--dry-run"]).is_ok());
}

#[test]
fn a_plan_is_accepted_for_a_day_by_default() {
    let age = |words: &[&str]| read::<Apply>(words).map(|args| args.max_plan_age.as_secs());
    assert_eq!(age(&["plan.json"]), Ok(86_400));
    assert_eq!(age(&["plan.json", "--max-plan-age", "90m"]), Ok(5_400));
    assert!(age(&["plan.json", "--max-plan-age", "0s"]).is_err());
}
