//! Reads tables, lists and values of a TOML document, and collects every problem.
//!
//! A deserializer would stop at the first unknown key or wrong type; this continues. It does not know
//! what the keys mean.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Span;
use super::problem::Problems;
use super::redact;
use super::suggest::suggest;

/// The value of a key.
#[derive(Debug, Default)]
pub(super) enum Field<T> {
    /// The key is missing.
    #[default]
    Missing,
    /// The value is invalid, and its problem was added.
    Broken,
    /// The value, of the right type.
    Set(Spanned<T>),
}

/// A list; an invalid entry is `None`.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<Option<Spanned<T>>>);

/// A table whose keys are names that the user chose; an invalid value is `None`.
#[derive(Debug)]
pub(super) struct Map<T>(pub(super) BTreeMap<Spanned<String>, Option<Spanned<T>>>);

/// The key whose value is read, and its position.
pub(super) struct KeyContext<'a> {
    pub(super) key: &'a str,
    pub(super) span: Span,
}

/// What can be read from a value.
pub(super) trait Read: Sized {
    /// Reads it, or adds a problem.
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self>;
}

/// Adds the problem that a value has another type than expected.
pub(super) fn wrong_type(
    expected: &str,
    found: &DeValue<'_>,
    at: &KeyContext<'_>,
    problems: &mut Problems,
) {
    let found_type = if found.is_array() { "list" } else { found.type_str() };
    let message = format!("`{}`: expected {expected}, found {found_type}", at.key);
    let quotes = expected == "a string" && (found.is_integer() || found.is_float());
    match found {
        DeValue::Integer(number) if expected == "a duration" => {
            problems.add_with_help(at.span.clone(), message, format!("write it as \"{number}d\""));
        }
        DeValue::Table(_) if expected == "a list" => problems.add_with_help(
            at.span.clone(),
            message,
            format!("a table that can be repeated needs double brackets: `[[{}]]`", at.key),
        ),
        _ if quotes => problems.add_with_help(at.span.clone(), message, "put it in quotes"),
        _ => problems.add(at.span.clone(), message),
    }
}

impl<T> Field<T> {
    /// The value and its position.
    pub(super) fn set(&self) -> Option<&Spanned<T>> {
        match self {
            Self::Set(value) => Some(value),
            Self::Missing | Self::Broken => None,
        }
    }

    /// The value.
    pub(super) fn get(&self) -> Option<&T> {
        self.set().map(Spanned::get_ref)
    }

    /// The value; a missing one is a problem of the table.
    pub(super) fn required(
        &self,
        key: &str,
        table: &Spanned<String>,
        problems: &mut Problems,
    ) -> Option<&Spanned<T>> {
        if matches!(self, Self::Missing) {
            problems.add(table.span(), format!("`{table}` has no `{key}`"));
        }
        self.set()
    }
}

impl<T> Field<List<T>> {
    /// The entries that are not broken.
    pub(super) fn items(&self) -> impl Iterator<Item = &Spanned<T>> {
        self.get().into_iter().flat_map(|list| list.0.iter().flatten())
    }
}

impl<T> Field<Map<T>> {
    /// The names with their values.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Spanned<String>, Option<&Spanned<T>>)> {
        self.get().into_iter().flat_map(|map| map.0.iter().map(|(k, v)| (k, v.as_ref())))
    }

    /// The names, broken or not.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(name, _)| name.get_ref().as_str())
    }

    /// Whether a name is there, broken or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get().is_some_and(|map| map.0.contains_key(name))
    }
}

/// Reads one key of a table.
pub(super) fn field<T: Read>(table: &DeTable<'_>, key: &str, problems: &mut Problems) -> Field<T> {
    table.get(key).map_or(Field::Missing, |value| {
        read_spanned(value, key, problems).map_or(Field::Broken, Field::Set)
    })
}

/// Adds a problem for every unknown key of a table.
pub(super) fn refuse_others(table: &DeTable<'_>, keys: &[&str], problems: &mut Problems) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if keys.contains(&name) {
            continue;
        }
        if redact::names_credential(name) {
            problems.hide(value.span());
            problems.add_with_help(
                key.span(),
                format!("credentials such as `{name}` do not belong in a policy file"),
                "put them in environment variables, and name those with `token-env` \
                 (and `username-env`)",
            );
        } else {
            let help = suggest(name, keys.iter().copied());
            problems.add_with_help(key.span(), format!("unknown key `{name}`"), help);
        }
    }
}

/// The table in a value, or a problem if it is not a table.
pub(super) fn table<'v, 'i>(
    value: &'v DeValue<'i>,
    at: &KeyContext<'_>,
    problems: &mut Problems,
) -> Option<&'v DeTable<'i>> {
    let DeValue::Table(table) = value else {
        wrong_type("a table", value, at, problems);
        return None;
    };
    Some(table)
}

fn read_spanned<T: Read>(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    problems: &mut Problems,
) -> Option<Spanned<T>> {
    let at = KeyContext { key, span: value.span() };
    let read = T::read(value.get_ref(), &at, problems)?;
    Some(Spanned::new(value.span(), read))
}

impl<T: Read> Read for List<T> {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        let DeValue::Array(array) = value else {
            wrong_type("a list", value, at, problems);
            return None;
        };
        Some(Self(array.iter().map(|item| read_spanned(item, at.key, problems)).collect()))
    }
}

impl<T: Read> Read for Map<T> {
    fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
        let entries = table(value, at, problems)?.iter().map(|(name, value)| {
            let key = Spanned::new(name.span(), name.get_ref().as_ref().to_owned());
            (key, read_spanned(value, name.get_ref(), problems))
        });
        Some(Self(entries.collect()))
    }
}
