//! Shell scripts, as far as `docker` commands need it: words, variables, branches, loops, heredocs.
//!
//! Nothing is run: commands are gone through in their order, with values filled in. An unknown value
//! is a symbol.

mod alternatives;
mod arms;
mod braces;
mod call;
mod command;
mod compound;
mod condition;
mod copy;
mod docker;
mod effect;
mod ending;
mod env_file;
mod expand;
mod failure;
mod harmless;
mod input;
mod lex;
mod login;
mod loops;
mod migration;
mod opaque;
mod option;
mod pipeline;
mod reach;
mod rollout;
mod run;
mod state;
mod substitute;
mod variable;
mod wrapper;

pub(crate) use alternatives::Alternatives;
pub(crate) use docker::{Outputs, cache_reference};
pub(crate) use effect::{Build, DigestName, Effect, ImageUse, RollOutTarget};
pub(crate) use failure::Failure;
pub(crate) use state::{FoundEffect, Machine, Shell};
