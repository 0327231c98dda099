//! The content that a repository stores for its manifests, each digest once.

use super::Digest;

/// Digests with their sizes, sorted; manifests refer to them by number. A manifest's own bytes, its
/// config and its layers are content. Sizes are those that manifests declare, so they may be any number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredContent(Box<[(Digest, u64)]>);

impl StoredContent {
    /// Content that is sorted by digest, each once.
    #[must_use]
    pub fn sorted(list: Box<[(Digest, u64)]>) -> Self {
        Self(list)
    }

    /// The digest and the size with this number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<(&Digest, u64)> {
        let (digest, size) = self.0.get(usize::try_from(number).ok()?)?;
        Some((digest, *size))
    }

    /// All of it, in order.
    #[must_use]
    pub fn into_list(self) -> Vec<(Digest, u64)> {
        self.0.into_vec()
    }
}
