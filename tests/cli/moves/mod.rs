//! `tags rollback`, `tags promote` and what `tags undo` does to them.

mod failing;
mod promoting;
mod resuming;
mod rolling_back;
pub(crate) mod scene;
