//! YAML with the place of every key, every scalar and every character of a scalar.
//!
//! Types are left alone: `on`, `1.10` and `false` stay the text that was written.

mod node;
mod read;
mod scalar;

pub(crate) use node::{Entry, Node, NodeKind};
pub(crate) use read::{Defect, DefectKind, read};
pub(crate) use scalar::Scalar;
