//! Shell text, as far as `docker` lines need it: words, variables, branches, loops, heredocs.
//!
//! Commands come out in the order in which they run, with their values filled in. What is not
//! known becomes a symbol.

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

pub(crate) use docker::by_digest;
pub(crate) use effect::{Effect, Verb};
pub(crate) use state::{FoundEffect, Machine, Shell};
