//! What `tags undo` restored, counted for every format.

use super::counted;
use crate::change::{Restoration, TagSetter, Undone, UndoneTag};
use crate::model::EnvironmentName;

/// How many manifests, and how many tags, ended so.
pub(super) fn counts(undone: &Undone, is: impl Fn(Restoration) -> bool) -> (usize, usize) {
    let manifests = undone.manifests.iter().filter(|manifest| is(manifest.result)).count();
    let tags = undone.manifests.iter().flat_map(|manifest| &manifest.tags);
    (manifests, tags.filter(|tag| is(tag.result)).count())
}

/// How much was restored.
pub(super) fn restored(undone: &Undone) -> String {
    if let Some(environment) = &undone.moved {
        return moved_back(undone, environment);
    }
    let (manifests, tags) = counts(undone, |result| result == Restoration::Restored);
    format!("restored {} and {}", counted(manifests, "manifest"), counted(tags, "tag"))
}

/// How many latest tags an undone move took back.
fn moved_back(undone: &Undone, environment: &EnvironmentName) -> String {
    let count = |is: fn(Restoration) -> bool| counts(undone, is).1;
    let back = counted(count(|it| it == Restoration::Restored), "latest tag");
    let rest = [
        (count(|it| it == Restoration::AlreadyThere), "already there"),
        (count(|it| it == Restoration::TagElsewhere), "left"),
        (count(|it| matches!(it, Restoration::Failed(_) | Restoration::Lost)), "failed"),
    ];
    let rest = rest.iter().filter(|(count, _)| *count > 0);
    let rest: String = rest.map(|(count, what)| format!("; {count} {what}")).collect();
    format!("{environment}: {back} moved back{rest}")
}

/// What it means for the next cleanup if tags were restored by a push.
pub(super) fn pushed_note(undone: &Undone) -> Option<String> {
    let tags = undone.manifests.iter().flat_map(|manifest| &manifest.tags);
    let pushed = tags.filter(|tag| tag.setter == TagSetter::Push).count();
    let (were, verb) = if pushed == 1 { ("was", "counts") } else { ("were", "count") };
    let tags = counted(pushed, "tag");
    (pushed > 0).then(|| {
        format!(
            "{tags} {were} restored by a push and {verb} as pushed now where the registry reports push times. \
             A cleanup that finds this journal uses the old times; one that does not treats the restored releases as the newest, \
             and may delete others instead. `tags list` and `tags rollback-target` go by the push times that the registry reports now: \
             name a release to roll back to with `tags rollback ENV --to SHA`. The policy still deletes all that was restored: check `tags cleanup` before the next scheduled run"
        )
    })
}

/// A manifest or tag that was not restored.
pub(super) struct LeftOut<'a> {
    pub(super) result: Restoration,
    /// `host/path@digest (tags)` or `host/path:tag`.
    pub(super) name: String,
    pub(super) message: &'a str,
}

/// What was not restored, the gravest result last.
pub(super) fn left_out(undone: &Undone) -> Vec<LeftOut<'_>> {
    let mut left = Vec::new();
    for manifest in &undone.manifests {
        let at = &manifest.repository;
        if let (Some(_), [tag]) = (&undone.moved, manifest.tags.as_slice()) {
            let name = format!("{at}:{}", tag.tag);
            left.push(LeftOut { result: tag.result, name, message: &tag.message });
            continue;
        }
        let (result, message) = (manifest.result, manifest.message.as_str());
        // Tags with the same result as their manifest are named with it.
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
