//! Roll-outs: `kubectl`, `helm`, `docker service`, `docker stack`, and clusters that only tests use.

use super::command::Command;
use super::effect::{Effect, ImageUse, RollOutTarget};
use super::option::{operands, values};
use crate::lint::position::{Position, SourceChar, text_of};

/// What `kubectl create` makes that runs nothing.
const NOT_RUN: [&str; 14] = [
    "secret",
    "configmap",
    "cm",
    "namespace",
    "ns",
    "serviceaccount",
    "sa",
    "role",
    "rolebinding",
    "clusterrole",
    "clusterrolebinding",
    "token",
    "quota",
    "ingress",
];

fn rolls_out(found: &mut Vec<Effect>) {
    found.push(Effect::RollOut { target: RollOutTarget::Cluster, stays: true });
}

fn used(reference: String, at: Position, found: &mut Vec<Effect>) {
    found.push(Effect::Use { reference, at, how: ImageUse::RolledOut });
}

/// The words that are no options; each may be after options with values of their own.
fn verbs(command: &Command) -> Vec<&str> {
    let valued =
        ["-n", "--namespace", "--context", "--kubeconfig", "--kube-context", "-l", "--cluster"];
    let mut verbs = Vec::new();
    let mut at = 1;
    while let Some(word) = command.words.get(at) {
        if word.starts_with('-') {
            at += if valued.contains(&word.as_str()) { 2 } else { 1 };
            continue;
        }
        verbs.push(word.as_str());
        at += 1;
    }
    verbs
}

fn is_dry(command: &Command) -> bool {
    command.words.iter().any(|word| word.starts_with("--dry-run") && !word.ends_with("=none"))
}

/// `kubectl set image`, `apply`, `create`, `replace`, `rollout`.
pub(super) fn kubectl(command: &Command, found: &mut Vec<Effect>) {
    if is_dry(command) {
        return;
    }
    match verbs(command).as_slice() {
        ["set", "image", ..] => {
            rolls_out(found);
            let from = command.words.iter().position(|word| word == "image").unwrap_or(0);
            for (at, field) in command.fields.iter().enumerate().skip(from + 1) {
                let option = command.word(at).starts_with('-');
                if let Some((value, at)) = after_equals(&field.chars).filter(|_| !option) {
                    used(value, at, found);
                }
            }
        }
        ["create", what, ..] if NOT_RUN.contains(what) => {}
        ["create", ..] => {
            rolls_out(found);
            for (reference, at) in values(command, 1, &["--image"]) {
                used(reference, at, found);
            }
        }
        // A pod that runs once, as tests and tasks do.
        ["run", ..] => {
            for (reference, at) in values(command, 1, &["--image"]) {
                found.push(Effect::Use { reference, at, how: ImageUse::Run });
            }
        }
        ["apply" | "replace", ..] => rolls_out(found),
        ["rollout", verb, ..] if !matches!(*verb, "status" | "history") => {
            rolls_out(found);
        }
        _ => {}
    }
}

/// The text after the first `=`, and its position.
fn after_equals(chars: &[SourceChar]) -> Option<(String, Position)> {
    let equals = chars.iter().position(|ch| ch.c == '=')?;
    let value = &chars[equals + 1..];
    Some((text_of(value), value.first()?.at))
}

/// `helm upgrade` and `helm install`: `image.repository` and `image.tag` of one chart belong together.
pub(super) fn helm(command: &Command, found: &mut Vec<Effect>) {
    if is_dry(command) || !matches!(verbs(command).first(), Some(&"upgrade" | &"install")) {
        return;
    }
    rolls_out(found);
    let settings = settings(command);
    for (key, value, at) in &settings {
        let Some(owner) = key.strip_suffix("image.tag") else {
            let whole = key.rsplit('.').next() == Some("image");
            if whole && value.contains(['/', ':']) {
                used(value.clone(), *at, found);
            }
            continue;
        };
        let get = |name: &str| {
            let key = format!("{owner}image.{name}");
            settings.iter().rev().find(|(other, ..)| *other == key).map(|(_, value, _)| value)
        };
        let Some(repository) = get("repository").or_else(|| get("name")) else { continue };
        let registry = get("registry").map(|registry| format!("{registry}/"));
        let registry = registry.unwrap_or_default();
        used(format!("{registry}{repository}:{value}"), *at, found);
    }
}

/// The values of `--set` and `--set-string`, each with its key and position.
fn settings(command: &Command) -> Vec<(String, String, Position)> {
    const OPTIONS: [&str; 3] = ["--set", "--set-string", "--set-literal"];
    let mut settings = Vec::new();
    for (at, field) in command.fields.iter().enumerate() {
        let word = command.word(at);
        let chars = match word.split_once('=') {
            Some((name, _)) if OPTIONS.contains(&name) => {
                field.chars.get(name.chars().count() + 1..).unwrap_or_default()
            }
            _ if at > 0 && OPTIONS.contains(&command.word(at - 1)) => field.chars.as_slice(),
            _ => continue,
        };
        for entry in chars.split(|ch| ch.c == ',') {
            let Some(equals) = entry.iter().position(|ch| ch.c == '=') else { continue };
            let value = &entry[equals + 1..];
            if let Some(first) = value.first() {
                settings.push((text_of(&entry[..equals]), text_of(value), first.at));
            }
        }
    }
    settings
}

/// `docker service update --image` and `create`; `docker stack deploy`.
pub(super) fn swarm(command: &Command, group: &str, at: usize, found: &mut Vec<Effect>) {
    match (group, command.word(at)) {
        ("service", "update") => {
            rolls_out(found);
            for (reference, at) in values(command, at, &["--image"]) {
                used(reference, at, found);
            }
        }
        ("service", "create") => {
            rolls_out(found);
            let flags = ["-d", "--detach", "-q", "--quiet", "--with-registry-auth", "--init"];
            if let Some(at) = operands(command, at + 1, &flags).first() {
                used(command.word(*at).to_owned(), command.position(*at), found);
            }
        }
        ("stack", "deploy" | "up") => rolls_out(found),
        _ => {}
    }
}

/// `compose up` and `pull`: which images, its file says.
pub(super) fn compose(command: &Command, from: usize, found: &mut Vec<Effect>) {
    let words = command.words.get(from..).unwrap_or_default();
    let verb = words.iter().find(|word| {
        matches!(word.as_str(), "up" | "pull" | "build" | "push" | "run" | "exec" | "down" | "logs")
    });
    if let Some(verb @ ("up" | "pull")) = verb.map(String::as_str) {
        found.push(Effect::RollOut { target: RollOutTarget::Machine, stays: verb == "up" });
    }
}

/// `kind create cluster`, `k3d cluster create`, `minikube start`.
pub(super) fn test_cluster(command: &Command, found: &mut Vec<Effect>) {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let makes = match command.program() {
        "kind" => words.contains(&"create") && words.contains(&"cluster"),
        "k3d" => words.contains(&"create"),
        "minikube" => words.contains(&"start"),
        _ => false,
    };
    if makes {
        found.push(Effect::MakeTestCluster);
    }
}
