//! Programs and scripts that cannot be read here, and may push images.

use super::command::Command;
use super::effect::Effect;

/// Words in the names of scripts and targets that may push.
const PUSHING: [&str; 11] = [
    "push",
    "publish",
    "release",
    "image",
    "docker",
    "container",
    "ship",
    "registry",
    "deploy",
    "upload",
    "build",
];
/// Programs that run a target or script of the repository, by its name.
const RUNNERS: [&str; 12] = [
    "make", "just", "task", "mage", "bash", "sh", "zsh", "source", ".", "python", "python3",
    "invoke",
];
/// Programs that build and push images by themselves.
const BUILDERS: [&str; 9] =
    ["ko", "skaffold", "earthly", "jib", "pack", "werf", "dagger", "goreleaser", "executor"];
/// Programs whose arguments name images without pushing any.
const HARMLESS: [&str; 12] =
    ["git", "grep", "cat", "curl", "gh", "echo", "printf", "test", "[", "ls", "cosign", "jq"];

/// Adds what a command may do that cannot be read.
pub(super) fn unread(command: &Command, found: &mut Vec<Effect>) {
    let program = command.program();
    let words = || command.words.iter().skip(1).map(String::as_str);
    if HARMLESS.contains(&program) {
        return;
    }
    let is_script = command.word(0).contains('/') && !command.word(0).starts_with("/usr/");
    let named = |word: &str| {
        let lower = word.to_ascii_lowercase();
        let test = ["test", "lint", "check"].iter().any(|known| lower.contains(known));
        !test && PUSHING.iter().any(|known| lower.contains(known))
    };
    let pushes = program.contains("push")
        || words().any(|word| word == "push" || word == "publish")
        || (BUILDERS.contains(&program) && !words().any(|word| word == "version"))
        || (is_script && (named(program) || words().any(named)))
        || (RUNNERS.contains(&program) && words().filter(|word| !word.starts_with('-')).any(named))
        || words().any(|word| word.contains("jib") || word.contains("dockerPush"));
    if pushes {
        found.push(Effect::PushUnknown);
    }
}

/// Adds that a script or target is run whose name says that it migrates.
pub(super) fn named_migration(command: &Command, found: &mut Vec<Effect>) {
    let quiet = ["echo", "printf", "cat", "grep", "test", "[", "git", "ls", "cd", "export"];
    if quiet.contains(&command.program()) {
        return;
    }
    let looks = ["--check", "--plan", "--help", "--dry-run", "--pretend", "status", "list"];
    if command.words.iter().any(|word| looks.contains(&word.as_str())) {
        return;
    }
    if command.words.iter().any(|word| word.to_ascii_lowercase().contains("migrat")) {
        found.push(Effect::NamedMigration);
    }
}
