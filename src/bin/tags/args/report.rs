//! The arguments of `tags report`; the doc comments are the help.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args as ClapArgs;

use super::value::moment;
use super::written_file::written_file;

/// `tags report`
#[derive(ClapArgs)]
pub(crate) struct Report {
    /// The environments [default: all of the policy]
    pub(crate) env: Vec<String>,
    /// The file to write the page to: one HTML file that needs nothing else
    #[arg(long, value_name = "FILE", value_parser = written_file())]
    pub(crate) out: Option<PathBuf>,
    /// Show this plan, which `tags cleanup --out` wrote, instead of a new one (- for stdin)
    #[arg(long, value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
    /// Plan and count ages as of another time, RFC 3339 or a date
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
    /// Only one of N parts of the repositories, as in tags cleanup: from 0/N to N-1/N; N alone: part $JOB_COMPLETION_INDEX
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
}
