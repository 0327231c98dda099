//! Running references that must survive a cleanup: text in, references of the policy out.

use crate::model::{Digest, Repository, TagName};

/// A reference in use, in a repository of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUseReference {
    /// The reference as it was given, without the container runtime in front.
    pub text: String,
    /// Its repository.
    pub repository: Repository,
    /// Its tag, if it names one; `latest` where it names neither tag nor digest.
    pub tag: Option<TagName>,
    /// Its digest, if it names one.
    pub digest: Option<Digest>,
}
