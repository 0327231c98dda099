//! How much a finding matters.

/// How much a finding matters. An error is the more severe one, and sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// The check fails.
    Error,
    /// It is reported, and the check does not fail because of it.
    Warning,
}

impl Severity {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
