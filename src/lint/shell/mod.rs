//! Shell scripts, as far as `docker` commands need it: words, variables, branches, loops, heredocs.
//!
//! Nothing is run: commands are gone through in their order, with values filled in. An unknown value
//! is a symbol.

mod command;
mod compound;
mod condition;
mod copy;
mod docker;
mod effect;
mod env_file;
mod expand;
mod lex;
mod login;
mod loops;
mod migration;
mod option;
mod pipeline;
mod run;
mod state;
mod substitute;
mod variable;

pub(crate) use docker::Outputs;
pub(crate) use effect::{Effect, ImageUse};
pub(crate) use state::{FoundEffect, Machine, Shell};
