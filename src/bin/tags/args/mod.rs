//! The command line; the doc comments are the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

mod cleanup;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
pub(crate) use cleanup::{Apply, Cleanup, Explain, Undo};
use tags::report::Format;
use value::{duration, format};

/// A container registry tag manager: verify releases, find what to roll back to, clean up the rest
#[derive(Parser)]
#[command(name = "tags", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
    0  all checks passed, or done
    1  a check failed, or nothing to roll back to
    2  wrong usage or policy file
    3  a registry could not be read, so the answer is unknown
    4  credentials or permission
    5  a guard refused: limits, an outdated plan, an empty list of what is in use
    6  applied in part
  130  interrupted";

/// Options that every command takes.
#[derive(ClapArgs, Clone)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The policy file [default: $TAGS_POLICY, else tags.toml or policies/tags.toml, upward to the repository root]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// How results are written to stdout
    #[arg(long, global = true, default_value = "human", value_parser = format())]
    pub(crate) format: Format,
    /// Keep no manifests and configs on disk, and read none from there
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// How long one request may take
    #[arg(long, global = true, value_name = "DUR", default_value = "30s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// How long an apply goes on while nothing moves
    #[arg(long, global = true, hide = true, value_name = "DUR", default_value = "10m", value_parser = duration)]
    pub(crate) patience: Duration,
    /// Say what was sent and received; twice: each request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How the log on stderr is written
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check that a release is in every registry: both tags, one digest, whole
    Verify(Verify),
    /// Print the SHA of the last good release before the current one
    RollbackTarget(RollbackTarget),
    /// List the releases of an environment, newest first
    List(List),
    /// Plan what may be deleted by the retention rules; with --apply, delete it
    ///
    /// Without --apply nothing is changed in any registry. A plan over the limits of the policy is
    /// shown and refused (exit code 5); where something could not be read, everything there is
    /// kept (exit code 3).
    Cleanup(Cleanup),
    /// Delete what a reviewed plan says, as far as it would be decided so again
    ///
    /// The plan must have been made under the same policy file. Everything is read and decided
    /// anew: only what both the plan and that decision delete is deleted. The rest of the plan is
    /// skipped, with the reason that keeps it now.
    Apply(Apply),
    /// Say why a tag or a release stays or goes, and what would change that
    Explain(Explain),
    /// Restore what a run deleted, from its journal
    ///
    /// What is there already is left as it is, and so is a tag that points elsewhere by now.
    Undo(Undo),
    /// Check access to every registry: credentials, rights, rate limits, clocks
    Doctor,
    /// Run the garbage collection of a DOCR registry, read-only meanwhile
    Gc(Gc),
    /// Check GitHub Actions workflows for mistakes with the tags that they push and deploy
    Lint(Lint),
    /// Serve an embedded registry with a history in it, until interrupted
    #[cfg(feature = "sandbox")]
    Sandbox(Sandbox),
    /// Run the main commands against an embedded registry
    #[cfg(feature = "sandbox")]
    Demo,
    /// Print the JSON Schema of the policy file
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `tags verify`
#[derive(ClapArgs)]
pub(crate) struct Verify {
    /// The environment [default: the one whose branch is $GITHUB_REF_NAME, else that of the checkout]
    pub(crate) env: Option<String>,
    /// The release: a commit SHA or the beginning of one [default: $GITHUB_SHA, else the checkout's HEAD]
    #[arg(long)]
    pub(crate) sha: Option<String>,
    /// Retry until all checks pass, for at most DUR
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// Check only what the tags point to, not their content
    #[arg(long)]
    pub(crate) quick: bool,
    /// Check also that what runs is this release: image references, one a line (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) running: Option<PathBuf>,
}

/// `tags rollback-target`
#[derive(ClapArgs)]
pub(crate) struct RollbackTarget {
    /// The environment
    pub(crate) env: String,
    /// The current release: a commit SHA or the beginning of one
    #[arg(long, value_name = "SHA")]
    pub(crate) from: Option<String>,
    /// The current release is what runs: image references, one a line (- for stdin)
    #[arg(long, value_name = "FILE|-")]
    pub(crate) running: Option<PathBuf>,
    /// How many good releases to go back
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: u32,
    /// Do not check the target's content
    #[arg(long)]
    pub(crate) quick: bool,
}

/// `tags list`
#[derive(ClapArgs)]
pub(crate) struct List {
    /// The environment
    pub(crate) env: String,
}

/// `tags gc`
#[derive(ClapArgs)]
pub(crate) struct Gc {
    /// The registry, by its name in the policy; its kind must be docr
    pub(crate) registry: String,
    /// How long to follow the collection, which goes on afterwards [default: until it is over]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// What is collected
    #[arg(long, value_enum, default_value_t = CollectionType::UnreferencedBlobs)]
    pub(crate) r#type: CollectionType,
    /// Cancel the collection that goes on, and start none
    #[arg(long, conflicts_with_all = ["type", "may_break_multi_arch_images"])]
    pub(crate) cancel: bool,
    /// Follow the collection that goes on, and start none
    #[arg(long, conflicts_with_all = ["cancel", "type", "may_break_multi_arch_images"])]
    pub(crate) follow: bool,
    /// Collect untagged manifests even if tagged images have parts among them, and may not be
    /// pulled any more
    #[arg(long)]
    pub(crate) may_break_multi_arch_images: bool,
}

/// What a garbage collection takes away.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CollectionType {
    /// Layers and configs that no manifest names
    UnreferencedBlobs,
    /// Manifests without a tag
    UntaggedManifests,
    /// Both
    UntaggedManifestsAndUnreferencedBlobs,
}

/// `tags lint`
#[derive(ClapArgs)]
pub(crate) struct Lint {
    /// Workflows, or directories of them, each read as one set [default: .github/workflows]
    pub(crate) path: Vec<PathBuf>,
    /// Fail on warnings, too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Print why a rule exists, with a bad and a good example (`all` for every rule)
    #[arg(long, value_name = "RULE", conflicts_with = "path")]
    pub(crate) explain: Option<String>,
}

/// `tags sandbox`
#[cfg(feature = "sandbox")]
#[derive(ClapArgs)]
pub(crate) struct Sandbox {
    /// What to imitate
    #[arg(long, value_enum, default_value_t = SandboxKind::Oci)]
    pub(crate) kind: SandboxKind,
    /// Where to listen, the second registry on the next port; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5055")]
    pub(crate) listen: std::net::SocketAddr,
    /// A fault to inject, may be repeated; `tags sandbox --help` lists the kinds
    #[arg(long, value_name = "FAULT", long_help = FAULTS)]
    pub(crate) fault: Vec<String>,
}

/// What the embedded registries imitate.
#[cfg(feature = "sandbox")]
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxKind {
    /// One plain OCI registry, open to everyone
    Oci,
    /// DigitalOcean's registry and GitHub's, with their management APIs
    DocrGhcr,
}

#[cfg(feature = "sandbox")]
const FAULTS: &str = "\
A fault to inject, may be repeated: KIND[@[METHOD:]PATH][*TIMES]

Kinds: 401 (all tokens end), 400 to 599, 429[:retry-after=SECONDS or HTTP date], cut, slow=DUR,
delay=DUR, drop, wrong-digest[=body|=header], redirect=URL, link=URL.
TIMES is a number or `always`, once if left out; PATH is a part of the path.

Examples: 500@/manifests/*3   cut@GET:/blobs/   429:retry-after=2   500*always";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Args::command().debug_assert();
    }
}
