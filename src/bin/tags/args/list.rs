//! The arguments of `tags list`; the doc comments are the help.

use clap::Args as ClapArgs;

/// `tags list`
#[derive(ClapArgs)]
pub(crate) struct List {
    /// The environment
    pub(crate) env: String,
}
