//! Expansion of words: quotes, variables, `${X,,}`, `${X::7}`, `$(…)`.

use super::braces::braced;
use super::command::Field;
use super::lex::skip;
use super::state::Shell;
use crate::lint::position::{Position, SourceChar, chars_at, text_of};
use crate::lint::symbol::{SymbolKind, bounded, is_known, is_symbol};

/// Longer values are not kept.
const LONGEST: usize = 20_000;

impl Shell<'_> {
    /// The fields into which a word expands.
    pub(super) fn fields(&mut self, word: &[SourceChar]) -> Vec<Field> {
        let words = braced(word);
        words.iter().flat_map(|word| self.fields_of(word)).collect()
    }

    fn fields_of(&mut self, word: &[SourceChar]) -> Vec<Field> {
        let Some(start) = word.first().map(|ch| ch.at) else { return Vec::new() };
        let mut fields = vec![Field { chars: Vec::new(), at: start }];
        let mut empty_counts = false;
        let mut at = 0;
        while at < word.len() {
            let end = skip(word, at).max(at + 1);
            let piece = &word[at..end.min(word.len())];
            let quoted = matches!(piece[0].c, '"' | '\'' | '\\');
            empty_counts |= quoted && piece[0].c != '\\';
            let list =
                piece.len() > 4 && text_of(piece).ends_with("[@]}\"") || text_of(piece) == "\"$@\"";
            let value = self.piece(piece);
            if (quoted && !list) || value.len() == 1 {
                if let Some(last) = fields.last_mut() {
                    last.chars.extend(value);
                }
            } else {
                split(&value, piece[0].at, &mut fields);
            }
            at = end;
        }
        if !empty_counts || fields.len() > 1 {
            fields.retain(|field| !field.chars.is_empty());
        }
        fields
    }

    /// The value of a word that is not split.
    pub(super) fn value(&mut self, word: &[SourceChar]) -> Vec<SourceChar> {
        let mut value = Vec::new();
        let mut at = 0;
        while at < word.len() && value.len() < LONGEST {
            let end = skip(word, at).max(at + 1).min(word.len());
            value.extend(self.piece(&word[at..end]));
            at = end;
        }
        value
    }

    /// A heredoc or text in double quotes, with variables and substitutions replaced.
    pub(super) fn expanded(&mut self, text: &[SourceChar]) -> Vec<SourceChar> {
        let mut value = Vec::new();
        let mut at = 0;
        while at < text.len() && value.len() < LONGEST.max(text.len()) {
            match text[at].c {
                '\\' => match text.get(at + 1).map(|next| next.c) {
                    Some('\n') => at += 2,
                    Some('$' | '`' | '"' | '\\') => {
                        value.push(text[at + 1]);
                        at += 2;
                    }
                    _ => {
                        value.push(text[at]);
                        at += 1;
                    }
                },
                '$' | '`' => {
                    let (part, end) = self.dollar(text, at);
                    value.extend(part);
                    at = end.max(at + 1);
                }
                _ => {
                    value.push(text[at]);
                    at += 1;
                }
            }
        }
        value
    }

    /// A quoted piece, a substitution, or one character.
    fn piece(&mut self, piece: &[SourceChar]) -> Vec<SourceChar> {
        let inner = |from: usize| piece.get(from..piece.len() - 1).unwrap_or_default();
        match (piece[0].c, piece.get(1).map(|ch| ch.c)) {
            ('\\', Some('\n')) => Vec::new(),
            ('\\', Some(_)) => piece[1..].to_vec(),
            ('\'', _) => inner(1).to_vec(),
            ('$', Some('\'')) => inner(2).to_vec(),
            ('"', _) => self.expanded(inner(1)),
            ('$' | '`', _) => self.dollar(piece, 0).0,
            _ => piece.to_vec(),
        }
    }

    /// The value of what begins with `$` or a backtick, and the index after it.
    fn dollar(&mut self, text: &[SourceChar], at: usize) -> (Vec<SourceChar>, usize) {
        let position = text[at].at;
        let end = skip(text, at);
        let inner = |from: usize| text.get(at + from..end.saturating_sub(1)).unwrap_or_default();
        let value = match (text[at].c, text.get(at + 1).map(|ch| ch.c)) {
            ('`', _) => self.substitution(inner(1), position),
            ('$', Some('(')) if text.get(at + 2).is_some_and(|ch| ch.c == '(') => {
                let name = text_of(&text[at..end]);
                self.symbols.unresolved(&bounded(format!("{name} at {position}")), &bounded(name))
            }
            ('$', Some('(')) => self.substitution(inner(2), position),
            ('$', Some('{')) => self.parameter(&text_of(inner(2)), position),
            ('$', Some(c)) if is_name(c) || "@*#?!$-".contains(c) => {
                self.variable(&text_of(&text[at + 1..end]))
            }
            _ => text[at].c.to_string(),
        };
        (chars_at(&value, position), end)
    }

    /// `${…}` without its brackets.
    fn parameter(&mut self, inner: &str, position: Position) -> String {
        let length = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
        let (name, operation) = inner.split_at(length);
        let operation = operation
            .strip_prefix("[@]")
            .or_else(|| operation.strip_prefix("[*]"))
            .unwrap_or(operation);
        let name = if name.is_empty() { inner } else { name };
        let value = self.variable(name);
        let unset = !self.is_set(name);
        let alternative = |text: &str| chars_at(text, position);
        match operation {
            "" => value,
            ",," => self.symbols.lower(&value),
            "^^" => self.transformed(&value, inner, str::to_uppercase),
            _ if operation.starts_with(":-") || operation.starts_with(":=") => {
                if unset && !Self::may_be_set(name) || value.is_empty() {
                    let word = alternative(&operation[2..]);
                    text_of(&self.expanded(&word))
                } else if unset {
                    self.symbols.unresolved(&format!("${{{inner}}}"), &format!("${{{inner}}}"))
                } else {
                    value
                }
            }
            _ if operation.starts_with(":?") || operation.starts_with('?') => {
                self.require(name, &value, operation.starts_with(':'));
                value
            }
            _ if operation.starts_with('/') => self.replaced(&value, &operation[1..], inner),
            _ if operation.starts_with(':') => self.slice(&value, &operation[1..], inner),
            _ => self.stripped(&value, operation, inner),
        }
    }

    /// `${X:?}` ends the script where the variable is empty, `${X?}` where it is not set.
    fn require(&mut self, name: &str, value: &str, must_have_text: bool) {
        let is_set = self.is_set(name);
        let is_empty = is_set && value.is_empty();
        if self.is_skipping() || (is_set && !must_have_text) {
            return;
        }
        if is_empty {
            self.reach = self.reach.ended();
        } else if !is_set || value.chars().all(is_symbol) {
            self.reach = self.reach.perhaps_ended();
        }
    }

    /// `${X:0:7}`.
    fn slice(&self, value: &str, range: &str, inner: &str) -> String {
        let (start, length) = range.split_once(':').unwrap_or((range, ""));
        let start: Option<usize> =
            if start.trim().is_empty() { Some(0) } else { start.trim().parse().ok() };
        let length: Option<usize> = length.trim().parse().ok();
        let sha =
            self.symbols.single(value).filter(|symbol| matches!(symbol.kind, SymbolKind::Sha(..)));
        match (start, length) {
            (Some(0), Some(length)) if sha.is_some() && (1..40).contains(&length) => {
                self.symbols.sha(&self.symbols.named(value), u8::try_from(length).ok())
            }
            (Some(start), length) if is_known(value) => {
                value.chars().skip(start).take(length.unwrap_or(usize::MAX)).collect()
            }
            _ => self.derived(inner, value),
        }
    }

    /// `${X%.*}`, `${X##*/}` and the like; only plain text and `*` at one end are understood.
    fn stripped(&self, value: &str, operation: &str, inner: &str) -> String {
        if let Some(rest) = plain_prefix(operation).and_then(|start| value.strip_prefix(start)) {
            return rest.to_owned();
        }
        if !is_known(value) {
            return self.derived(inner, value);
        }
        let (pattern, front, greedy) = match operation {
            _ if operation.starts_with("##") => (&operation[2..], true, true),
            _ if operation.starts_with('#') => (&operation[1..], true, false),
            _ if operation.starts_with("%%") => (&operation[2..], false, true),
            _ if operation.starts_with('%') => (&operation[1..], false, false),
            _ => return self.derived(inner, value),
        };
        let plain = pattern.trim_matches('*');
        if plain.contains(['*', '?', '[', '$']) {
            return self.derived(inner, value);
        }
        let found = if pattern == plain {
            let rest = if front { value.strip_prefix(plain) } else { value.strip_suffix(plain) };
            return rest.unwrap_or(value).to_owned();
        } else if front == greedy {
            value.rfind(plain)
        } else {
            value.find(plain)
        };
        match found {
            Some(at) if front => value[at + plain.len()..].to_owned(),
            Some(at) => value[..at].to_owned(),
            None => value.to_owned(),
        }
    }

    /// `${X//a/b}`: only plain text of one character is understood.
    fn replaced(&self, value: &str, operation: &str, inner: &str) -> String {
        let all = operation.strip_prefix('/');
        let plain = all.unwrap_or(operation).replace("\\/", "\u{0}");
        let (from, to) = plain.split_once('/').unwrap_or((&plain, ""));
        let (from, to) = (from.replace('\u{0}', "/"), to.replace('\u{0}', "/"));
        let mut chars = from.chars();
        match (all, chars.next(), chars.next()) {
            _ if from.contains(['*', '?', '[', '$']) || to.contains('$') => {
                self.derived(inner, value)
            }
            (Some(_), Some(wanted), None) => {
                let change = |c: char| if c == wanted { to.clone() } else { c.to_string() };
                self.symbols.mapped(value, &format!("{from} to {to}"), change)
            }
            _ if is_known(value) && all.is_some() => value.replace(&from, &to),
            _ if is_known(value) => value.replacen(&from, &to, 1),
            _ => self.derived(inner, value),
        }
    }

    fn transformed(&self, value: &str, inner: &str, change: fn(&str) -> String) -> String {
        if is_known(value) { change(value) } else { self.derived(inner, value) }
    }

    /// A symbol for what an operation that is not understood makes of a value.
    fn derived(&self, inner: &str, value: &str) -> String {
        let key = bounded(format!("${{{inner}}} of {}", self.symbols.named(value)));
        self.symbols.unresolved(&key, &bounded(format!("${{{inner}}}")))
    }
}

/// The text that `${X#text}` removes, when it has no pattern.
fn plain_prefix(operation: &str) -> Option<&str> {
    let plain = operation.strip_prefix("##").or_else(|| operation.strip_prefix('#'))?;
    (!plain.is_empty() && !plain.contains(['*', '?', '[', '$'])).then_some(plain)
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Splits at white space: the first part joins the last field, each further one begins its own.
fn split(value: &[SourceChar], at: Position, fields: &mut Vec<Field>) {
    for (number, part) in value.split(|ch| ch.c.is_whitespace()).enumerate() {
        if number > 0 {
            fields.push(Field { chars: Vec::new(), at: part.first().map_or(at, |ch| ch.at) });
        }
        if let Some(last) = fields.last_mut() {
            last.chars.extend_from_slice(part);
        }
    }
}
