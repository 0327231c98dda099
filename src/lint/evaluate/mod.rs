//! Evaluates workflows: goes through every job, for every caller and every leg of its matrix, without
//! running anything.
//!
//! The outcome is what rules look at: which job pushes, uses and migrates what, and logs in where.

mod actions;
mod budget;
mod builder;
mod index;
mod job;
mod leg;
mod leg_runner;
mod matrix;
mod metadata;
mod order;
mod scope;
mod tags_input;
mod workflows;

pub(crate) use budget::Budget;
pub(crate) use builder::evaluate;
pub(crate) use leg::{Leg, Login, Origin, Push};
pub(crate) use scope::BadResult;
pub(crate) use workflows::{File, JobBody, JobKind, JobRun, Workflows};
