//! Shell text, as far as `docker` lines need it: words, variables, branches, loops, heredocs.
//!
//! Commands come out in the order in which they run, with their values filled in. What is not
//! known becomes a symbol.

mod command;
mod copy;
mod docker;
mod effect;
mod expand;
mod fact;
mod keyword;
mod lex;
mod login;
mod migration;
mod option;
mod output;
mod repeat;
mod run;
mod state;
mod substitute;
mod test;
mod variable;

pub(crate) use docker::by_digest;
pub(crate) use fact::{Fact, Verb};
pub(crate) use state::{Machine, Shell, State};
