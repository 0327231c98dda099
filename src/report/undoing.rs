//! What an undoing comes to, counted for every format.

use super::counted;
use crate::change::{ChangeVerdict, Restoration, TagSetter, Undone, UndoneTag};

/// How many manifests, and how many tags, ended so.
pub(super) fn counts(undone: &Undone, is: impl Fn(Restoration) -> bool) -> (usize, usize) {
    let manifests = undone.manifests.iter().filter(|manifest| is(manifest.result)).count();
    let tags = undone.manifests.iter().flat_map(|manifest| &manifest.tags);
    (manifests, tags.filter(|tag| is(tag.result)).count())
}

/// What a push means for the next cleanup, where tags were put back by one.
pub(super) fn pushed_note(undone: &Undone) -> Option<String> {
    let tags = undone.manifests.iter().flat_map(|manifest| &manifest.tags);
    let pushed = tags.filter(|tag| tag.setter == TagSetter::Push).count();
    let (tags, verb) = (counted(pushed, "tag"), if pushed == 1 { "counts" } else { "count" });
    (pushed > 0).then(|| {
        format!(
            "{tags} came back by a push and {verb} as pushed now where the registry tells push times. \
             A cleanup that finds this journal goes by the old times; one elsewhere takes what came back for the newest, \
             and others may go in its place. The policy still lets all of it go: look at `tags cleanup` before the next scheduled run"
        )
    })
}

/// Something that did not come back, or came back already.
pub(super) struct LeftOut<'a> {
    pub(super) result: Restoration,
    /// `host/path@digest (tags)` or `host/path:tag`.
    pub(super) name: String,
    pub(super) message: &'a str,
}

/// What did not come back, the gravest last.
pub(super) fn left_out(undone: &Undone) -> Vec<LeftOut<'_>> {
    let mut left = Vec::new();
    for manifest in &undone.manifests {
        let at = &manifest.repository;
        let (result, message) = (manifest.result, manifest.message.as_str());
        // Tags that share the fate of their manifest are told with it.
        let (alike, apart): (Vec<&UndoneTag>, Vec<&UndoneTag>) =
            manifest.tags.iter().partition(|tag| tag.result == result);
        let names: Vec<&str> = alike.iter().map(|tag| tag.tag.as_str()).collect();
        let names =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let name = format!("{at}@{}{names}", manifest.digest.short());
        left.push(LeftOut { result, name, message });
        for tag in apart {
            let (result, message) = (tag.result, tag.message.as_str());
            left.push(LeftOut { result, name: format!("{at}:{}", tag.tag), message });
        }
    }
    let is_back = |item: &LeftOut<'_>| {
        matches!(item.result, Restoration::Restored | Restoration::AlreadyThere)
    };
    left.retain(|item| !is_back(item));
    left.sort_by_key(|item| item.result);
    left
}

/// `ok`, `partial` when something came back and something did not, else `failed`.
#[must_use]
pub fn undo_outcome(undone: &Undone) -> &'static str {
    let back = |result| matches!(result, Restoration::Restored | Restoration::AlreadyThere);
    match undone.verdict() {
        ChangeVerdict::Done => "ok",
        _ if counts(undone, back) == (0, 0) => "failed",
        _ => "partial",
    }
}
