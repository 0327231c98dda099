//! What one command line does: `docker`, similar tools, scanners, logins and migrations.

use super::command::Command;
use super::copy::{image_copy, imagetools, manifest};
use super::effect::{Build, DigestName, Effect, ImageUse, RollOutTarget};
use super::migration::migration;
use super::option::{operands, values};
use super::{login, opaque, rollout};
use crate::lint::reference::is_local_transport;
use crate::lint::symbol::{Symbols, is_symbol};

/// Options of `docker run`, `create` and `build` that take no value; all others take one.
const FLAGS: [&str; 27] = [
    "-d",
    "--detach",
    "-i",
    "--interactive",
    "-t",
    "--tty",
    "-it",
    "-ti",
    "-dit",
    "-itd",
    "-td",
    "-id",
    "--rm",
    "--init",
    "--privileged",
    "-P",
    "--publish-all",
    "--read-only",
    "--no-healthcheck",
    "--oom-kill-disable",
    "-q",
    "--quiet",
    "--no-cache",
    "--push",
    "--load",
    "--sig-proxy",
    "--disable-content-trust",
];

/// Options of `docker pull` that take no value.
const PULL_FLAGS: [&str; 5] = ["-q", "--quiet", "-a", "--all-tags", "--disable-content-trust"];

/// Options of `push` that take no value.
const PUSH_FLAGS: [&str; 15] = [
    "-a",
    "--all",
    "--all-tags",
    "--all-platforms",
    "-q",
    "--quiet",
    "-D",
    "--disable-content-trust",
    "--tls-verify",
    "--remove-signatures",
    "--force-compression",
    "--rm",
    "-p",
    "--purge",
    "--insecure",
];

/// Adds what a command does.
pub(super) fn effects(command: &Command, symbols: &Symbols, found: &mut Vec<Effect>) {
    migration(command, found);
    opaque::named_migration(command, found);
    match command.program() {
        "docker" | "podman" | "nerdctl" | "buildah" => docker(command, found),
        "docker-compose" | "podman-compose" => compose(command, 1, found),
        "crane" | "gcrane" | "regctl" | "skopeo" | "oras" => image_copy(command, found),
        "kubectl" | "oc" => rollout::kubectl(command, found),
        "helm" => rollout::helm(command, found),
        "kind" | "k3d" | "minikube" => rollout::test_cluster(command, found),
        "trivy" | "grype" => scanner(command, found),
        "doctl" if command.word(1) == "registry" && command.word(2) == "login" => {
            found.push(login::of_host("registry.digitalocean.com"));
        }
        "az" if command.word(1) == "acr" && command.word(2) == "login" => {
            found.push(login::of_host(""));
        }
        "gcloud" if command.words.iter().any(|word| word == "configure-docker") => {
            found.push(login::of_host(""));
        }
        "git" if matches!(command.word(1), "checkout" | "switch" | "reset") => {
            let reference = command.words.iter().skip(2).cloned().collect::<Vec<_>>().join(" ");
            found.push(Effect::Checkout { reference });
        }
        _ => {
            opaque::unread(command, found);
            let config = command.words.iter().any(|word| symbols.named(word).contains(".docker"));
            if config {
                found.push(login::of_host(""));
            }
        }
    }
    given_credentials(command, symbols, |effect| found.push(effect));
}

/// Whoever writes the file with the credentials of Docker has logged in.
pub(super) fn given_credentials(command: &Command, symbols: &Symbols, found: impl FnOnce(Effect)) {
    let is_config = |target: &String| symbols.named(target).contains(".docker/config");
    if command.redirects.iter().any(|(_, target)| is_config(target)) {
        found(login::of_host(""));
    }
}

fn docker(command: &Command, found: &mut Vec<Effect>) {
    let (group, verb, at) = verb(command);
    match (group, verb) {
        (_, "build" | "b" | "bud" | "build-using-dockerfile") => build(command, at, found),
        (_, "tag") => tag(command, at, found),
        (_, "push") => push(command, at, found),
        (_, "pull") => used(command, at, ImageUse::Pulled, found),
        ("service" | "stack", _) => rollout::swarm(command, group, at - 1, found),
        (_, "run") => {
            used(command, at, run_kind(command, at), found);
            opaque::image_tool(command, found);
        }
        ("buildx", "imagetools") if command.word(at) == "create" => {
            imagetools(command, at + 1, found);
        }
        ("manifest", "create") => manifest(command, at, found),
        ("volume" | "network" | "context" | "secret" | "config", _) | ("buildx", "create") => {}
        ("" | "container", "start") => {
            found.push(Effect::RollOut { target: RollOutTarget::Machine, stays: true });
        }
        (_, "create") => used(command, at, ImageUse::Created, found),
        (_, "cves" | "quickview" | "recommendations") => {
            used(command, at, ImageUse::Scanned, found);
        }
        (_, "login") => login::docker_login(command, at, found),
        (_, "compose") => compose(command, at, found),
        (_, "bake") => bake(command, found),
        (_, verb) if verb.starts_with(is_symbol) => found.push(Effect::PushUnknown),
        _ => {}
    }
}

/// The group and the command of `docker image push` or `docker push`, and the number of the word after them.
fn verb(command: &Command) -> (&str, &str, usize) {
    // Options of docker itself come before its command.
    let mut at = 1;
    while command.word(at).starts_with('-') {
        let takes_value =
            matches!(command.word(at), "-H" | "--host" | "-c" | "--context" | "--config" | "-l");
        at += if takes_value { 2 } else { 1 };
    }
    match command.word(at) {
        group @ ("image" | "container" | "buildx" | "builder" | "scout" | "manifest"
        | "service" | "stack" | "volume" | "network" | "context" | "secret" | "config") => {
            (group, command.word(at + 1), at + 2)
        }
        verb => ("", verb, at + 1),
    }
}

fn tag(command: &Command, at: usize, found: &mut Vec<Effect>) {
    if let [from, to] = operands(command, at, &[]).as_slice() {
        let (from, to) = (command.word(*from).to_owned(), command.word(*to).to_owned());
        found.push(Effect::Tag { from, to });
    }
}

/// `bake --push` pushes images that its file lists.
fn bake(command: &Command, found: &mut Vec<Effect>) {
    let pushes = |word: &String| word.starts_with("--push") || word.contains("push=true");
    if command.words.iter().any(pushes) {
        found.push(Effect::PushUnknown);
    }
}

/// `compose push` and `compose build --push` push images that the compose file lists.
fn compose(command: &Command, from: usize, found: &mut Vec<Effect>) {
    if command.words.iter().skip(from).any(|word| word == "push" || word == "--push") {
        found.push(Effect::PushUnknown);
    }
    rollout::compose(command, from, found);
}

/// Whether `docker run` leaves a container behind.
fn run_kind(command: &Command, at: usize) -> ImageUse {
    let image = operands(command, at, &FLAGS).first().copied().unwrap_or(at);
    let options = command.words.get(at..image).unwrap_or_default();
    let detached = |word: &String| {
        let short = word.starts_with('-') && !word.starts_with("--") && word.len() <= 4;
        word == "--detach" || word == "--detach=true" || (short && word.contains('d'))
    };
    if options.iter().any(detached) { ImageUse::Started } else { ImageUse::Run }
}

fn push(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let all = command.words.iter().any(|word| word == "-a" || word == "--all-tags");
    login::of_command(command, found);
    let operands = operands(command, at, &PUSH_FLAGS);
    let Some(source) = operands.first().copied() else { return };
    // `podman push SOURCE DESTINATION`.
    let takes_two = matches!(command.program(), "podman" | "buildah");
    let target = operands.get(1).copied().filter(|_| takes_two).unwrap_or(source);
    let reference = command.word(target).trim_start_matches("docker://").to_owned();
    if !is_local_transport(&reference) {
        let at = command.position(target);
        if target != source {
            let from = command.word(source).to_owned();
            found.push(Effect::Tag { from, to: reference.clone() });
        }
        found.push(if all {
            Effect::PushAll { repository: reference, at }
        } else {
            Effect::Push { reference, at }
        });
    }
}

fn used(command: &Command, at: usize, how: ImageUse, found: &mut Vec<Effect>) {
    let flags: &[&str] = if how == ImageUse::Pulled { &PULL_FLAGS } else { &FLAGS };
    if let Some(at) = operands(command, at, flags).first() {
        let (reference, at) = (command.word(*at).to_owned(), command.position(*at));
        found.push(Effect::Use { reference, at, how });
    }
}

fn build(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let tags = values(command, at, &["-t", "--tag"]);
    let file = values(command, at, &["-f", "--file", "--target", "--build-arg", "--platform"]);
    let source: Vec<String> = file.into_iter().map(|(value, _)| value).collect();
    let context = command.words.last().cloned().unwrap_or_default();
    // `docker buildx build $ARGUMENTS`.
    let unknown = operands(command, at, &FLAGS);
    let is_context = |at: usize| at + 1 == command.words.len() && !tags.is_empty();
    if unknown.iter().any(|at| command.word(*at).starts_with(is_symbol) && !is_context(*at)) {
        found.push(Effect::PushUnknown);
    }
    let written = values(command, at, &["-o", "--output"]);
    let texts: Vec<&str> = written.iter().map(|(value, _)| value.as_str()).collect();
    let outputs = Outputs::read(&texts.join("\n"));
    let push =
        outputs.push || command.words.iter().any(|word| word == "--push" || word == "--push=true");
    let at_output = written.first().map(|(_, at)| *at).unwrap_or_default();
    let names = || outputs.names.iter().map(|name| (name.clone(), at_output));
    let name = names().next().map(DigestName::Name);
    let tags = if tags.is_empty() && outputs.push && !outputs.by_digest {
        names().collect()
    } else {
        tags
    };
    let by_digest = outputs.by_digest.then_some(name.unwrap_or(DigestName::OfTags));
    let cache_to = values(command, at, &["--cache-to"]);
    let cache_to =
        cache_to.into_iter().filter_map(|(text, at)| Some((cache_reference(&text)?, at)));
    found.push(Effect::Build(Build {
        tags,
        push,
        by_digest,
        cache_to: cache_to.collect(),
        source: format!("{} {context}", source.join(" ")),
    }));
}

/// What the outputs of a build say: `type=registry`, `push-by-digest=true` and the like.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    /// Whether it pushes.
    pub(crate) push: bool,
    /// Whether it pushes without a tag, as one of several platforms is pushed.
    pub(crate) by_digest: bool,
    /// The names that are pushed.
    pub(crate) names: Vec<String>,
}

impl Outputs {
    /// Reads the text of outputs.
    pub(crate) fn read(text: &str) -> Self {
        // In quotes, a value has several names: `"name=a,b"`.
        let mut names = Vec::new();
        for (number, piece) in text.split(['"', '\n']).enumerate() {
            let is_quoted = number > 0 && piece.starts_with("name=");
            for (at, part) in piece.split(',').map(str::trim).enumerate() {
                let name = part.strip_prefix("name=").or((is_quoted && at > 0).then_some(part));
                names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
            }
        }
        Self {
            push: text.contains("type=registry") || text.contains("push=true"),
            by_digest: text.contains("push-by-digest=true"),
            names,
        }
    }
}

/// The reference to which a cache is exported.
pub(crate) fn cache_reference(text: &str) -> Option<String> {
    let mut parts = text.split(',').map(str::trim);
    if !text.contains('=') {
        return Some(text.to_owned());
    }
    parts.clone().any(|part| part == "type=registry").then_some(())?;
    parts.find_map(|part| part.strip_prefix("ref=")).map(str::to_owned)
}

fn scanner(command: &Command, found: &mut Vec<Effect>) {
    let at = match (command.program(), command.word(1)) {
        ("trivy", "image") => 2,
        ("trivy", _) => return,
        _ => 1,
    };
    let flags =
        ["--ignore-unfixed", "--quiet", "-q", "--no-progress", "--only-fixed", "--debug", "-d"];
    if let Some(at) = operands(command, at, &flags).first() {
        let reference = command.word(*at).trim_start_matches("registry:").to_owned();
        found.push(Effect::Use { reference, at: command.position(*at), how: ImageUse::Scanned });
    }
}
