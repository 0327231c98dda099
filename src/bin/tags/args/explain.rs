//! The arguments of `tags explain`; the doc comments are the help.

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::in_use::{InUseSource, in_use};
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
    /// Keep what runs, as for `tags cleanup`: FILE, -, kubernetes[:CONTEXT], docker[:HOST] or ssh:[USER@]HOST
    #[arg(long, value_name = "SOURCE", value_parser = in_use())]
    pub(crate) in_use: Vec<InUseSource>,
    /// Explain as of another time, RFC 3339 or a date
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
}
