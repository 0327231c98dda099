//! Variables: set by the script, set by its environment, or unknown.

use super::lex::Token;
use super::state::Shell;
use crate::lint::position::{SourceChar, text_of};
use crate::lint::symbol::bounded;

impl Shell<'_> {
    /// Sets a variable by an assignment; gives the number of tokens of the assignment.
    pub(super) fn assign(&mut self, name: &str, value: &[SourceChar], tokens: &[Token]) -> usize {
        let (name, append) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (mut text, mut used) = (text_of(&self.value(value)), 1);
        if value.is_empty() && matches!(tokens.get(1), Some(Token::Operator("(", _))) {
            used = 2;
            let mut items = Vec::new();
            while let Some(Token::Word(word)) = tokens.get(used).filter(|token| !closes(token)) {
                items.push(text_of(&self.value(word)));
                used += 1;
                while matches!(tokens.get(used), Some(Token::Operator("\n", _))) {
                    used += 1;
                }
            }
            used += usize::from(tokens.get(used).is_some_and(closes));
            text = items.join(" ");
        }
        if append {
            let blank = if used > 1 { " " } else { "" };
            text = format!("{}{blank}{text}", self.variable(name));
        }
        self.set(name, text);
        used
    }

    /// Sets a variable, unless the commands here do not run.
    pub(super) fn set(&mut self, name: &str, value: String) {
        const LONGEST: usize = 20_000;
        if self.is_skipping() {
            return;
        }
        let value = if value.len() > LONGEST {
            self.symbols.any(&bounded(value), &format!("${name}"))
        } else {
            value
        };
        self.vars.insert(name.to_owned(), value);
    }

    /// Whether the script has set a variable, or the environment has it.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.vars.contains_key(name)
            || name.parse::<usize>().is_ok_and(|n| n > 0 && n <= self.arguments.len())
            || (!self.isolated && (self.environment)(name).is_some())
    }

    /// Whether a variable that the script does not set may be set elsewhere.
    pub(super) fn may_be_set(name: &str) -> bool {
        !name.bytes().all(|b| b.is_ascii_digit())
    }

    /// The value of a variable; a symbol if it is not known.
    pub(super) fn variable(&self, name: &str) -> String {
        if let Some(value) = self.vars.get(name) {
            return value.clone();
        }
        match name {
            "@" | "*" => return self.arguments.join(" "),
            _ => {
                if let Some(n) = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) {
                    let missing =
                        || self.symbols.unresolved(&format!("${name}"), &format!("${name}"));
                    return self.arguments.get(n).cloned().unwrap_or_else(missing);
                }
            }
        }
        let outside = if self.isolated { None } else { (self.environment)(name) };
        outside.unwrap_or_else(|| {
            let scope = if self.isolated { "remote " } else { "" };
            self.symbols
                .unresolved(&bounded(format!("{scope}${name}")), &bounded(format!("${name}")))
        })
    }
}

fn closes(token: &Token) -> bool {
    matches!(token, Token::Operator(")", _))
}

/// `NAME=value` or `NAME+=value`: the name and the value.
pub(super) fn assignment(word: &[SourceChar]) -> Option<(String, &[SourceChar])> {
    let equals = word.iter().position(|ch| ch.c == '=')?;
    let name = text_of(&word[..equals]);
    let plain = name.strip_suffix('+').unwrap_or(&name);
    let starts = plain.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let valid = starts && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    valid.then(|| (name, &word[equals + 1..]))
}
