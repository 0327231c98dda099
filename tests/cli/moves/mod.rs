//! `tags rollback`, `tags promote` and what `tags undo` does to them.

mod promoting;
mod resuming;
mod rolling_back;
pub(crate) mod scene;
