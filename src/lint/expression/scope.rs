//! What names mean where an expression is evaluated, and symbols for what is not known there.

use super::value::Value;
use crate::lint::symbol::{Symbols, bounded};

/// What names mean where an expression is.
pub(crate) trait Scope {
    /// All symbols.
    fn symbols(&self) -> &Symbols;

    /// The value of a path such as `matrix.app`; none if it is not known.
    fn lookup(&self, path: &[String]) -> Option<Value>;

    /// The value of `always()`, `success()`, `failure()` or `cancelled()`, if it is assumed.
    fn status(&self, _function: &str) -> Option<bool> {
        None
    }
}

/// An expression as it is written in a workflow.
pub(super) fn braced(name: &str) -> String {
    format!("${{{{ {name} }}}}")
}

/// An unknown value, named after the expression that it comes from.
pub(super) fn unknown(name: &str, scope: &dyn Scope) -> Value {
    let name = bounded(name.to_owned());
    Value::Text(scope.symbols().any(&name, &braced(&name)))
}
