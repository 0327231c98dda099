//! Reports on one shared value, and plan files written and read again.

mod formats;
mod hostile;
mod moving;
mod plan_file;
mod undo;
mod world;
