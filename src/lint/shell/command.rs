//! A simple command: its words after expansion, its redirections, its heredocs.

use crate::lint::position::{Position, SourceChar, text_of};

/// A word after expansion.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) chars: Vec<SourceChar>,
    pub(crate) at: Position,
}

/// A command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Command {
    pub(crate) fields: Vec<Field>,
    /// The words as text.
    pub(crate) words: Vec<String>,
    /// Operator and target.
    pub(super) redirects: Vec<(&'static str, String)>,
    /// The bodies of heredocs and here-strings, and whether each is taken literally.
    pub(super) bodies: Vec<(Vec<SourceChar>, bool)>,
}

impl Command {
    pub(super) fn push(&mut self, field: Field) {
        self.words.push(text_of(&field.chars));
        self.fields.push(field);
    }

    /// A word, empty where there is none.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The position of a word.
    pub(crate) fn position(&self, at: usize) -> Position {
        self.fields.get(at).map(|field| field.at).unwrap_or_default()
    }

    /// The name of the program, without its folder.
    pub(crate) fn program(&self) -> &str {
        self.word(0).rsplit('/').next().unwrap_or_default()
    }

    /// The words from a number on, as a command of their own.
    pub(super) fn from(&self, at: usize) -> Self {
        Self {
            fields: self.fields.get(at..).unwrap_or_default().to_vec(),
            words: self.words.get(at..).unwrap_or_default().to_vec(),
            redirects: self.redirects.clone(),
            bodies: self.bodies.clone(),
        }
    }

    /// The words from a number on, joined by blanks, with their positions.
    pub(super) fn script(&self, from: usize) -> Vec<SourceChar> {
        let mut script = Vec::new();
        for field in self.fields.iter().skip(from) {
            if !script.is_empty() {
                script.push(SourceChar { c: ' ', at: field.at });
            }
            script.extend_from_slice(&field.chars);
        }
        script
    }
}
