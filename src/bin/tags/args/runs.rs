//! The arguments of `tags runs`; the doc comments are the help.

use clap::Args as ClapArgs;
use tags::command::runs::SplitAt;

use super::value::split_at;

/// `tags runs`
#[derive(ClapArgs)]
pub(crate) struct Runs {
    /// The environments [default: all with a table `deploys` in the policy]
    pub(crate) env: Vec<String>,
    /// How many of the newest runs to judge [default: `last` of the policy, else 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub(crate) last: Option<u32>,
    /// Judge only this run, by its number
    #[arg(long, value_name = "ID", conflicts_with_all = ["last", "split"])]
    pub(crate) run: Option<u64>,
    /// Show the failure rates before and since the first run of a commit, or a time
    #[arg(long, value_name = "SHA|TIME", value_parser = split_at)]
    pub(crate) split: Option<SplitAt>,
    /// Read the logs of this many runs, of those that deployed last
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) logs: u8,
}
