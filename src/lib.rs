//! placeholder
pub mod collect;
pub mod model;
pub mod policy;
pub mod registry;
pub mod running;
pub mod verify;
