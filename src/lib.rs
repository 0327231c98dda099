//! placeholder
pub mod collect;
pub mod history;
pub mod model;
pub mod policy;
pub mod registry;
pub mod report;
pub mod rollback;
pub mod running;
pub mod verify;
