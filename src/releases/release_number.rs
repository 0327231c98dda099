//! Releases and tags by number, which take little memory.

/// A release by its number: the index of its SHA among the sorted ones.
pub type ReleaseNumber = u32;

/// A number as an index into a table.
pub(super) fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// An index into a table as a number. It always fits: 2^32 tags do not fit into memory.
pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
