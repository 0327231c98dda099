//! The arguments of `tags lint`; the doc comments are the help.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// `tags lint`
#[derive(ClapArgs)]
pub(crate) struct Lint {
    /// Workflow files or directories of workflow files [default: .github/workflows, upward to the repository root]
    pub(crate) path: Vec<PathBuf>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Print as a diff what can be corrected in one way only: a SHA tag twice beside a missing latest
    /// tag, `cancel-in-progress: true` on pushes, upper-case names
    #[arg(long, conflicts_with = "explain")]
    pub(crate) fix: bool,
    /// With --fix, write the corrections into the files
    #[arg(long, requires = "fix")]
    pub(crate) apply: bool,
    /// Print why a rule exists, with a bad and a good example (`all` for every rule)
    #[arg(long, value_name = "RULE", conflicts_with = "path")]
    pub(crate) explain: Option<String>,
}
