//! `tags cleanup --apply` and `tags undo` as processes against registries of each kind: killed
//! anywhere, disturbed, refused, and counted.

mod adversary;
mod claims;
mod cost;
mod disturbed;
mod killed;
mod moved;
mod scene;
mod seen;
mod stopped;
