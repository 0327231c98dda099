//! YAML with the position of every key, every scalar and every character of a scalar.
//!
//! Scalars have no types: `on`, `1.10` and `false` stay text.

mod node;
mod read;
mod scalar;

pub(crate) use node::{Entry, Node, NodeKind};
pub(crate) use read::{Defect, DefectKind, read};
pub(crate) use scalar::Scalar;
