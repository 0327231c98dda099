//! What a condition says of values, if it holds: `inputs.tag == '' && …`.

use super::interpolate::sole_expression;
use super::parse::{Expression, Operator, Part, parse};
use super::value::Value;

/// Paths, in lower case, and the values that they surely have when the condition holds.
pub(crate) fn facts(condition: &str) -> Vec<(String, Value)> {
    let source = sole_expression(condition).unwrap_or(condition);
    let mut facts = Vec::new();
    if let Some(expression) = parse(source) {
        collect(&expression, &mut facts);
    }
    facts
}

fn collect(expression: &Expression, facts: &mut Vec<(String, Value)>) {
    match expression {
        Expression::Binary(Operator::And, left, right) => {
            collect(left, facts);
            collect(right, facts);
        }
        Expression::Binary(Operator::Equal, left, right) => {
            let fact = match (left.as_ref(), right.as_ref()) {
                (Expression::Access(path), Expression::Literal(value))
                | (Expression::Literal(value), Expression::Access(path)) => {
                    path_of(path).map(|path| (path, value.clone()))
                }
                _ => None,
            };
            facts.extend(fact);
        }
        Expression::Not(inner) => {
            if let Expression::Access(path) = inner.as_ref() {
                facts.extend(path_of(path).map(|path| (path, Value::Text(String::new()))));
            }
        }
        _ => {}
    }
}

fn path_of(parts: &[Part]) -> Option<String> {
    let names: Option<Vec<String>> = parts
        .iter()
        .map(|part| match part {
            Part::Name(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    let path = names?.join(".");
    Some(path.replace("github.event.inputs.", "inputs."))
}
