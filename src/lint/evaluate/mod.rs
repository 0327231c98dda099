//! Evaluates workflows: goes through every job, for every caller and every leg of its matrix, without
//! running anything.
//!
//! The outcome is what rules look at: which job pushes, uses and migrates what, and logs in where.

mod actions;
mod budget;
mod build_push;
mod builder;
mod classify;
mod database;
mod effects;
mod event;
mod facts;
mod index;
mod job;
mod job_kind;
mod job_run;
mod leg;
mod leg_runner;
mod matrix;
mod metadata;
mod metadata_rule;
mod order;
mod scope;
mod tags_input;
mod trigger;
mod workflows;
mod written;

pub(crate) use budget::Budget;
pub(crate) use builder::evaluate;
pub(crate) use event::{Event, GitRef, is_main};
pub(crate) use job_kind::{JobKind, job_words, words};
pub(crate) use job_run::{File, JobBody, JobRun};
pub(crate) use leg::{Leg, Login, Origin, Push, Use};
pub(crate) use scope::BadResult;
pub(crate) use workflows::Workflows;
pub(crate) use written::why_empty;
