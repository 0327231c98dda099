//! Logins to registries, by `docker login` and similar commands.

use super::command::Command;
use super::effect::{Effect, Word};
use super::option::{operands, values};
use crate::lint::reference::DOCKER_HUB;

/// A login of a tool that brings its own credentials.
pub(super) fn of_host(host: &str) -> Effect {
    Effect::Login { host: host.to_owned(), token: None, arguments: Vec::new() }
}

/// Options by which a command brings its credentials itself.
const OWN_CREDENTIALS: [&str; 11] = [
    "--creds",
    "--authfile",
    "--dest-creds",
    "--dest-authfile",
    "--dest-username",
    "--dest-password",
    "--dest-registry-token",
    "--registry-config",
    "--to-registry-config",
    "--to-username",
    "--to-password",
];

/// Adds a login if a command brings its credentials itself.
pub(super) fn of_command(command: &Command, found: &mut Vec<Effect>) {
    let brings =
        |word: &String| OWN_CREDENTIALS.contains(&word.split('=').next().unwrap_or_default());
    if command.words.iter().any(brings) {
        found.push(of_host(""));
    }
}

/// `docker login HOST -p PASSWORD`; `at` is the first word after `login`.
pub(super) fn docker_login(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let passwords = credentials(command, at, 'p', "--password");
    let users = credentials(command, at, 'u', "--username");
    let flags = ["--password-stdin", "--get-login", "--tls-verify"];
    let host = operands(command, at, &flags);
    let host = host.first().map_or(DOCKER_HUB, |at| command.word(*at));
    let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default();
    found.push(Effect::Login {
        host: host.to_ascii_lowercase(),
        token: passwords.first().map(|(value, _)| value.clone()),
        arguments: passwords.into_iter().chain(users).collect(),
    });
}

/// The values of `-p`, `-pVALUE` and `--password`.
fn credentials(command: &Command, from: usize, short: char, long: &str) -> Vec<Word> {
    let short = format!("-{short}");
    let mut found = values(command, from, &[&short, long]);
    for at in from..command.words.len() {
        let word = command.word(at);
        if let Some(value) = word.strip_prefix(&short).filter(|value| !value.is_empty()) {
            found.push((value.to_owned(), command.position(at)));
        }
    }
    found
}
