//! What `tags init` reports: the drafted policy, and what to do next.

use crate::draft::Draft;
use crate::model::UnreadCause;

/// A drafted policy file.
#[derive(Debug)]
pub struct Drafted {
    /// What is in it.
    pub draft: Box<Draft>,
    /// Its text.
    pub text: String,
    /// The gravest cause for which tags of a repository could not be listed.
    pub unread: Option<UnreadCause>,
    /// The file that it was written to; none for stdout.
    pub file: Option<DraftedFile>,
}

/// The file that a draft was written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftedFile {
    /// Its name.
    pub name: String,
    /// Whether commands that are run here find it without `--policy`.
    pub is_found: bool,
}

impl Drafted {
    /// The outcome in one word.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match (self.unread, self.draft.environments.is_empty()) {
            (Some(_), _) => "unknown",
            (None, true) => "none",
            (None, false) => "ok",
        }
    }

    /// The next command to try.
    #[must_use]
    pub fn next_command(&self) -> String {
        format!("tags check{}", self.policy_option())
    }

    /// What to do next, in words.
    #[must_use]
    pub fn next_steps(&self) -> String {
        let check = self.next_command();
        let begin = match &self.file {
            Some(_) => check,
            None => format!("save it as tags.toml, then {check}"),
        };
        if self.draft.registries.is_empty() {
            return begin;
        }
        format!("{begin}, then tags doctor{}", self.policy_option())
    }

    /// The option with which commands find the file, if they need one.
    fn policy_option(&self) -> String {
        match &self.file {
            Some(file) if !file.is_found => format!(" --policy {}", shell_word(&file.name)),
            _ => String::new(),
        }
    }
}

/// A text as one word of a shell.
#[must_use]
pub fn shell_word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:=@+,".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
