//! The command line; the doc comments are the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

mod cleanup;
mod moves;
mod value;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
pub(crate) use cleanup::{Apply, Cleanup, Explain, Undo};
pub(crate) use moves::{ApplyMove, Promote, Rollback};
use tags::report::Format;
use value::{duration, format};

/// Manage container registry tags: verify releases, find the release to roll back to, delete old images
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
    1  a check failed, or there is no release to roll back to
    2  invalid arguments or policy file
    3  a registry could not be read, so the answer is unknown
    4  credentials or a permission missing
    5  refused: over the limits, an outdated plan, an empty list of running images, or a guard
    6  done only in part
  130  interrupted";

/// Options that every command takes.
#[derive(ClapArgs, Clone)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The policy file [default: $TAGS_POLICY, else tags.toml or policies/tags.toml, upward to the repository root]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The format of results on stdout
    #[arg(long, global = true, default_value = "human", value_parser = format())]
    pub(crate) format: Format,
    /// Do not use the cache of manifests and configs on disk
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    /// How long one request may take
    #[arg(long, global = true, value_name = "DUR", default_value = "30s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// How long an apply waits while it makes no progress
    #[arg(long, global = true, hide = true, value_name = "DUR", default_value = "10m", value_parser = duration)]
    pub(crate) patience: Duration,
    /// Show more: releases, retries and traffic; twice: each request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The format of the log on stderr
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// The format of the log.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Plain text
    Text,
    /// One JSON object a line
    Json,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check that a release is complete in every registry: both tags, same digest, all content
    Verify(Verify),
    /// Print the SHA of the last good release before the current one
    RollbackTarget(RollbackTarget),
    /// Show where a rollback would move the latest tags; with --apply, move them
    ///
    /// The latest tags of all images in all registries go to the release, or stay where they are.
    /// Without --apply nothing is changed in any registry. It ends with the references by digest to
    /// deploy.
    Rollback(Rollback),
    /// Show what a promotion would ship to another environment; with --apply, ship it
    ///
    /// The current release of ENV gets the SHA tag of ENV2, by the very same digests, and the latest
    /// tags of ENV2 go to it, in all images and registries or in none. No SHA tag is ever moved.
    /// Without --apply nothing is changed in any registry.
    Promote(Promote),
    /// List the releases of an environment, newest first
    List(List),
    /// Plan what the retention rules allow to delete; with --apply, delete it
    ///
    /// Without --apply nothing is changed in any registry. A plan over the limits of the policy is
    /// printed and refused (exit code 5). If a repository could not be read completely, everything in
    /// it is kept (exit code 3).
    Cleanup(Cleanup),
    /// Delete what a reviewed plan says, if a new plan would delete it too
    ///
    /// The plan must have been made with the same policy file. The registries are read again and a
    /// new plan is made: only what both plans delete is deleted. The rest is skipped, with the reason
    /// why it is kept now.
    Apply(Apply),
    /// Explain why a tag or a release is kept or deleted, and what would change that
    Explain(Explain),
    /// Restore what a run deleted, or move latest tags back, from its journal
    ///
    /// Manifests that still exist are left as they are, and so are tags that point to another manifest
    /// by now.
    Undo(Undo),
    /// Check access to every registry: credentials, permissions, rate limits, clocks
    Doctor,
    /// Run the garbage collection of a DOCR registry; the registry is read-only until it ends
    Gc(Gc),
    /// Check GitHub Actions workflows for mistakes in the tags that they push and deploy
    Lint(Lint),
    /// Serve an embedded registry with example releases, until interrupted
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
    /// Also check that the running images are this release: image references, one per line (- for stdin)
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
    /// Take the current release from the running images: image references, one per line (- for stdin)
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
    /// How long to follow the collection; it continues afterwards [default: until it ends]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// What to collect
    #[arg(long, value_enum, default_value_t = CollectionType::UnreferencedBlobs)]
    pub(crate) r#type: CollectionType,
    /// Cancel the running collection; start none
    #[arg(long, conflicts_with_all = ["type", "may_break_multi_arch_images"])]
    pub(crate) cancel: bool,
    /// Follow the running collection; start none
    #[arg(long, conflicts_with_all = ["cancel", "type", "may_break_multi_arch_images"])]
    pub(crate) follow: bool,
    /// Collect untagged manifests even if tagged multi-arch images need some of them, and could no
    /// longer be pulled
    #[arg(long)]
    pub(crate) may_break_multi_arch_images: bool,
}

/// What a garbage collection deletes.
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
    /// Workflow files, or directories with them [default: .github/workflows]
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
    /// The registries to imitate
    #[arg(long, value_enum, default_value_t = SandboxKind::Oci)]
    pub(crate) kind: SandboxKind,
    /// Where to listen; a second registry listens on the next port. Port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5055")]
    pub(crate) listen: std::net::SocketAddr,
    /// A fault to inject (repeatable); `tags sandbox --help` lists the kinds
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
A fault to inject (repeatable): KIND[@[METHOD:]PATH][*TIMES]

Kinds: 401 (all tokens expire), 400 to 599, 429[:retry-after=SECONDS or HTTP date], cut, slow=DUR,
delay=DUR, drop, wrong-digest[=body|=header], redirect=URL, link=URL.
TIMES is a number or `always` (default: once); PATH is a part of the path.

Examples: 500@/manifests/*3   cut@GET:/blobs/   429:retry-after=2   500*always";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Args::command().debug_assert();
    }
}
