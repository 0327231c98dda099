//! What several of the test binaries need.

pub(crate) mod packages;
