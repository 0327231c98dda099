//! The images that the policy names by patterns, once they were looked for.

use crate::policy::FoundImages;

/// The images that patterns found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Images {
    /// They were not looked for.
    #[default]
    Unknown,
    /// Each with its repositories.
    Found(FoundImages),
}
