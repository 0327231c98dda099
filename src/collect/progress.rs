//! The progress of reading registries. The binary shows it.

/// Receives the number of steps, and each step that is done.
pub trait Progress: Send + Sync {
    /// This many more steps of this kind will follow.
    fn expect(&self, steps: usize, what: &str);
    /// One step is done.
    fn advance(&self);
}

/// Ignores progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _: usize, _: &str) {}
    fn advance(&self) {}
}
