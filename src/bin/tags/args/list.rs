//! The arguments of `tags list`; the doc comments are the help.

use clap::Args as ClapArgs;
use tags::command::ReleaseOrder;

use super::value::order;

/// `tags list`
#[derive(ClapArgs)]
pub(crate) struct List {
    /// The environment
    pub(crate) env: String,
    /// What "previous" means [default: `order` of the environment in the policy]
    #[arg(long, value_name = "ORDER", value_parser = order())]
    pub(crate) order: Option<ReleaseOrder>,
}
