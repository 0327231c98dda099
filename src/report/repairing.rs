//! What `tags repair` reports.

use super::exit::Exit;
use super::moving::Move;
use crate::change::copy::{BlobCounts, CopyCause};
use crate::change::{MoveCause, MoveVerdict};
use crate::model::{Digest, EnvironmentName, Place, RegistryName, Sha, TagReference, UnreadCause};

/// A repair: planned, refused or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The environment.
    pub environment: EnvironmentName,
    /// The release.
    pub sha: Sha,
    /// The places where it is not whole, by image and registry.
    pub copies: Vec<RepairCopy>,
    /// The latest tags, if they are to move too.
    pub latest: Option<Box<Move>>,
    /// Why nothing is copied, if the whole repair was refused.
    pub guards: Vec<RepairGuard>,
    /// What could not be read.
    pub unread: Vec<UnreadPlace>,
    /// Something to know about it.
    pub notes: Vec<String>,
    /// Whether somebody asked to stop before the end.
    pub interrupted: bool,
    /// The command line that makes the repair, or finishes it.
    pub command_line: String,
}

/// A place that was to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairCopy {
    /// The image, and the registry that lacks it.
    pub place: Place,
    /// The SHA tag there.
    pub reference: TagReference,
    /// The registry that it is copied from, if one has it whole.
    pub from: Option<RegistryName>,
    /// What is copied.
    pub digest: Option<Digest>,
    /// What became of it.
    pub result: RepairResult,
    /// The blobs: in a plan, what is likely to become of them.
    pub blobs: BlobCounts,
    /// The bytes of blobs that were sent: in a plan, the most that will be.
    pub bytes: u64,
    /// The result in words.
    pub message: String,
}

/// What became of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairResult {
    /// Nothing was written.
    Planned,
    /// It was filled, and read again.
    Copied,
    /// Somebody else had filled it meanwhile.
    Already,
    /// It must not be filled.
    Refused,
    /// It could not be done.
    Failed(CopyCause),
}

impl RepairResult {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Copied => "copied",
            Self::Already => "already",
            Self::Refused => "refused",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether it may be done in another run.
    fn passes(self) -> bool {
        use CopyCause::{Interrupted, Registry, Rights};
        matches!(self, Self::Planned | Self::Failed(Registry | Rights | Interrupted))
    }

    /// Whether the place has the release.
    pub(crate) fn is_filled(self) -> bool {
        matches!(self, Self::Copied | Self::Already)
    }

    /// What it makes of a move of the latest tags that was to follow.
    fn held_back(self) -> Option<MoveVerdict> {
        match self {
            Self::Planned | Self::Copied | Self::Already => None,
            Self::Refused | Self::Failed(CopyCause::Conflict) => Some(MoveVerdict::Refused),
            Self::Failed(CopyCause::Source) => Some(MoveVerdict::Missing),
            Self::Failed(CopyCause::Rights) => Some(MoveVerdict::NotPermitted(MoveCause::Rights)),
            Self::Failed(CopyCause::Registry | CopyCause::Interrupted) => {
                Some(MoveVerdict::NotPermitted(MoveCause::Registry))
            }
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Planned | Self::Copied | Self::Already => Exit::Ok,
            Self::Refused | Self::Failed(CopyCause::Conflict) => Exit::Refused,
            Self::Failed(CopyCause::Rights) => Exit::Credentials,
            Self::Failed(CopyCause::Source) => Exit::Fails,
            Self::Failed(CopyCause::Registry) => Exit::Unreadable,
            Self::Failed(CopyCause::Interrupted) => Exit::Interrupted,
        }
    }
}

/// What the same command could still do after a repair that was made in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It would end as it did.
    Nothing,
    /// Some of what is left.
    Some,
    /// All that is left.
    All,
}

/// Why a whole repair was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairGuard {
    /// The code.
    pub code: &'static str,
    /// What was seen.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// A place that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPlace {
    /// Why, in the terms of the exit code.
    pub cause: UnreadCause,
    /// Why, in words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Repair {
    /// How many places have a result.
    pub(super) fn count(&self, result: RepairResult) -> usize {
        self.copies.iter().filter(|copy| copy.result == result).count()
    }

    /// The bytes that were or will be sent.
    pub(super) fn bytes(&self) -> u64 {
        self.copies.iter().map(|copy| copy.bytes).fold(0, u64::saturating_add)
    }

    /// How the program ends. Once something was copied, the codes that say that nothing was are left
    /// out.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let latest = self.latest.as_ref().map(|moved| moved.exit());
        let copies = self.copies.iter().map(|copy| copy.result.exit());
        let guards = self.guards.iter().map(|_| Exit::Refused);
        let unread = self.unread.iter().map(|place| Exit::unread(place.cause));
        let gravest = Exit::gravest(copies.chain(guards).chain(unread).chain(latest));
        let has_copied = self.count(RepairResult::Copied) > 0;
        if has_copied && gravest != Exit::Ok { Exit::Partly } else { gravest }
    }

    /// The word for what it comes to.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        let has_copied = self.count(RepairResult::Copied) > 0;
        match self.exit() {
            Exit::Ok if self.is_planned() => "planned",
            Exit::Ok => "ok",
            Exit::Partly => "partial",
            Exit::Interrupted if has_copied => "partial",
            Exit::Refused => "refused",
            _ if !self.unread.is_empty() => "unknown",
            _ => "failed",
        }
    }

    /// The first guard that refused the repair, or the move that is part of it.
    pub(crate) fn refusal(&self) -> Option<&str> {
        let own = self.guards.iter().map(|guard| guard.message.as_str());
        let moved = self.latest.iter().flat_map(|latest| &latest.guards);
        own.chain(moved.map(|guard| guard.message.as_str())).next()
    }

    /// What keeps the latest tags where they are, if a place does not get the release.
    pub(crate) fn held_back(&self) -> Option<MoveVerdict> {
        if !self.guards.is_empty() {
            return Some(MoveVerdict::Refused);
        }
        let unread = self.unread.iter().map(|place| place.cause).min();
        let verdicts = self.copies.iter().filter_map(|copy| copy.result.held_back());
        let gravity = |verdict: &MoveVerdict| match verdict {
            MoveVerdict::Refused => 3,
            MoveVerdict::NotPermitted(MoveCause::Rights) => 2,
            MoveVerdict::NotPermitted(_) => 1,
            _ => 0,
        };
        let stopped = self.interrupted.then_some(MoveVerdict::NotPermitted(MoveCause::Registry));
        unread.map(MoveVerdict::Unknown).or(verdicts.max_by_key(gravity)).or(stopped)
    }

    /// Whether every place had the release before.
    pub(super) fn has_nothing_to_fill(&self) -> bool {
        self.copies.is_empty() && self.guards.is_empty() && self.unread.is_empty()
    }

    /// What the same command could finish. A place that is refused, or has nothing to be copied from,
    /// stays as it is however often it is tried; so does a move that is refused.
    pub(super) fn rest(&self) -> Rest {
        let left = self.copies.iter().filter(|copy| !copy.result.is_filled());
        let (passing, lasting): (Vec<_>, Vec<_>) = left.partition(|copy| copy.result.passes());
        let is_refused = |latest: &Move| {
            let by_itself = self.held_back().is_none();
            by_itself && matches!(latest.verdict, MoveVerdict::Refused | MoveVerdict::Missing)
        };
        let refused = self.latest.as_deref().is_some_and(is_refused);
        let moves = self.latest.is_some() && self.held_back().is_none() && !refused;
        let passes = !passing.is_empty() || !self.unread.is_empty() || moves;
        match (passes, lasting.is_empty() && !refused) {
            (false, _) => Rest::Nothing,
            (true, false) => Rest::Some,
            (true, true) => Rest::All,
        }
    }

    /// Whether nothing is to be said of the latest tags but that they stay.
    pub(super) fn keeps_latest(&self, latest: &Move) -> bool {
        self.held_back().is_some() && latest.guards.is_empty() && latest.problems.is_empty()
    }

    fn is_planned(&self) -> bool {
        let moves = self.latest.as_ref().is_some_and(|moved| moved.is_planned());
        moves || self.count(RepairResult::Planned) > 0
    }
}
