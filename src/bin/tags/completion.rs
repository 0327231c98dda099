//! Completes command lines for a shell, with the environments, images and registries of the policy:
//! `source <(TAGS_COMPLETE=bash tags)`.
//!
//! The shell calls the program with `$TAGS_COMPLETE` set. Nothing is sent, and a policy that cannot be
//! read gives no names. The variable has a name of its own, since others set `$COMPLETE` too.

use std::path::PathBuf;

use clap::Command;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use tags::policy::Policy;

use super::{args, context};

/// The variable by which a shell asks.
const VARIABLE: &str = "TAGS_COMPLETE";

/// What an argument names.
#[derive(Clone, Copy)]
enum Names {
    /// An environment.
    Environments,
    /// A registry.
    Registries,
    /// An environment, or a latest tag of an image.
    EnvironmentsAndTags,
}

/// The arguments that name something of the policy: command, argument, what it names.
const ARGUMENTS: [(&str, &str, Names); 11] = [
    ("verify", "env", Names::Environments),
    ("rollback-target", "env", Names::Environments),
    ("rollback", "env", Names::Environments),
    ("promote", "source", Names::Environments),
    ("promote", "env", Names::Environments),
    ("repair", "env", Names::Environments),
    ("repair", "from", Names::Registries),
    ("list", "env", Names::Environments),
    ("runs", "env", Names::Environments),
    ("explain", "target", Names::EnvironmentsAndTags),
    ("gc", "registry", Names::Registries),
];

/// Answers a shell that asks, and ends the program then.
pub(crate) fn complete() {
    CompleteEnv::with_factory(program).var(VARIABLE).bin("tags").complete();
}

/// The command line, with the names of the policy at the arguments that take them.
fn program() -> Command {
    ARGUMENTS.iter().fold(args::program(), |program, (command, wanted, names)| {
        program.mut_subcommand(command, |command| {
            // `mut_arg` would move the argument behind the other positional ones.
            command.mut_args(|argument| {
                if argument.get_id() == wanted {
                    argument.add(ArgValueCandidates::new(|| candidates(*names)))
                } else {
                    argument
                }
            })
        })
    })
}

fn candidates(names: Names) -> Vec<CompletionCandidate> {
    let Some(policy) = context::policy_to_complete(written_policy()) else { return Vec::new() };
    match names {
        Names::Environments => environments(&policy),
        Names::Registries => registries(&policy),
        Names::EnvironmentsAndTags => {
            let tags = latest_tags(&policy).into_iter().map(CompletionCandidate::new);
            environments(&policy).into_iter().chain(tags).collect()
        }
    }
}

fn environments(policy: &Policy) -> Vec<CompletionCandidate> {
    let each = policy.environments.values();
    each.map(|one| {
        let branch = one.branch.as_ref().map(|branch| format!("branch {branch}").into());
        CompletionCandidate::new(one.name.as_str()).help(branch)
    })
    .collect()
}

fn registries(policy: &Policy) -> Vec<CompletionCandidate> {
    let each = policy.registries.values();
    each.map(|one| CompletionCandidate::new(one.name.as_str()).help(Some(one.host().into())))
        .collect()
}

/// `backend:prod-latest`
fn latest_tags(policy: &Policy) -> Vec<String> {
    let each = policy.environments.values();
    each.flat_map(|one| one.images.keys().map(|image| format!("{image}:{}", one.scheme.latest)))
        .collect()
}

/// The `--policy` of the command line that is being completed.
fn written_policy() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip(1);
    while let Some(word) = words.next() {
        if word == "--policy" {
            return words.next().map(PathBuf::from);
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--policy=")) {
            return Some(PathBuf::from(path));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_that_take_names_of_the_policy_exist_and_keep_their_order() {
        let program = super::program();
        program.clone().debug_assert();
        for (command, argument, _) in super::ARGUMENTS {
            let command = program.find_subcommand(command).expect(command);
            assert!(command.get_arguments().any(|one| one.get_id() == argument), "{argument}");
        }
    }
}
