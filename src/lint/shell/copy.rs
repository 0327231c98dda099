//! Tools that copy images between registries without Docker.

use super::command::Command;
use super::effect::Effect;
use super::login::docker_login;
use super::option::operands;

/// `crane copy`, `skopeo copy`, `crane tag` and logins of such tools.
pub(super) fn image_copy(command: &Command, found: &mut Vec<Effect>) {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if words.contains(&"login") {
        let at = words.iter().position(|word| *word == "login").unwrap_or(0);
        docker_login(command, at + 1, found);
        return;
    }
    let Some(verb) = words.iter().position(|word| matches!(*word, "copy" | "cp" | "tag" | "push"))
    else {
        return;
    };
    let flags = ["--all", "-a", "--preserve-digests", "--src-tls-verify", "--insecure"];
    let operands = operands(command, verb + 1, &flags);
    let [from, to] = operands.as_slice() else { return };
    let reference = |at: usize| command.word(at).trim_start_matches("docker://").to_owned();
    let source = reference(*from);
    let target = match words[verb] {
        "tag" => {
            let start = source.rfind('/').map_or(0, |slash| slash + 1);
            let name = source[start..].split([':', '@']).next().unwrap_or_default();
            format!("{}{name}:{}", &source[..start], reference(*to))
        }
        _ => reference(*to),
    };
    found.push(Effect::CopyImage { from: source, to: target, at: command.position(*to) });
}
