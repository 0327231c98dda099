//! The value of an expression in a scope.

use super::function::call;
use super::parse::{Expression, Operator, Part};
use super::scope::{Scope, braced, unknown};
use super::value::Value;
use crate::lint::symbol::{Symbols, bounded};

/// The value of an expression.
pub(crate) fn evaluate(expression: &Expression, scope: &dyn Scope) -> Value {
    match expression {
        Expression::Literal(value) => value.clone(),
        Expression::Access(parts) => access(parts, scope),
        Expression::Within(inner, parts) => within(&evaluate(inner, scope), parts, scope),
        Expression::Call(name, arguments) => {
            let values: Vec<Value> = arguments.iter().map(|a| evaluate(a, scope)).collect();
            call(name, &values, scope)
        }
        Expression::Not(inner) => {
            let value = evaluate(inner, scope);
            match value.truth() {
                Some(truth) => Value::Bool(!truth),
                None => unknown(&format!("!{}", value.source(scope.symbols())), scope),
            }
        }
        Expression::Binary(operator, left, right) => {
            let left = evaluate(left, scope);
            match (operator, left.truth()) {
                (Operator::And, Some(false)) | (Operator::Or, Some(true)) => left,
                _ => binary(*operator, &left, evaluate(right, scope), scope),
            }
        }
    }
}

fn binary(operator: Operator, left: &Value, right: Value, scope: &dyn Scope) -> Value {
    let symbols = scope.symbols();
    let name =
        bounded(format!("{} {} {}", left.source(symbols), operator.sign(), right.source(symbols)));
    match operator {
        Operator::Equal | Operator::Unequal => match left.equals(&right, symbols) {
            Some(equal) => Value::Bool(equal == (operator == Operator::Equal)),
            None => unknown(&name, scope),
        },
        Operator::Compare(_) => unknown(&name, scope),
        Operator::And => match left.truth() {
            Some(true) => right,
            // Whatever the left side is, the whole counts as false.
            _ if right.truth() == Some(false) => right,
            _ => Value::Text(symbols.conditional(&name, &braced(&name), right.text(symbols))),
        },
        Operator::Or => match left.truth() {
            Some(false) => right,
            _ => either(left, &right, &name, symbols),
        },
    }
}

/// `a || b` with an unknown `a`: what `a` can be when it counts as true, or `b`.
fn either(left: &Value, right: &Value, name: &str, symbols: &Symbols) -> Value {
    let left = left.text(symbols);
    let conditional = symbols.single(&left).filter(|symbol| symbol.conditional);
    let choices = conditional.map(|symbol| {
        let mut choices = symbol.choices.clone();
        choices.extend(symbols.possibilities(&right.text(symbols)));
        choices
    });
    Value::Text(symbols.choice(name, &braced(name), choices.unwrap_or_default()))
}

/// The value of a path.
fn access(parts: &[Part], scope: &dyn Scope) -> Value {
    let symbols = scope.symbols();
    let path: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Name(name) => name.clone(),
            Part::Index(index) => evaluate(index, scope).text(symbols),
            Part::All => "*".to_owned(),
        })
        .collect();
    scope.lookup(&path).unwrap_or_else(|| {
        let name: Vec<String> = path.iter().map(|part| symbols.named(part)).collect();
        Value::Text(symbols.context(&bounded(name.join(".").to_ascii_lowercase())))
    })
}

fn within(value: &Value, parts: &[Part], scope: &dyn Scope) -> Value {
    let symbols = scope.symbols();
    let mut found = value.clone();
    let mut name = value.source(symbols);
    for part in parts {
        let step = match part {
            Part::Name(name) => name.clone(),
            Part::Index(index) => evaluate(index, scope).text(symbols),
            Part::All => "*".to_owned(),
        };
        name = format!("{name}.{}", symbols.named(&step));
        found = match found.member(&step) {
            Some(member) => member.clone(),
            None if matches!(found, Value::List(_) | Value::Map(_)) && step != "*" => Value::Null,
            None => unknown(&name, scope),
        };
    }
    found
}
