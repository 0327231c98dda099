//! The arguments of `tags explain`; the doc comments are the help.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::value::moment;

/// `tags explain`
#[derive(ClapArgs)]
pub(crate) struct Explain {
    /// A manifest as REPOSITORY:TAG or REPOSITORY@DIGEST; or an environment, with SHA
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// The release: a commit SHA or the beginning of one
    #[arg(value_name = "SHA")]
    pub(crate) sha: Option<String>,
    /// Running images, as for `tags cleanup` (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) in_use: Option<PathBuf>,
    /// Explain as of another time, RFC 3339 or a date
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
}
