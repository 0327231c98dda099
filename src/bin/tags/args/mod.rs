//! The command line: the list of commands, and a file for the arguments of each. The doc comments are
//! the help.
#![expect(clippy::doc_markdown, reason = "doc comments are shown to users as they are")]

mod apply;
mod cleanup;
mod examples;
mod explain;
mod gc;
mod global;
mod in_use;
mod init;
mod lint;
mod list;
mod moves;
mod repair;
mod report;
mod rollback_target;
mod runs;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(test)]
mod tests;
mod undo;
mod value;
mod verify;
mod written_file;

use clap::{Parser, Subcommand};

pub(crate) use apply::Apply;
pub(crate) use cleanup::Cleanup;
pub(crate) use examples::program;
pub(crate) use explain::Explain;
pub(crate) use gc::{CollectionType, Gc};
pub(crate) use global::{Global, LogFormat};
pub(crate) use in_use::{AskedSource, InUseSource};
pub(crate) use init::Init;
pub(crate) use lint::Lint;
pub(crate) use list::List;
pub(crate) use moves::{ApplyMove, Promote, Rollback};
pub(crate) use repair::Repair;
pub(crate) use report::Report;
pub(crate) use rollback_target::RollbackTarget;
pub(crate) use runs::Runs;
#[cfg(feature = "sandbox")]
pub(crate) use sandbox::{Sandbox, SandboxKind};
pub(crate) use undo::Undo;
pub(crate) use verify::Verify;

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

/// The commands; each has its arguments in a file of its name, and a function in `command`.
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
    /// The current release of ENV gets the SHA tag of ENV2, by the same digests, and the latest
    /// tags of ENV2 go to it, in all images and registries or in none. No SHA tag is ever moved.
    /// Without --apply nothing is changed in any registry.
    Promote(Promote),
    /// Show which places lack a release and what would fill them; with --apply, fill them
    ///
    /// Places where `tags verify` finds the SHA tag or content missing are filled from a registry that
    /// has the release whole, with its signatures. An existing SHA tag is never moved. Without --apply
    /// nothing is changed in any registry.
    Repair(Repair),
    /// List the releases of an environment, newest first
    List(List),
    /// Show what the retention rules would delete; with --apply, delete it
    ///
    /// Without --apply nothing is changed in any registry. A plan over the limits of the policy is
    /// printed and refused (exit code 5). If a repository could not be read completely, everything in
    /// it is kept (exit code 3).
    Cleanup(Cleanup),
    /// Apply a reviewed plan: delete what both it and a new plan delete
    ///
    /// The plan must have been made with the same policy file. The registries are read again and a
    /// new plan is made. Only what both plans delete is deleted; the rest is skipped, with the reason
    /// for keeping it.
    Apply(Apply),
    /// Explain why a tag or a release is kept or deleted, and what would change that
    Explain(Explain),
    /// Restore what a run deleted, or move latest tags back, from its journal
    ///
    /// Manifests that still exist, and tags that now point to another manifest, are not changed.
    Undo(Undo),
    /// Check access to every registry: credentials, permissions, rate limits, clocks
    Doctor,
    /// Run the garbage collection of a DOCR registry; the registry is read-only until it ends
    Gc(Gc),
    /// Judge the pipeline's runs: migrations and deploys in time, SHA tags deployed, failure rates
    ///
    /// The newest completed attempt of each run is judged by the limits of the policy, and the logs of
    /// the run that deployed last by the images that it pulled. It also says whether each environment
    /// has a release to roll back to.
    Runs(Runs),
    /// Write a policy file from what the workflows push, or from the tags in a registry
    ///
    /// Each entry has a comment that says where it was seen, and what is not known stands in comments.
    /// Retention rules are a proposal in comments: nothing is deleted by a policy that was just written.
    /// An existing file is never overwritten.
    Init(Init),
    /// Check the policy file, and say what it means; asks no registry
    Check,
    /// Write one page to look at: releases, storage, the plan, the pipeline, and what could not be read
    ///
    /// The page is a single HTML file without scripts, which loads nothing. What could not be read stands on
    /// it with the reason, and the exit code is 3 or 4. With --format json the values are printed.
    Report(Report),
    /// Check GitHub Actions workflows for mistakes in the image tags that they push and deploy
    Lint(Lint),
    /// Serve an embedded registry with example releases, until interrupted
    #[cfg(feature = "sandbox")]
    Sandbox(Sandbox),
    /// Run the main commands against an embedded registry
    #[cfg(feature = "sandbox")]
    Demo,
    /// Print the JSON Schema of the policy file, or of what a command prints with --format json
    Schema {
        /// The command whose output is described [default: the policy file]
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(tags::report::json::COMMANDS))]
        command: Option<String>,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}
