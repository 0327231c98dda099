//! The legs of a matrix: products, exclusions, inclusions.
//!
//! <https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations>

use super::scope::JobScope;
use crate::lint::expression::Value;
use crate::lint::symbol::is_symbol;
use crate::lint::yaml::{Node, NodeKind};

/// The most legs of a job that GitHub runs.
const MOST_LEGS: usize = 256;
/// The most values of a matrix that are read; each use of an alias counts.
const MOST_VALUES: usize = 10_000;

type Row = Vec<(String, Value)>;

/// The values of each leg; a single leg without values if the matrix depends on what is unknown.
pub(super) fn legs(matrix: Option<&Node>, scope: &JobScope<'_>) -> Vec<Option<Value>> {
    let Some(matrix) = matrix else { return vec![Some(Value::Map(Vec::new()))] };
    let mut room = MOST_VALUES;
    let Value::Map(entries) = data(matrix, scope, &mut room) else { return vec![None] };
    if entries.iter().any(|(_, value)| is_unknown(value)) {
        return vec![partly(&entries)];
    }
    let mut rows = product(&entries);
    let list = |name: &str| -> Vec<Row> {
        let found = entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let Some(Value::List(items)) = found else { return Vec::new() };
        items
            .iter()
            .filter_map(|item| if let Value::Map(row) = item { Some(row.clone()) } else { None })
            .collect()
    };
    let excluded = list("exclude");
    rows.retain(|row| !excluded.iter().any(|pattern| covers(row, pattern)));
    include(&mut rows, &list("include"));
    if rows.is_empty() {
        return vec![None];
    }
    rows.into_iter().take(MOST_LEGS).map(|row| Some(Value::Map(row))).collect()
}

/// `app=frontend, os=linux`: scalars only.
pub(super) fn label(leg: &Value) -> String {
    let Value::Map(entries) = leg else { return String::new() };
    let shown = entries.iter().filter_map(|(key, value)| match value {
        Value::Text(text) => Some(format!("{key}={text}")),
        _ => None,
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.chars().any(is_symbol),
        Value::List(items) => items.iter().any(|item| matches!(item, Value::Text(text) if text.chars().count() == 1 && text.chars().any(is_symbol))),
        _ => false,
    }
}

/// The values that are the same in every leg of a matrix that is not wholly known.
fn partly(entries: &[(String, Value)]) -> Option<Value> {
    if entries.iter().any(|(key, _)| key == "include" || key == "exclude") {
        return None;
    }
    let row = entries.iter().filter_map(|(key, value)| match value {
        Value::List(items) if items.len() == 1 && !is_unknown(value) => {
            Some((key.clone(), items[0].clone()))
        }
        _ => None,
    });
    let row: Row = row.collect();
    (row.len() == entries.len()).then_some(Value::Map(row))
}

fn product(entries: &[(String, Value)]) -> Vec<Row> {
    let mut rows: Vec<Row> = vec![Vec::new()];
    let mut any = false;
    for (key, value) in entries {
        let Value::List(items) = value else { continue };
        if key == "include" || key == "exclude" {
            continue;
        }
        any = true;
        let mut next = Vec::new();
        for row in &rows {
            for item in items.iter().take(MOST_LEGS) {
                if next.len() >= MOST_LEGS {
                    break;
                }
                let mut row = row.clone();
                row.push((key.clone(), item.clone()));
                next.push(row);
            }
        }
        rows = next;
    }
    if any { rows } else { Vec::new() }
}

fn value<'r>(row: &'r Row, key: &str) -> Option<&'r Value> {
    row.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn covers(row: &Row, pattern: &Row) -> bool {
    pattern.iter().all(|(key, wanted)| value(row, key) == Some(wanted))
}

/// Adds each inclusion to every leg in which it overwrites no original value, or as a leg of its own.
fn include(rows: &mut Vec<Row>, additions: &[Row]) {
    let originals: Vec<Row> = rows.clone();
    for addition in additions.iter().take(MOST_LEGS) {
        let mut added = false;
        for (row, original) in rows.iter_mut().zip(&originals) {
            let fits = addition
                .iter()
                .all(|(key, new)| value(original, key).is_none_or(|value| value == new));
            if fits {
                added = true;
                for (key, new) in addition {
                    row.retain(|(name, _)| name != key);
                    row.push((key.clone(), new.clone()));
                }
            }
        }
        if !added {
            rows.push(addition.clone());
        }
    }
}

/// The value with all scalars as text: types do not matter where they are put into text.
fn texts(value: Value, scope: &JobScope<'_>) -> Value {
    match value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| texts(item, scope)).collect())
        }
        Value::Map(entries) => {
            Value::Map(entries.into_iter().map(|(key, value)| (key, texts(value, scope))).collect())
        }
        value => Value::Text(value.text(scope.symbols)),
    }
}

/// A node as a value, with its expressions replaced.
fn data(node: &Node, scope: &JobScope<'_>, room: &mut usize) -> Value {
    *room = room.saturating_sub(1);
    if *room == 0 {
        return Value::Text(scope.symbols.any("a large matrix", "<matrix>"));
    }
    match &node.kind {
        NodeKind::Scalar(scalar) => texts(scope.value(scalar.text()), scope),
        NodeKind::Sequence(items) => {
            Value::List(items.iter().map(|item| data(item, scope, room)).collect())
        }
        NodeKind::Mapping(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| (entry.key.text().to_owned(), data(&entry.value, scope, room)))
                .collect(),
        ),
    }
}
