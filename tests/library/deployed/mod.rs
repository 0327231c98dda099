//! What was deployed, and what to go back to: histories of runs, jobs and records with the right target
//! for each.

mod history;
mod targets;
