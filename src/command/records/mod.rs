//! The records of releases: read from and written to a file of JSON lines, or the deployments of a
//! repository on GitHub.

mod file;
mod moved;
mod read;
mod write;

pub use file::{AppendedLine, NoRecordFiles, RecordFiles};
pub use write::Written;

pub(super) use moved::moved;
pub(super) use read::{
    ReadRecords, Store, read, read_all, read_or_warn, tell_ignored, unread_text,
};
pub(super) use write::{no_store, write};
