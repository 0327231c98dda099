//! placeholder
pub mod model;
pub mod policy;
#[cfg(feature = "sandbox")]
pub mod sandbox;
