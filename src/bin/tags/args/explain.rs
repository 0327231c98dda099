//! The arguments of `tags explain`; the doc comments are the help.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::value::moment;

/// `tags explain`
#[derive(ClapArgs)]
pub(crate) struct Explain {
    /// A manifest as REPOSITORY:TAG or REPOSITORY@DIGEST; or an environment, followed by SHA; or a SHA alone
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// The release: a commit SHA or a prefix of it
    #[arg(value_name = "SHA")]
    pub(crate) sha: Option<String>,
    /// Keep the running images that this list names, as for `tags cleanup` (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) in_use: Option<PathBuf>,
    /// Explain as of another time, RFC 3339 or a date
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
}
