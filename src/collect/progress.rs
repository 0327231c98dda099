//! The progress of reading and changing registries. The binary shows it.

/// What a command is doing, in the words in which its progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::IntoStaticStr)]
#[expect(missing_docs, reason = "the word of each says what it is")]
pub enum Stage {
    #[strum(serialize = "reading tags")]
    Tags,
    #[strum(serialize = "checking places")]
    Places,
    #[strum(serialize = "reading manifests")]
    Manifests,
    #[strum(serialize = "reading build times")]
    BuildTimes,
    #[strum(serialize = "checking tags of deletions")]
    DeletedTags,
    #[strum(serialize = "looking for referrers")]
    Referrers,
    #[strum(serialize = "reading repositories")]
    Repositories,
    #[strum(serialize = "reading runs")]
    Runs,
    #[strum(serialize = "reading logs")]
    Logs,
    #[strum(serialize = "deleting manifests")]
    Deletions,
    #[strum(serialize = "checking what was kept")]
    Survivors,
    #[strum(serialize = "restoring manifests")]
    Restorations,
}

impl Stage {
    /// The words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Receives the number of steps, and each step that is done.
pub trait Progress: Send + Sync {
    /// This many more steps of this stage will follow.
    fn expect(&self, steps: usize, stage: Stage);
    /// One step of this stage is done.
    fn advance(&self, stage: Stage);
    /// This many more bytes will be sent.
    fn expect_bytes(&self, _bytes: u64) {}
    /// This many bytes are sent.
    fn advance_bytes(&self, _bytes: u64) {}
}

/// Ignores progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _: usize, _: Stage) {}
    fn advance(&self, _: Stage) {}
}
