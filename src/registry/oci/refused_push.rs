//! The refusal of a push, with the distinctions that restoring a manifest needs.

use std::fmt;

use crate::http::Reply;

/// The kind of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushRefusal {
    /// The manifest refers to content that the registry does not have.
    ContentMissing,
    /// A permission is missing, or there are no credentials.
    Rights,
    /// Anything else.
    Other,
}

/// A registry's answer to a push that it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPush {
    status: u16,
    codes: Vec<String>,
    words: Option<String>,
}

impl RefusedPush {
    pub(super) fn read(reply: &Reply) -> Self {
        Self {
            status: reply.status.as_u16(),
            codes: reply.error_codes(),
            words: reply.explanation(),
        }
    }

    /// Whether it was refused for its size: some registries limit the size of one request.
    /// <https://www.rfc-editor.org/rfc/rfc9110#name-413-content-too-large>; GHCR says 416.
    pub(in crate::registry) fn is_too_large(&self) -> bool {
        matches!(self.status, 413 | 416)
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn kind(&self) -> PushRefusal {
        const MISSING: [&str; 3] = ["MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_UNKNOWN"];
        const RIGHTS: [&str; 3] = ["DENIED", "UNAUTHORIZED", "UNSUPPORTED"];
        let has = |wanted: &[&str]| self.codes.iter().any(|code| wanted.contains(&code.as_str()));
        if has(&MISSING) {
            PushRefusal::ContentMissing
        } else if matches!(self.status, 401 | 403 | 405) || has(&RIGHTS) {
            PushRefusal::Rights
        } else {
            PushRefusal::Other
        }
    }
}

impl fmt::Display for RefusedPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.words {
            Some(words) => write!(f, "{words} ({})", self.status),
            None => write!(f, "the registry answered {}", self.status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, codes: &[&str]) -> PushRefusal {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        RefusedPush { status, codes, words: None }.kind()
    }

    #[test]
    fn the_codes_of_a_refusal_are_judged_before_its_status() {
        assert_eq!(refused(400, &["X", "MANIFEST_BLOB_UNKNOWN"]), PushRefusal::ContentMissing);
        assert_eq!(refused(404, &["BLOB_UNKNOWN"]), PushRefusal::ContentMissing);
        assert_eq!(refused(405, &[]), PushRefusal::Rights);
        assert_eq!(refused(400, &["DENIED"]), PushRefusal::Rights);
        assert_eq!(refused(400, &["MANIFEST_INVALID"]), PushRefusal::Other);
    }
}
