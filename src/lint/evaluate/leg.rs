//! What one leg of a job does: what it pushes, uses, migrates, and where it logs in.

use std::collections::BTreeSet;

use crate::lint::position::Position;
use crate::lint::reference::Reference;
use crate::lint::shell::{Failure, ImageUse, RollOutTarget};

/// One leg of a job's matrix, or the whole job where it has no matrix; in one alternative, where a
/// script has several.
#[derive(Debug, Default)]
pub(crate) struct Leg {
    /// The values of the matrix, such as `app=frontend`; empty without a matrix.
    pub(crate) label: String,
    /// The number of the leg in the matrix; alternatives of one leg have the same.
    pub(crate) number: usize,
    /// The `timeout-minutes` of the job in this leg.
    pub(crate) timeout: Option<String>,
    /// The name of its `environment`.
    pub(crate) environment: Option<String>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) uses: Vec<Use>,
    pub(crate) roll_outs: Vec<RollOut>,
    pub(crate) logins: Vec<Login>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) digests: Vec<DigestPush>,
    pub(crate) caches: Vec<CacheExport>,
    /// The tags with a shell variable, which nothing replaces there.
    pub(crate) unexpanded: Vec<Unexpanded>,
    /// The repositories in which it makes manifests.
    pub(crate) manifests: Vec<Reference>,
    /// The unknown values that some program or action gets; printing them does not count.
    pub(crate) mentions: BTreeSet<char>,
    /// The steps that check out the repository, and the commit that each names.
    pub(crate) checkouts: Vec<(usize, String)>,
    /// Whether it runs something whose name says that it migrates.
    pub(crate) runs_named_migration: bool,
    pub(crate) makes_test_cluster: bool,
    /// The steps that run a program or an action that cannot be read.
    pub(crate) unread: BTreeSet<usize>,
    /// Whether it pushes, or may push, something that is not known.
    pub(crate) may_push_more: bool,
    /// Whether one of its steps fails.
    pub(crate) failure: Failure,
}

/// A reference that is pushed.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) reference: Reference,
    /// The number of the step, from 0.
    pub(crate) step: usize,
    /// The position for findings about all that the step pushes: its `tags:` line, or its first push.
    pub(crate) anchor: Position,
    /// Where its content comes from, if that is known.
    pub(crate) origin: Option<Origin>,
    /// The unknown conditions of its step and job, as text; different ones may exclude each other.
    pub(crate) condition: String,
    /// Whether it is pushed whenever its step runs.
    pub(crate) certain: bool,
    /// Whether a step or a job before checks values, and fails by them.
    pub(crate) guarded: bool,
    /// The branches of the script in which it happens.
    pub(crate) branch: Vec<u32>,
    /// Whether another host pushes it, not the runner.
    pub(crate) remote: bool,
}

impl Push {
    /// Whether its step surely runs when the job does, and pushes it then.
    pub(crate) fn is_sure(&self) -> bool {
        self.certain && !self.guarded && self.condition.is_empty()
    }
}

/// Where the content of an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// A build: its leg and what is built there, to tell it from other builds.
    Build(String),
    /// Another image, by its reference.
    Image(String),
}

/// An image that is used.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) reference: Reference,
    pub(crate) how: ImageUse,
    pub(crate) step: usize,
    /// Whether another host uses it, by ssh.
    pub(crate) on_host: bool,
    /// Whether the job has built it on this machine before.
    pub(crate) built_here: bool,
    /// Whether its step surely runs when the job does, and uses it then.
    pub(crate) is_sure: bool,
}

/// Something that is rolled out.
#[derive(Debug, Clone)]
pub(crate) struct RollOut {
    pub(crate) target: RollOutTarget,
    /// Whether it starts what stays.
    pub(crate) stays: bool,
    pub(crate) on_host: bool,
    /// Whether it happens whenever the job runs.
    pub(crate) is_sure: bool,
}

/// A login to a registry.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The host; empty if it may be any.
    pub(crate) host: String,
    pub(crate) step: usize,
    /// Whether the job's own token is used.
    pub(crate) own_token: bool,
    /// The position of a secret on the command line.
    pub(crate) argument: Option<Position>,
}

/// A migration of a database.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    pub(crate) at: Position,
    pub(crate) step: usize,
    pub(crate) tool: String,
    /// Whether it is one that needs `--fake-initial` to be run again.
    pub(crate) must_be_idempotent: bool,
    /// Whether it has that option, or may have it.
    pub(crate) is_idempotent: bool,
}

/// A push by digest alone.
#[derive(Debug, Clone)]
pub(crate) struct DigestPush {
    pub(crate) repository: Reference,
    /// The position of `outputs:`.
    pub(crate) at: Position,
    /// The unknown value that stands for the digest, where the step has an id.
    pub(crate) digest: Option<char>,
}

/// A tag in which a shell variable stays as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Unexpanded {
    pub(crate) text: String,
    pub(crate) variable: String,
    pub(crate) at: Position,
}

/// A cache that is exported to a registry.
#[derive(Debug, Clone)]
pub(crate) struct CacheExport {
    pub(crate) reference: Reference,
    /// The position of `cache-to`.
    pub(crate) at: Position,
}

/// A reference of a `tags:` input, at the line that gives it.
#[derive(Debug, Clone)]
pub(crate) struct TagEntry {
    pub(crate) text: String,
    pub(crate) at: Position,
    /// Whether it is there in every run.
    pub(crate) certain: bool,
}
