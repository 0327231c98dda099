//! The arguments of `tags list`; the doc comments are the help.

use clap::Args as ClapArgs;

use super::value::Order;

/// `tags list`
#[derive(ClapArgs)]
pub(crate) struct List {
    /// The environment
    pub(crate) env: String,
    /// What "previous" means [default: `order` of the environment in the policy]
    #[arg(long, value_name = "ORDER")]
    pub(crate) order: Option<Order>,
}
