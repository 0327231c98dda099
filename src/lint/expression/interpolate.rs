//! Text with expressions in it: replaces each `${{ … }}` by its value.

use super::evaluate::evaluate;
use super::parse::parse;
use super::scope::Scope;
use super::value::Value;
use crate::lint::position::{Position, SourceChar, chars_at, text_of};
use crate::lint::symbol::bounded;

/// How long a text may become; further values in it are left unknown.
const MOST: usize = 1_000_000;
/// Replaces every `${{ … }}` of a text by its value, with the position of the expression.
pub(crate) fn interpolate(chars: &[SourceChar], scope: &dyn Scope) -> Vec<SourceChar> {
    let mut result = Vec::with_capacity(chars.len());
    let mut rest = chars;
    while let Some(start) = find(rest, &['$', '{', '{']) {
        let Some(length) = end_of(&rest[start + 3..]) else { break };
        result.extend_from_slice(&rest[..start]);
        let source = text_of(&rest[start + 3..start + 3 + length]);
        let value = value_of(&source, scope).text(scope.symbols());
        let value = if result.len() > MOST { unevaluated(&source, scope) } else { value };
        result.extend(chars_at(&value, rest[start].at));
        rest = &rest[start + 3 + length + 2..];
    }
    result.extend_from_slice(rest);
    result
}

/// The value of a text that may hold expressions; a sole expression keeps its type.
pub(crate) fn value_of_text(text: &str, scope: &dyn Scope) -> Value {
    if let Some(source) = sole_expression(text) {
        return value_of(source, scope);
    }
    let chars = chars_at(text, Position::default());
    let value = Value::Text(text_of(&interpolate(&chars, scope)));
    // Only expressions make a text longer than it was written.
    if value.is_long() && text.contains("${{") {
        Value::Text(unevaluated(text, scope))
    } else {
        value
    }
}

/// Whether a condition (`if:`) holds; none if that is not known.
pub(crate) fn condition(text: &str, scope: &dyn Scope) -> Option<bool> {
    let source = sole_expression(text).unwrap_or(text);
    if source.contains("${{") {
        // With text around the expression, the whole is text and always true: surely not intended.
        return None;
    }
    value_of(source, scope).truth()
}

/// What is between `${{` and `}}`, when that is the whole text.
pub(crate) fn sole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("${{")?.strip_suffix("}}")?;
    (!inner.contains("${{")).then_some(inner.trim())
}

/// The value of an expression; unknown if it cannot be parsed.
fn value_of(source: &str, scope: &dyn Scope) -> Value {
    match parse(source) {
        Some(expression) => match evaluate(&expression, scope) {
            value if value.is_long() => Value::Text(unevaluated(source, scope)),
            value => value,
        },
        None => Value::Text(unevaluated(source, scope)),
    }
}

/// A symbol for an expression that is not evaluated.
fn unevaluated(source: &str, scope: &dyn Scope) -> String {
    scope.symbols().context(&bounded(source.trim().to_owned()))
}

fn find(chars: &[SourceChar], pattern: &[char]) -> Option<usize> {
    chars
        .windows(pattern.len())
        .position(|window| window.iter().zip(pattern).all(|(ch, c)| ch.c == *c))
}

/// The length up to the next `}}` that is not in quotes.
fn end_of(chars: &[SourceChar]) -> Option<usize> {
    let mut quoted = false;
    for (at, pair) in chars.windows(2).enumerate() {
        match pair[0].c {
            '\'' => quoted = !quoted,
            '}' if !quoted && pair[1].c == '}' => return Some(at),
            _ => {}
        }
    }
    None
}
