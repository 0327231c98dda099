//! Runs of a pipeline: what is found in them, and in their logs.

mod docs;
mod evidence;
mod images;
mod log;
mod properties;
mod scene;
mod stages;
mod trends;
