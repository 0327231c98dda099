//! How shells and `ssh` are called: where their command begins, and which arguments a script gets.

use super::command::Command;
use crate::lint::symbol::is_symbol;

/// What a shell is told to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ShellCall {
    /// The script in this word, with the arguments from the next word but one on.
    Script { at: usize },
    /// A script of the repository.
    File,
    /// What it reads from its input, with the arguments from this word on.
    Input { arguments: usize },
}

/// Whether a word names a shell.
pub(super) fn is_shell(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("bash" | "sh" | "zsh" | "ash" | "dash" | "su"))
}

/// What a shell runs, by its options.
pub(super) fn shell_call(command: &Command) -> ShellCall {
    let is_su = command.program() == "su";
    let (mut has_script, mut reads_input) = (false, false);
    let mut at = 1;
    while let Some(word) = command.words.get(at) {
        if word == "--" || (word == "-" && !is_su) {
            at += 1;
            break;
        }
        let Some(letters) = word.strip_prefix(['-', '+']) else {
            // The user of `su` comes before or after its options.
            if is_su && !has_script {
                at += 1;
                continue;
            }
            break;
        };
        at += 1;
        if letters.starts_with('-') {
            continue;
        }
        has_script |= letters.contains('c') && word.starts_with('-');
        reads_input |= letters.contains('s') && word.starts_with('-') && !is_su;
        // `-o pipefail`, `-euo pipefail`.
        at += usize::from(letters.ends_with(['o', 'O']));
    }
    match command.words.get(at).map(String::as_str) {
        _ if has_script => ShellCall::Script { at },
        None | Some("/dev/stdin") => ShellCall::Input { arguments: at + 1 },
        _ if reads_input || is_su => ShellCall::Input { arguments: at },
        Some(_) => ShellCall::File,
    }
}

/// Where the command of `ssh` begins: its own options stand before and after the host.
pub(super) fn ssh_command(words: &[String]) -> usize {
    let is_unknown = |at: usize| words.get(at).is_some_and(|word| word.chars().all(is_symbol));
    let (mut at, mut has_host) = (1, false);
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            if has_host {
                break;
            }
        } else if word.starts_with('-') && word.len() > 1 {
            at += if takes_value(word) { 2 } else { 1 };
        } else if has_host {
            break;
        } else {
            // `$OPTIONS` before the host.
            let host_follows = words.get(at + 1).is_some_and(|next| {
                next.contains('@') || (is_unknown(at + 1) && at + 2 < words.len())
            });
            at += if is_unknown(at) && host_follows { 2 } else { 1 };
            has_host = true;
        }
    }
    at
}

/// Whether the last letter of an option takes the next word as its value.
fn takes_value(option: &str) -> bool {
    const VALUED: &str = "BbcDEeFIiJLlmOoPpQRSWw";
    let first = option.find(|c: char| VALUED.contains(c));
    first.is_some_and(|first| first + 1 == option.len())
}

/// The word that names a shell which `docker run`, `docker exec` or `kubectl exec` starts.
pub(super) fn inner_shell(command: &Command) -> Option<usize> {
    let runs = matches!(command.word(1), "run" | "exec" | "compose");
    let shell = |word: &String| matches!(word.rsplit('/').next(), Some("bash" | "sh"));
    command.words.iter().position(shell).filter(|_| runs)
}
