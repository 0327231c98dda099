//! GitHub's expressions: `${{ github.ref == 'refs/heads/main' && 'prod' || 'dev' }}`.
//!
//! An unknown value becomes a symbol; nothing is guessed.

mod evaluate;
mod facts;
mod function;
mod interpolate;
mod lex;
mod parse;
mod scope;
mod value;

pub(crate) use facts::facts;
pub(crate) use interpolate::{condition, interpolate, sole_expression, value_of_text};
pub(crate) use scope::Scope;
pub(crate) use value::Value;
