//! Whether a line of output says that something failed because it already exists.
//!
//! `relation "users" already exists` of a migration that is not idempotent, a container or a tag of that
//! name. Most lines with these words are harmless (`Layer already exists`, `already exists, skipping`),
//! so that a word for an error must stand beside them.

/// Words for an error, in lower case.
const ERRORS: [&str; 11] = [
    "error",
    "errors",
    "fatal",
    "failed",
    "failure",
    "fails",
    "panic",
    "exception",
    "denied",
    "refused",
    "cannot",
];

/// Words that say that it does not matter.
const HARMLESS: [&str; 6] = ["skipping", "skipped", "ignoring", "ignored", "notice", "warning"];

/// Words that turn the next one into its opposite.
const NEGATIONS: [&str; 4] = ["no", "0", "without", "not"];

/// Whether a line without colours says so.
pub(super) fn says_already_exists(line: &str) -> bool {
    if !line.to_ascii_lowercase().contains("already exists") {
        return false;
    }
    if line.starts_with("##[error]") {
        return true;
    }
    let mut is_error = false;
    // Names in quotes are not words of the message.
    let mut last = "";
    let message = without_quoted(line);
    for word in message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let lower = word.to_ascii_lowercase();
        if HARMLESS.contains(&lower.as_str()) {
            return false;
        }
        // `ProgrammingError`, `IntegrityException`.
        let is_class = word.ends_with("Error") || word.ends_with("Exception");
        let is_negated = NEGATIONS.contains(&last);
        is_error |= (is_class || ERRORS.contains(&lower.as_str())) && !is_negated;
        if !word.is_empty() {
            last = NEGATIONS.iter().find(|negation| **negation == lower).copied().unwrap_or("");
        }
    }
    is_error
}

/// A line without what stands between quotation marks.
fn without_quoted(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::says_already_exists;

    #[test]
    fn errors_are_found() {
        for line in [
            "ERROR:  relation \"users\" already exists",
            "django.db.utils.ProgrammingError: relation \"orders_order\" already exists",
            "psycopg2.errors.DuplicateTable: relation \"a\" already exists",
            "Error response from daemon: network with name web already exists",
            "##[error]tag prod-1 already exists",
            "fatal: a branch named 'main' already exists",
            "CREATE FAILED: Column `a` Already Exists",
        ] {
            assert!(says_already_exists(line), "{line}");
        }
    }

    #[test]
    fn harmless_lines_are_not() {
        for line in [
            "5f70bf18a086: Layer already exists",
            "NOTICE:  relation \"users\" already exists, skipping",
            "NOTICE:  relation \"errors\" already exists, skipping",
            "table \"error\" already exists",
            "column error_log already exists",
            "0 errors: every index already exists",
            "done, no error: it already exists",
            "warning: the network already exists",
            "error: the column exists already",
            "the error is that nothing exists",
            "CREATE TABLE IF NOT EXISTS errors",
            "",
        ] {
            assert!(!says_already_exists(line), "{line}");
        }
    }
}
