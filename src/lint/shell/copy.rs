//! Tools that copy images between registries without Docker.

use super::command::Command;
use super::effect::{Effect, Word};
use super::login::{self, docker_login};
use super::option::{operands, values};
use crate::lint::reference::is_local_transport;

/// Options of such tools that take no value.
const FLAGS: [&str; 15] = [
    "--all",
    "-a",
    "--preserve-digests",
    "--src-tls-verify",
    "--dest-tls-verify",
    "--insecure",
    "--all-tags",
    "-q",
    "--quiet",
    "--verbose",
    "-v",
    "--no-clobber",
    "-n",
    "--recursive",
    "-r",
];

/// What such tools do that writes to a registry.
const VERBS: [&str; 12] = [
    "copy", "cp", "tag", "push", "append", "mutate", "flatten", "rebase", "import", "mod", "sync",
    "index",
];

/// `crane copy`, `skopeo copy`, `regctl image copy`, `oras cp`, `crane tag` and logins of such tools.
pub(super) fn image_copy(command: &Command, found: &mut Vec<Effect>) {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if let Some(at) = words.iter().position(|word| *word == "login") {
        docker_login(command, at + 1, found);
        return;
    }
    let Some(verb) = words.iter().position(|word| VERBS.contains(word)) else {
        return;
    };
    login::of_command(command, found);
    let operands = operands(command, verb + 1, &FLAGS);
    let word = |at: usize| {
        let text = command.word(at).trim_start_matches("docker://").to_owned();
        (text, command.position(at))
    };
    match (words[verb], operands.as_slice()) {
        ("append" | "mutate" | "flatten" | "rebase", _) => {
            for (to, at) in values(command, verb + 1, &["-t", "--new_tag", "--tag"]) {
                found.push(Effect::Push { reference: to, at });
            }
        }
        ("import", [target, ..]) => {
            let (reference, at) = word(*target);
            found.push(Effect::Push { reference, at });
        }
        ("mod", [from, ..]) => {
            for tag in values(command, verb + 1, &["--create"]) {
                tagged(&word(*from), &tag, found);
            }
            if command.words.iter().any(|word| word == "--replace") {
                let (reference, at) = word(*from);
                found.push(Effect::Push { reference, at });
            }
        }
        ("sync" | "index", _) => found.push(Effect::PushUnknown),
        ("tag", [from, tags @ ..]) => {
            for tag in tags {
                tagged(&word(*from), &word(*tag), found);
            }
        }
        // `crane push image.tar TARGET`, `oras push TARGET file…`.
        ("push", [first, ..]) if command.program() == "oras" => {
            let (reference, at) = word(*first);
            found.push(Effect::Push { reference, at });
        }
        (_, [from, to, ..]) => {
            let (from, (to, at)) = (word(*from), word(*to));
            if !is_local_transport(&to) {
                found.push(Effect::CopyImage { from: source(from, words[verb]), to, at });
            }
        }
        _ => {}
    }
}

/// What is copied; a file or an archive is no image of a registry.
fn source(from: Word, verb: &str) -> Vec<Word> {
    if verb == "push" || is_local_transport(&from.0) { Vec::new() } else { vec![from] }
}

/// A new tag beside an old one.
fn tagged(from: &Word, (tag, at): &Word, found: &mut Vec<Effect>) {
    let start = from.0.rfind('/').map_or(0, |slash| slash + 1);
    let name = from.0[start..].split([':', '@']).next().unwrap_or_default();
    let to =
        if tag.contains('/') { tag.clone() } else { format!("{}{name}:{tag}", &from.0[..start]) };
    found.push(Effect::CopyImage { from: vec![from.clone()], to, at: *at });
}

/// `imagetools create -t NEW OLD…`.
pub(super) fn imagetools(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let flags = ["--append", "--dry-run", "--prefer-index"];
    if command.words.iter().any(|word| word == "--dry-run") {
        return;
    }
    let word = |at: &usize| (command.word(*at).to_owned(), command.position(*at));
    let from: Vec<Word> = operands(command, at, &flags).iter().map(word).collect();
    let tags = values(command, at, &["-t", "--tag"]);
    if tags.is_empty() {
        // A substitution gives the tags.
        found.push(Effect::PushUnknown);
    }
    for (to, at) in tags {
        found.push(Effect::CopyImage { from: from.clone(), to, at });
    }
}

/// `docker manifest create LIST IMAGE…`.
pub(super) fn manifest(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let flags = ["--amend", "-a", "--insecure", "--all"];
    let operands = operands(command, at, &flags);
    let Some((list, images)) = operands.split_first() else { return };
    let word = |at: &usize| (command.word(*at).to_owned(), command.position(*at));
    let (to, from) = (command.word(*list).to_owned(), images.iter().map(word).collect());
    found.push(Effect::MakeManifest { from, to });
}
