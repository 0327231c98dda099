//! What names mean where an expression is evaluated, and symbols for what is not known there.

use super::value::Value;
use crate::lint::symbol::{Symbols, bounded};

/// What names mean at some place of a workflow.
pub(crate) trait Scope {
    /// All symbols.
    fn symbols(&self) -> &Symbols;

    /// The value behind a path such as `matrix`, `app`; none when nothing is known of it.
    fn lookup(&self, path: &[String]) -> Option<Value>;

    /// What `always()`, `success()`, `failure()` and `cancelled()` say, where that is assumed.
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
