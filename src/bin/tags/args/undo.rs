//! The arguments of `tags undo`; the doc comments are the help.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// `tags undo`
#[derive(ClapArgs)]
pub(crate) struct Undo {
    /// The journal file; `tags cleanup --apply` and `tags apply` print its path on stderr
    #[arg(value_name = "JOURNAL")]
    pub(crate) journal: PathBuf,
}
