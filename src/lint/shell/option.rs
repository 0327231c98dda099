//! Options of a command line, their values, and the words that are neither.

use super::command::Command;
use crate::lint::position::Position;

/// The numbers of the words that are neither options nor their values; `flags` are options without one.
pub(super) fn operands(command: &Command, from: usize, flags: &[&str]) -> Vec<usize> {
    let mut operands = Vec::new();
    let mut at = from;
    while at < command.words.len() {
        let word = command.word(at);
        if word == "--" {
            operands.extend(at + 1..command.words.len());
            break;
        }
        let option = word.starts_with('-') && word.len() > 1;
        let takes_value = option
            && !flags.is_empty()
            && !flags.contains(&word)
            && !word.contains('=')
            && !word.starts_with("--no-")
            && !is_joined(word);
        if !option {
            operands.push(at);
        }
        at += if takes_value { 2 } else { 1 };
    }
    operands
}

/// `-p8080:80` and `-eA`: a short option with its value joined, or short flags together.
fn is_joined(word: &str) -> bool {
    !word.starts_with("--") && word.len() > 2
}

/// The values of an option, which may have several names.
pub(super) fn values(command: &Command, from: usize, names: &[&str]) -> Vec<(String, Position)> {
    let mut values = Vec::new();
    let mut at = from;
    while at < command.words.len() {
        let word = command.word(at);
        if names.contains(&word) {
            values.push((command.word(at + 1).to_owned(), command.position(at + 1)));
            at += 1;
        } else if let Some((name, value)) = word.split_once('=')
            && names.contains(&name)
        {
            values.push((value.to_owned(), command.position(at)));
        }
        at += 1;
    }
    values
}
