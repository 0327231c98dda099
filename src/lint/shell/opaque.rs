//! Programs and scripts that cannot be read here, and may push images.

use super::command::Command;
use super::effect::Effect;
use super::harmless::is_harmless;
use crate::lint::symbol::is_symbol;

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
    "merge",
];
/// Programs that run a target or script of the repository, by its name.
const RUNNERS: [&str; 36] = [
    "make", "just", "task", "mage", "bash", "sh", "zsh", "source", ".", "python", "python3",
    "invoke", "npm", "yarn", "pnpm", "bun", "npx", "node", "deno", "ruby", "perl", "rake", "ant",
    "mvn", "mvnw", "gradle", "gradlew", "sbt", "poetry", "uv", "pipenv", "pwsh", "nx", "turbo",
    "cargo", "go",
];
/// Programs that build and push images by themselves.
const BUILDERS: [&str; 9] =
    ["ko", "skaffold", "earthly", "jib", "pack", "werf", "dagger", "goreleaser", "executor"];
/// Programs whose `run` starts a target of the repository, whatever its name.
const TARGETS: [&str; 4] = ["bazel", "bazelisk", "nix", "go"];
/// Commands of clouds that build and push there.
const CLOUD_BUILDS: [(&str, &str, &[&str]); 4] = [
    ("gcloud", "builds", &["submit", "triggers"]),
    ("az", "acr", &["build", "import", "run", "pack"]),
    ("aws", "ecr", &["put-image"]),
    ("aws", "codebuild", &["start-build", "start-build-batch"]),
];

/// Adds what a command may do that cannot be read.
pub(super) fn unread(command: &Command, found: &mut Vec<Effect>) {
    if is_cloud_build(command) {
        found.push(Effect::PushUnknown);
    }
    if is_harmless(command) {
        return;
    }
    found.push(Effect::RunUnread);
    if may_push(command) {
        found.push(Effect::PushUnknown);
    }
}

/// Whether a program may push by what its name or its words say, also where nothing has logged in.
fn may_push(command: &Command) -> bool {
    let program = command.program();
    let words = || command.words.iter().skip(1).map(|word| word.to_ascii_lowercase());
    let names = || words().filter(|word| !word.starts_with('-'));
    let is_script = command.word(0).contains('/') && !command.word(0).starts_with("/usr/");
    let makes = matches!(program, "make" | "just" | "task" | "mage") || is_script;
    let pushes = |word: String| is_named_push(&word) || (makes && word.contains("build"));
    let starts_target = TARGETS.contains(&program) && command.word(1) == "run";
    program.chars().any(is_symbol)
        || program.contains("push")
        || words().any(|word| word.contains("push") || word.contains("publish"))
        || words().any(|word| word.contains("jib"))
        || (BUILDERS.contains(&program) && !words().any(|word| word == "version"))
        || (is_script && (pushes(program.to_ascii_lowercase()) || words().any(pushes)))
        || (RUNNERS.contains(&program) && names().any(pushes))
        || (starts_target && !names().any(|word| is_test(&word)))
}

fn is_test(word: &str) -> bool {
    ["test", "lint", "check"].iter().any(|known| word.contains(known))
}

/// Whether the name of a script or a target says that it may push: `docker:merge`, `ci.py`.
fn is_named_push(word: &str) -> bool {
    let is_ci = || word.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == "ci");
    let is_path = word.contains(['/', '.']);
    !is_test(word) && (PUSHING.iter().any(|known| word.contains(known)) || (is_path && is_ci()))
}

fn is_cloud_build(command: &Command) -> bool {
    CLOUD_BUILDS.iter().any(|(program, group, verbs)| {
        command.program() == *program
            && command.words.iter().any(|word| word == group)
            && command.words.iter().any(|word| verbs.contains(&word.as_str()))
    })
}

/// Adds that `docker run` starts an image that builds or pushes images itself.
pub(super) fn image_tool(command: &Command, found: &mut Vec<Effect>) {
    const TOOLS: [&str; 7] =
        ["kaniko", "buildah", "buildkit", "skopeo", "crane", "regctl", "docker/config"];
    if command.words.iter().any(|word| TOOLS.iter().any(|tool| word.contains(tool))) {
        found.push(Effect::PushUnknown);
    } else if command
        .words
        .iter()
        .any(|word| word.contains(".docker") || word.contains("docker.sock"))
    {
        found.push(Effect::RunUnread);
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
