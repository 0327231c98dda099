//! Reads single values: strings, numbers, booleans, durations; a wrong type is a problem.
//!
//! Only types are checked here; `validate` checks the content of strings.

use toml::de::DeValue;

use super::problem::Problems;
use super::read::{KeyContext, Read, wrong_type};

/// A duration, not yet parsed.
#[derive(Debug)]
pub(super) struct DurationText(pub(super) String);

/// A number of bytes, not yet parsed.
#[derive(Debug)]
pub(super) struct SizeText(pub(super) String);

impl Read for SizeText {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        if let DeValue::String(text) = value {
            return Some(Self(text.as_ref().to_owned()));
        }
        wrong_type("a size such as \"20GiB\"", value, at, problems);
        None
    }
}

impl Read for String {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        if let DeValue::String(text) = value {
            return Some(text.as_ref().to_owned());
        }
        wrong_type("a string", value, at, problems);
        None
    }
}

impl Read for DurationText {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        if let DeValue::String(text) = value {
            return Some(Self(text.as_ref().to_owned()));
        }
        wrong_type("a duration", value, at, problems);
        None
    }
}

impl Read for bool {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        if let DeValue::Boolean(flag) = value {
            return Some(*flag);
        }
        wrong_type("true or false", value, at, problems);
        None
    }
}

impl Read for u32 {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        let DeValue::Integer(number) = value else {
            wrong_type("a whole number", value, at, problems);
            return None;
        };
        let read = Self::from_str_radix(number.as_str(), number.radix()).ok();
        if read.is_none() {
            let message = format!(
                "`{}`: expected a whole number from 0 to {}, found {number}",
                at.key,
                Self::MAX
            );
            problems.add(at.span.clone(), message);
        }
        read
    }
}

impl Read for f64 {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        let text = match value {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            _ => {
                wrong_type("a number", value, at, problems);
                return None;
            }
        };
        let read = text.parse().ok();
        if read.is_none() {
            problems.add(at.span.clone(), format!("`{}`: `{text}` is not a number", at.key));
        }
        read
    }
}
