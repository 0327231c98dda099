//! Reads the log of a job, piece by piece: which images it pulled and pushed, and whether something in it
//! failed because it already exists.
//!
//! Only the evidence is kept, never a line, so that neither memory nor an output holds the log. A line is
//! `2026-11-22T03:17:02.1234567Z text`; the runner's forms are described where they are read:
//! <https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/ScriptHandler.cs>.

mod already_exists;
mod kept;
mod line;
mod pull;
mod push;
mod reader;
mod reference;
mod section;

pub use kept::KeptEvidence;
pub use reader::{Evidence, EvidenceKind, LogEvidence, LogReader};
pub use reference::LogReference;
pub(super) use reference::MASK;
