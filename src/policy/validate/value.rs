//! Checks of single values that several tables share.
//!
//! Each returns the value if it is valid, else adds a problem at the value's position.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;

use crate::model::{Platform, Sha};
use crate::policy::problem::Problems;
use crate::policy::read::{Field, List};
use crate::policy::scalar::DurationText;
use crate::policy::suggest::suggest;

/// The longest duration: longer than anybody keeps images, short enough for arithmetic with dates.
const LONGEST: Duration = Duration::from_hours(1000 * 366 * 24);

/// Whether a duration may be zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ZeroDuration {
    Allowed,
    Refused,
}

/// Parses a string.
pub(super) fn parsed<T, E: Display>(
    text: &Spanned<String>,
    parse: impl Fn(&str) -> Result<T, E>,
    problems: &mut Problems,
) -> Option<T> {
    match parse(text.get_ref()) {
        Ok(value) => Some(value),
        Err(error) => {
            let lower = text.get_ref().to_lowercase();
            if parse(&lower).is_ok() {
                problems.add_with_help(text.span(), error, format!("write it as `{lower}`"));
            } else {
                problems.add(text.span(), error);
            }
            None
        }
    }
}

/// A duration, if the key is set and valid.
pub(super) fn duration(
    field: &Field<DurationText>,
    zero: ZeroDuration,
    problems: &mut Problems,
) -> Option<Duration> {
    let text = field.set()?;
    let shown = &text.get_ref().0;
    let fault = match humantime::parse_duration(shown) {
        Ok(duration) if duration.is_zero() && zero == ZeroDuration::Refused => {
            format!("`{shown}` keeps nothing; a duration here must be longer than zero")
        }
        Ok(duration) if duration > LONGEST => format!("`{shown}` is longer than 1000 years"),
        Ok(duration) => return Some(duration),
        Err(humantime::DurationError::UnknownUnit { unit, .. }) if !unit.is_empty() => {
            format!("`{shown}` is not a duration: there is no unit `{unit}`")
        }
        Err(_) => format!("`{shown}` is not a duration"),
    };
    problems.add_with_help(
        text.span(),
        fault,
        "durations look like \"14d\", \"24h\" or \"1h 30m\"",
    );
    None
}

/// Tag globs; `*` stands for anything, since tags have no directories.
pub(super) fn globs(field: &Field<List<String>>, problems: &mut Problems) -> Vec<GlobMatcher> {
    let mut globs = Vec::new();
    for text in field.items() {
        if text.get_ref().is_empty() {
            problems.add(text.span(), "an empty glob matches no tag");
            continue;
        }
        match GlobBuilder::new(text.get_ref()).literal_separator(false).build() {
            Ok(glob) => globs.push(glob.compile_matcher()),
            Err(error) => {
                let message = format!("`{}` is not a glob: {}", text.get_ref(), error.kind());
                problems.add(text.span(), message);
            }
        }
    }
    globs
}

/// Commit SHAs or prefixes of them.
pub(super) fn shas(field: &Field<List<String>>, problems: &mut Problems) -> Vec<Sha> {
    field.items().filter_map(|text| parsed(text, Sha::parse, problems)).collect()
}

/// Platforms, `os/arch[/variant]`.
pub(super) fn platforms(field: &Field<List<String>>, problems: &mut Problems) -> Vec<Platform> {
    field
        .items()
        .filter_map(|text| {
            let platform = platform(text.get_ref());
            if platform.is_none() {
                let message = format!("`{}` is not a platform", text.get_ref());
                let help = "write os/arch or os/arch/variant, such as `linux/arm64/v8`";
                problems.add_with_help(text.span(), message, help);
            }
            platform
        })
        .collect()
}

fn platform(text: &str) -> Option<Platform> {
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
            })
    };
    let parts: Vec<&str> = text.split('/').collect();
    if !parts.iter().copied().all(word) {
        return None;
    }
    let (os, architecture, variant) = match parts[..] {
        [os, architecture] => (os, architecture, None),
        [os, architecture, variant] => (os, architecture, Some(variant.to_owned())),
        _ => return None,
    };
    Some(Platform { os: os.to_owned(), architecture: architecture.to_owned(), variant })
}

/// Adds a problem for an entry that a list has twice.
pub(super) fn refuse_duplicates(field: &Field<List<String>>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for text in field.items() {
        if !seen.insert(text.get_ref()) {
            problems.add(text.span(), format!("`{}` is listed twice", text.get_ref()));
        }
    }
}

/// Adds a problem for an empty list.
pub(super) fn refuse_empty(key: &str, field: &Field<List<String>>, problems: &mut Problems) {
    if let Some(list) = field.set().filter(|list| list.get_ref().0.is_empty()) {
        problems.add(list.span(), format!("`{key}` is empty"));
    }
}

/// Checks that the file defines a name.
pub(super) fn refer(
    what: &str,
    name: &Spanned<String>,
    known: &[&str],
    problems: &mut Problems,
) -> Option<()> {
    if known.contains(&name.get_ref().as_str()) {
        return Some(());
    }
    let message = format!("unknown {what} `{}`", name.get_ref());
    problems.add_with_help(name.span(), message, suggest(name.get_ref(), known.iter().copied()));
    None
}

/// A list of names: at least one, none twice, all defined in the file.
pub(super) fn references<'a>(
    (key, what): (&str, &str),
    field: &Field<List<String>>,
    known: &[&'a str],
    problems: &mut Problems,
) -> Vec<&'a str> {
    refuse_empty(key, field, problems);
    refuse_duplicates(field, problems);
    let mut found = Vec::new();
    for name in field.items() {
        if refer(what, name, known, problems).is_some() {
            found.extend(known.iter().find(|known| *known == name.get_ref()));
        }
    }
    found
}

/// One of a few words.
pub(super) fn choice<T: Copy>(
    key: &str,
    text: &Spanned<String>,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let found = choices.iter().find(|(word, _)| word == text.get_ref());
    if found.is_none() {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is not a value of `{key}`", text.get_ref());
        problems.add_with_help(text.span(), message, suggest(text.get_ref(), words));
    }
    found.map(|(_, value)| *value)
}
