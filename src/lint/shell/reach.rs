//! How far a script surely gets: `exit`, `return` and `${X:?}` end it, or may end it.

/// Whether what comes next is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reached {
    Surely,
    Perhaps,
    Never,
}

/// Whether what comes next in a script is reached, and in its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    script: Reached,
    function: Reached,
}

impl Reach {
    /// Nothing has ended anything so far.
    pub(super) const START: Self = Self { script: Reached::Surely, function: Reached::Surely };

    /// After `exit`.
    pub(super) fn ended(self) -> Self {
        Self { script: Reached::Never, ..self }
    }

    /// After `return`.
    pub(super) fn returned(self) -> Self {
        Self { function: Reached::Never, ..self }
    }

    /// After what perhaps is an `exit`.
    pub(super) fn perhaps_ended(self) -> Self {
        Self { script: self.script.max(Reached::Perhaps), ..self }
    }

    /// After commands that perhaps did not run, or whose shell is another one: what surely ends there
    /// perhaps ends here.
    pub(super) fn after_perhaps(self, inner: Self) -> Self {
        let of = |outer: Reached, inner: Reached| outer.max(inner.min(Reached::Perhaps));
        Self { script: of(self.script, inner.script), function: of(self.function, inner.function) }
    }

    /// At the beginning of a function's body.
    pub(super) fn in_function(self) -> Self {
        Self { function: Reached::Surely, ..self }
    }

    /// After a call of a function: its `return` ends nothing else.
    pub(super) fn after_call(self, inner: Self) -> Self {
        Self { function: self.function, ..inner }
    }

    pub(super) fn is_over(self) -> bool {
        self.script.max(self.function) == Reached::Never
    }

    pub(super) fn is_sure(self) -> bool {
        self.script.max(self.function) == Reached::Surely
    }
}
