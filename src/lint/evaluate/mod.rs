//! Workflows carried out on paper: every job, for every caller and every leg of its matrix.
//!
//! The outcome is what rules look at: who pushes what, who uses what, who is logged in where.

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
