//! `tags rollback-target` for people: the SHA alone for the script, the why for the person.

use chrono::{DateTime, Utc};

use super::{BAD, CAUTION, STRONG, hint_line, moment, styled, unread};
use crate::report::escape;
use crate::rollback::{Rollback, RollbackVerdict};

/// How many of the releases passed over are told one by one.
const TOLD: usize = 20;

/// The SHA of the target and nothing else, or nothing.
#[must_use]
pub fn rollback_target(rollback: &Rollback) -> String {
    rollback.target.as_ref().map_or_else(String::new, |target| format!("{}\n", target.sha))
}

/// Why it is that one.
#[must_use]
pub fn rollback_why(rollback: &Rollback, now: DateTime<Utc>) -> String {
    let mut text = String::new();
    for (name, why) in &rollback.unread {
        text.push_str(&unread(name.as_str(), why));
    }
    if let Some(current) = &rollback.current {
        text.push_str(&format!(
            "current  {}  {}; {}\n",
            current.sha,
            moment(current.time, now),
            current.current.source
        ));
        for note in &current.current.notes {
            text.push_str(&format!("{}: {}\n", styled(CAUTION, "note"), escape::terminal(note)));
        }
    }
    for skipped in rollback.skipped.iter().take(TOLD) {
        let message = escape::terminal(&skipped.message);
        text.push_str(&format!("passed   {}  {}: {message}\n", skipped.sha, skipped.code));
    }
    if rollback.skipped.len() > TOLD {
        let more = rollback.skipped.len() - TOLD;
        text.push_str(&format!("         and {more} more; --format json names them all\n"));
    }
    text.push_str(&answer(rollback, now));
    text
}

fn answer(rollback: &Rollback, now: DateTime<Utc>) -> String {
    if let Some(target) = &rollback.target {
        let line = format!("target   {}  {}", target.sha, moment(target.time, now));
        let mut text = format!("{}\n", styled(STRONG, &line));
        for image in &target.images {
            text.push_str(&format!("         {}@{}\n", image.reference, image.digest));
        }
        return text;
    }
    let environment = &rollback.environment;
    let trouble = rollback.trouble.as_deref();
    let from = "say which release is current with --from SHA";
    let (what, hint) = match (rollback.verdict(), trouble) {
        (RollbackVerdict::Unknown(_), _) => {
            let why = trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default();
            let what = format!("the rollback target of {environment} cannot be known{why}");
            let hint = if rollback.unread.is_empty() {
                from
            } else if rollback.current.is_none() {
                "ask again once the registry answers, or say which release is current with --from SHA"
            } else {
                "ask again once the registry answers; `tags list` shows what could be read"
            };
            (what, hint)
        }
        (_, Some(trouble)) => (trouble.to_owned(), from),
        (_, None) => {
            let what = format!("{environment} has no release to go back to");
            (what, "`tags list` shows every release and what it lacks")
        }
    };
    format!("{}: {}\n{}", styled(BAD, "error"), escape::terminal(&what), hint_line(hint))
}
