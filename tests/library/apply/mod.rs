//! Plans applied to the embedded registries, and undone: what is gone, what is left, what is said.
#![cfg(feature = "sandbox")]

mod carried_out;
mod meanwhile;
mod put_back;
mod refused;
mod scene;
mod trouble;
