//! Values of expressions, with symbols in texts for what is unknown.

use crate::lint::symbol::{Symbols, is_known, is_symbol};

/// How long a value may be; longer ones are left unknown.
const LONGEST: usize = 20_000;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    /// Text; text that is just one symbol may also be of any other type.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Whether it counts as true; none when that depends on what is unknown.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Null => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Number(number) => Some(*number != 0.0),
            Self::Text(text) if text.is_empty() => Some(false),
            Self::Text(text) if text.chars().any(|c| !is_symbol(c)) => Some(true),
            Self::Text(_) => None,
            Self::List(_) | Self::Map(_) => Some(true),
        }
    }

    /// Whether it is a text that is too long.
    pub(super) fn is_long(&self) -> bool {
        matches!(self, Self::Text(text) if text.len() > LONGEST)
    }

    /// The text that replaces the expression.
    pub(crate) fn text(&self, symbols: &Symbols) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(_) => symbols.any("list", "<list>"),
            Self::Map(_) => symbols.any("map", "<map>"),
        }
    }

    /// The value as it would stand in an expression, to name what depends on it.
    pub(crate) fn source(&self, symbols: &Symbols) -> String {
        match self {
            Self::Text(text) if is_known(text) => format!("'{text}'"),
            Self::Text(text) => {
                let shown = symbols.named(text);
                let inner = shown.strip_prefix("${{ ").and_then(|s| s.strip_suffix(" }}"));
                inner.filter(|s| !s.contains("${{")).map_or(shown.clone(), str::to_owned)
            }
            _ => self.text(symbols),
        }
    }

    /// Whether two values are equal, by GitHub's loose rules; none when that is unknown.
    pub(crate) fn equals(&self, other: &Self, symbols: &Symbols) -> Option<bool> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => {
                if a == b {
                    Some(true)
                } else if is_known(a) && is_known(b) {
                    Some(a.eq_ignore_ascii_case(b))
                } else if symbols.may_be_one_of(&a.to_ascii_lowercase(), &b.to_ascii_lowercase()) {
                    None
                } else {
                    Some(false)
                }
            }
            (Self::List(_) | Self::Map(_), _) | (_, Self::List(_) | Self::Map(_)) => None,
            _ => match (self.number()?, other.number()?) {
                (a, b) if a.is_nan() || b.is_nan() => Some(false),
                (a, b) => Some((a - b).abs() < f64::EPSILON),
            },
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Null => Some(0.0),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Number(number) => Some(*number),
            Self::Text(text) if text.is_empty() => Some(0.0),
            Self::Text(text) if is_known(text) => Some(text.trim().parse().unwrap_or(f64::NAN)),
            _ => None,
        }
    }

    /// A member of a list or a map, by its name or number.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v)
            }
            Self::List(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// Reads JSON.
    pub(crate) fn from_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => {
                Self::List(items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(entries) => Self::Map(
                entries.iter().map(|(key, value)| (key.clone(), Self::from_json(value))).collect(),
            ),
        }
    }
}
