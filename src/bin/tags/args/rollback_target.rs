//! The arguments of `tags rollback-target`; the doc comments are the help.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use tags::command::ReleaseOrder;

use super::value::order;

/// `tags rollback-target`
#[derive(ClapArgs)]
pub(crate) struct RollbackTarget {
    /// The environment
    pub(crate) env: String,
    /// The current release: a commit SHA or a prefix of it
    #[arg(long, value_name = "SHA")]
    pub(crate) from: Option<String>,
    /// Find the current release by the running images: image references, one per line (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) running: Option<PathBuf>,
    /// How many good releases to go back
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: u32,
    /// What "previous" means [default: `order` of the environment in the policy]
    #[arg(long, value_name = "ORDER", value_parser = order())]
    pub(crate) order: Option<ReleaseOrder>,
    /// Do not check whether the target's content exists
    #[arg(long)]
    pub(crate) quick: bool,
}
