//! The functions of expressions.

use super::scope::{Scope, unknown};
use super::value::Value;
use crate::lint::symbol::{is_known, is_symbol};

/// The value of a call.
pub(super) fn call(name: &str, arguments: &[Value], scope: &dyn Scope) -> Value {
    let symbols = scope.symbols();
    let texts: Vec<String> = arguments.iter().map(|value| value.text(symbols)).collect();
    let known = match (name, texts.as_slice()) {
        ("always" | "success" | "failure" | "cancelled", []) => scope.status(name).map(Value::Bool),
        ("format", [template, values @ ..]) => format(template, values).map(Value::Text),
        ("contains", [_, item]) => contains(&arguments[0], item).map(Value::Bool),
        ("startswith", [text, start]) => starts(text, start).map(Value::Bool),
        ("endswith", [text, end]) => {
            let reversed = |text: &str| text.chars().rev().collect::<String>();
            starts(&reversed(text), &reversed(end)).map(Value::Bool)
        }
        ("fromjson", [text]) if is_known(text) => {
            serde_json::from_str(text).ok().map(|json| Value::from_json(&json))
        }
        ("tojson", [text]) => match &arguments[0] {
            // An unknown value is the same after a conversion to JSON and back.
            Value::Text(value) if symbols.single(value).is_some() => {
                Some(Value::Text(text.clone()))
            }
            _ => None,
        },
        ("fromjson", [text]) if symbols.single(text).is_some() => Some(Value::Text(text.clone())),
        ("join", [_, rest @ ..]) => join(&arguments[0], rest.first(), scope),
        _ => None,
    };
    let known = known.filter(|value| !value.is_long());
    known.unwrap_or_else(|| {
        let sources: Vec<String> = arguments.iter().map(|value| value.source(symbols)).collect();
        unknown(&format!("{name}({})", sources.join(", ")), scope)
    })
}

/// `format('{0}-{1}', a, b)`; two braces stand for one.
fn format(template: &str, values: &[String]) -> Option<String> {
    let mut result = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        result.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            result.push_str(brace);
            rest = after;
        } else {
            let (number, after) = rest.split_once('}').filter(|_| brace == "{")?;
            result.push_str(values.get(number.parse::<usize>().ok()?)?);
            rest = after;
        }
    }
    Some(result + rest)
}

fn contains(container: &Value, item: &str) -> Option<bool> {
    if !is_known(item) {
        return None;
    }
    let item = item.to_ascii_lowercase();
    match container {
        Value::Text(text) if text.to_ascii_lowercase().contains(&item) => Some(true),
        Value::Text(text) if is_known(text) => Some(false),
        Value::List(items) => {
            let texts: Option<Vec<&String>> = items
                .iter()
                .map(|value| if let Value::Text(text) = value { Some(text) } else { None })
                .collect();
            let texts = texts?;
            let found = texts.iter().any(|text| text.eq_ignore_ascii_case(&item));
            if found {
                return Some(true);
            }
            texts.iter().all(|text| is_known(text)).then_some(false)
        }
        _ => None,
    }
}

fn starts(text: &str, start: &str) -> Option<bool> {
    let (text, start) = (text.to_ascii_lowercase(), start.to_ascii_lowercase());
    if text.starts_with(&start) {
        return Some(true);
    }
    let mut pairs = text.chars().zip(start.chars());
    match pairs.find(|(a, b)| a != b || is_symbol(*a) || is_symbol(*b)) {
        Some((a, b)) if !is_symbol(a) && !is_symbol(b) => Some(false),
        Some(_) => None,
        None => is_known(&start).then_some(false),
    }
}

fn join(list: &Value, separator: Option<&String>, scope: &dyn Scope) -> Option<Value> {
    let Value::List(items) = list else { return None };
    let texts: Vec<String> = items.iter().map(|item| item.text(scope.symbols())).collect();
    Some(Value::Text(texts.join(separator.map_or(",", String::as_str))))
}
