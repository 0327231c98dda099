//! One entry of a plan file back to one of the plan: every part valid, and none against another.

use std::borrow::Cow;

use super::super::plan::{Decision, PlanEntry};
use super::super::reason::{Reason, ReasonCode, RuleName};
use super::wire::{EntryJson, ReasonJson};
use super::{PlanFileError, Repositories, invalid, moment, repository};
use crate::model::{Digest, ImageName, TagName};

/// Reads one entry; `index` names it in messages.
pub(super) fn read(
    index: usize,
    json: &EntryJson<'_>,
    repositories: &Repositories<'_>,
) -> Result<PlanEntry, PlanFileError> {
    let place = format!("entries[{index}]");
    let wrong = |message: String| invalid(&place, message);
    let image = json.image.as_deref().map(ImageName::parse).transpose();
    let image = image.map_err(|error| wrong(error.to_string()))?;
    let repository = repository(&place, (&json.registry, &json.repository), repositories)?;
    let digest = Digest::parse(&json.digest).map_err(|error| wrong(error.to_string()))?;
    let tags = tags(&json.tags).map_err(wrong)?;
    let reason = reason(&json.reason).map_err(wrong)?;
    let decision = decision(json, &tags, &reason).map_err(wrong)?;
    let time = json.time.as_deref().map(|text| moment(&place, text)).transpose()?;
    Ok(PlanEntry { image, repository, digest, tags, decision, reason, bytes: json.bytes, time })
}

/// Tags, sorted, each once.
fn tags(names: &[Cow<'_, str>]) -> Result<Vec<TagName>, String> {
    let tags: Result<Vec<_>, _> = names.iter().map(|name| TagName::parse(name)).collect();
    let mut tags = tags.map_err(|error| error.to_string())?;
    tags.sort();
    match tags.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("the tag `{}` stands there twice", pair[0])),
        None => Ok(tags),
    }
}

fn reason(json: &ReasonJson<'_>) -> Result<Reason, String> {
    let code = ReasonCode::parse(&json.code)
        .ok_or_else(|| format!("`{}` is no reason code", json.code))?;
    let rule = json.rule.as_deref().map(RuleName::written);
    Ok(Reason { code, rule, message: json.message.clone().into_owned() })
}

/// The decision, if it agrees with its reason and its tags.
fn decision(json: &EntryJson<'_>, tags: &[TagName], reason: &Reason) -> Result<Decision, String> {
    let untag = self::tags(&json.untag)?;
    let decision = match &*json.decision {
        "keep" => Decision::Keep,
        "delete" => Decision::Delete,
        "untag" if untag.is_empty() => return Err("no tag is named to take off".to_owned()),
        "untag" => Decision::Untag(untag.clone()),
        other => return Err(format!("`{other}` is no decision")),
    };
    let goes = decision == Decision::Delete;
    if goes != matches!(reason.code, ReasonCode::Delete(_)) {
        return Err(format!("`{}` is no reason to {}", reason.code, decision.as_str()));
    }
    let is_untag = matches!(decision, Decision::Untag(_));
    if !is_untag && !untag.is_empty() {
        return Err(format!("to {} it, no tag is taken off by itself", decision.as_str()));
    }
    if let Some(tag) = untag.iter().find(|tag| !tags.contains(tag)) {
        return Err(format!("`{tag}` is to be taken off, and is none of its tags"));
    }
    if is_untag && untag.len() == tags.len() {
        return Err("it would lose all of its tags and stay".to_owned());
    }
    Ok(decision)
}
