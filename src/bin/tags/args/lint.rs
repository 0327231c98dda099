//! The arguments of `tags lint`; the doc comments are the help.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// `tags lint`
#[derive(ClapArgs)]
pub(crate) struct Lint {
    /// Workflow files or directories of workflow files [default: .github/workflows]
    pub(crate) path: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Print why a rule exists, with a bad and a good example (`all` for every rule)
    #[arg(long, value_name = "RULE", conflicts_with = "path")]
    pub(crate) explain: Option<String>,
}
