//! The tags of one environment: its SHA tag, the former ones, and the latest tag.
//!
//! They must be unambiguous: each tag has one meaning.

use toml::Spanned;

use super::value::{parsed, refuse_duplicates};
use crate::model::{Sha, TagName, TagPattern, TagScheme};
use crate::policy::Span;
use crate::policy::problem::Problems;
use crate::policy::raw::RawEnvironment;

/// The tag names of an environment, if they are valid.
pub(super) fn scheme(
    raw: &RawEnvironment,
    key: &Spanned<String>,
    problems: &mut Problems,
) -> Option<TagScheme> {
    let sha = raw.sha_tag.required("sha-tag", key, problems);
    let latest = raw.latest_tag.required("latest-tag", key, problems);
    let sha = sha.and_then(|text| pattern(text, problems));
    let former = former(raw, sha.as_ref(), problems);
    let tag = latest.and_then(|text| parsed(text, TagName::parse, problems));
    if let (Some(text), Some(tag)) = (latest, &tag) {
        check_latest(text.span(), tag, sha.iter().chain(&former), problems);
    }
    Some(TagScheme { sha: sha?, former, latest: tag? })
}

fn former(
    raw: &RawEnvironment,
    sha: Option<&TagPattern>,
    problems: &mut Problems,
) -> Vec<TagPattern> {
    refuse_duplicates(&raw.former_sha_tags, problems);
    let mut former = Vec::new();
    for text in raw.former_sha_tags.items() {
        let pattern = pattern(text, problems);
        if pattern.is_some() && pattern.as_ref() == sha {
            problems.add(text.span(), format!("`{text}` is already the `sha-tag`"));
        }
        former.extend(pattern);
    }
    former
}

fn pattern(text: &Spanned<String>, problems: &mut Problems) -> Option<TagPattern> {
    let pattern = parsed(text, TagPattern::parse, problems)?;
    let longest = Sha::parse(&"0".repeat(64)).ok()?;
    if pattern.render(&longest).is_accessory() {
        let message = format!("`{text}` makes tags that have the form of signature tags");
        problems.add(text.span(), message);
        return None;
    }
    Some(pattern)
}

fn check_latest<'p>(
    span: Span,
    latest: &TagName,
    mut patterns: impl Iterator<Item = &'p TagPattern>,
    problems: &mut Problems,
) {
    if latest.is_accessory() {
        problems.add(span, format!("`{latest}` has the form of a signature tag"));
    } else if let Some(pattern) = patterns.find(|pattern| pattern.sha_in(latest).is_some()) {
        problems.add(span, format!("`{latest}` would match the SHA tag pattern `{pattern}`"));
    }
}
