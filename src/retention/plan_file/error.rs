//! What is wrong with a plan file.

/// The file is no plan that can be applied under this policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// It is not the JSON of a plan.
    #[error("line {line}, column {column}: {message}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is JSON of another version.
    #[error("it is of version {0}; this program knows version 1")]
    Version(u64),
    /// It is JSON of another command.
    #[error("it is of `tags {0}`, not of `tags cleanup`")]
    Command(String),
    /// A part of it cannot be.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// A repository that the policy does not have.
    #[error("{place}: {repository} in the registry `{registry}` is no repository of the policy")]
    UnknownRepository {
        /// Where.
        place: String,
        /// Its registry's name.
        registry: String,
        /// `host/path`.
        repository: String,
    },
}

impl PlanFileError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Json { .. } | Self::Command(_) | Self::Invalid { .. } => {
                "a plan is what `tags cleanup --out FILE` writes, unchanged"
            }
            Self::Version(_) => "apply it with the version of tags that made it, or plan anew",
            Self::UnknownRepository { .. } => {
                "apply a plan under the policy that it was made under, or plan anew"
            }
        }
    }
}

impl From<serde_json::Error> for PlanFileError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let message = text.strip_suffix(&place).unwrap_or(&text).to_owned();
        Self::Json { line, column, message }
    }
}
