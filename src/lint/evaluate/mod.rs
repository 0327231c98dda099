//! Workflows carried out on paper: every job, for every caller and every leg of its matrix.
//!
//! The outcome is what rules look at: who pushes what, who uses what, who is logged in where.

mod action;
mod budget;
mod fact;
mod index;
mod job;
mod matrix;
mod metadata;
mod order;
mod scope;
mod set;
mod step;
mod tags;
mod tree;

pub(crate) use budget::Budget;
pub(crate) use fact::{Leg, Login, Origin, Push};
pub(crate) use scope::Ending;
pub(crate) use set::{Call, File, JobKind, Set, Task};
pub(crate) use tree::evaluate;
