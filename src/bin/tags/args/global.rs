//! The options of every command; the doc comments are the help.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};
use tags::report::Format;

use super::value::{duration, format};
use super::written_file::written_file;
use crate::metrics::Collected;

/// Options of every command.
#[derive(ClapArgs, Clone)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The policy file [default: $TAGS_POLICY, else tags.toml or policies/tags.toml, upward to the repository root]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The format of results on stdout
    #[arg(long, global = true, default_value = "human", value_parser = format())]
    pub(crate) format: Format,
    /// Write metrics of the run to a file, for the textfile collector of Prometheus's node exporter
    #[arg(long, global = true, value_name = "FILE", value_parser = written_file())]
    pub(crate) metrics: Option<PathBuf>,
    /// What the run reported, for the metrics.
    #[arg(skip)]
    pub(crate) collected: Collected,
    /// Do not use the cache of manifests and configs on disk
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// How long one request may take
    #[arg(long, global = true, value_name = "DUR", default_value = "30s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// How long a run that changes registries waits without progress
    #[arg(long, global = true, hide = true, value_name = "DUR", default_value = "10m", value_parser = duration)]
    pub(crate) patience: Duration,
    /// How often progress is printed where it is not drawn
    #[arg(long, global = true, hide = true, value_name = "DUR", default_value = "30s", value_parser = duration)]
    pub(crate) progress_every: Duration,
    /// Show more: releases, retries and traffic; twice: each request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The format of what stderr gets; json: one object per line, and no progress
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// The format of the log.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Plain text
    Text,
    /// One JSON object per line
    Json,
}
