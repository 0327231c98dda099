//! Logins to registries, by `docker login` and similar commands.

use super::command::Command;
use super::effect::Effect;
use super::option::{operands, values};
use crate::lint::reference::DOCKER_HUB;

/// A login of a tool that brings its own credentials.
pub(super) fn of_host(host: &str) -> Effect {
    Effect::Login { host: host.to_owned(), token: None, argument: None }
}

/// `docker login HOST -p PASSWORD`; `at` is the first word after `login`.
pub(super) fn docker_login(command: &Command, at: usize, found: &mut Vec<Effect>) {
    let joined = |at: &usize| command.word(*at).starts_with("-p") && command.word(*at).len() > 2;
    let joined = (at..command.words.len()).find(joined);
    let joined = joined.map(|at| (command.word(at)[2..].to_owned(), command.position(at)));
    let password = values(command, at, &["-p", "--password"]).into_iter().next().or(joined);
    let flags = ["--password-stdin", "--get-login", "--tls-verify"];
    let host = operands(command, at, &flags);
    let host = host.first().map_or(DOCKER_HUB, |at| command.word(*at));
    let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default();
    found.push(Effect::Login {
        host: host.to_ascii_lowercase(),
        token: password.as_ref().map(|(value, _)| value.clone()),
        argument: password.map(|(_, at)| at),
    });
}
