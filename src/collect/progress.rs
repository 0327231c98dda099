//! Who is told how far a collection is; the binary draws it, tests ignore it.

/// Told of steps as they begin and end.
pub trait Progress: Send + Sync {
    /// So many more steps are known of, of this kind.
    fn expect(&self, steps: usize, what: &str);
    /// One step is done.
    fn advance(&self);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn expect(&self, _: usize, _: &str) {}
    fn advance(&self) {}
}
