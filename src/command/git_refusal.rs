//! Why git did not answer.

/// There is a checkout, and git refused to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitRefusal {
    /// Git's own message.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}
