//! The contents of repositories, read from embedded registries: what is found, what is in doubt,
//! and what it costs.
#![cfg(feature = "sandbox")]

mod completing;
mod cost;
mod doubt;
mod earlier;
mod links;
mod managed;
mod world;
