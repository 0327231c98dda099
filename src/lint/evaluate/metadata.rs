//! The tags that `docker/metadata-action` makes.
//!
//! <https://github.com/docker/metadata-action#tags-input>. Names come out in lower case, and
//! `type=sha` is seven digits unless it says `format=long`. A rule counts only in events in which it
//! holds.

use super::leg::TagEntry;
use super::metadata_rule::{Flavor, Rule, Tag};
use super::scope::{JobScope, plain, script};
use crate::lint::position::trimmed;
use crate::lint::workflow::Step;

/// How many references of a step are kept.
const MOST_TAGS: usize = 2_000;

/// The references of a step; `head` says that pull requests are tagged by the SHA of their head.
pub(super) fn tags(step: &Step, scope: &JobScope<'_>, head: bool) -> Vec<TagEntry> {
    let images = images(step, scope);
    let tags = rules(step, scope, head);
    let of = |image: &String| {
        let image = image.clone();
        tags.iter().map(move |tag| TagEntry {
            text: format!("{image}:{}", tag.name),
            at: tag.at,
            certain: tag.certain,
        })
    };
    images.iter().flat_map(of).take(MOST_TAGS).collect()
}

fn images(step: &Step, scope: &JobScope<'_>) -> Vec<String> {
    let Some(setting) = step.input("images") else { return Vec::new() };
    let text = plain(&script(scope, &setting.value));
    let entries = text.lines().filter(|line| !line.trim().starts_with('#'));
    entries.flat_map(|line| images_of(line, scope)).collect()
}

/// The images of a line: one with settings, or several with commas.
fn images_of(line: &str, scope: &JobScope<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("name", value)) => names.push(value.to_owned()),
            Some(("enable", "false")) => return Vec::new(),
            Some(_) => {}
            None => names.push(part.to_owned()),
        }
    }
    names.iter().map(|name| scope.symbols.lower(name)).collect()
}

fn flavor(step: &Step, scope: &JobScope<'_>) -> Flavor {
    let mut flavor = Flavor::default();
    let Some(setting) = step.input("flavor") else { return flavor };
    let text = plain(&script(scope, &setting.value));
    for (name, value) in text.split(['\n', ',']).filter_map(|part| part.trim().split_once('=')) {
        match name {
            "prefix" => value.clone_into(&mut flavor.prefix),
            "suffix" => value.clone_into(&mut flavor.suffix),
            "latest" => flavor.latest = Some(value.to_owned()),
            _ => {}
        }
    }
    flavor
}

/// The rules that the action has without `tags`.
const DEFAULT_RULES: [&str; 4] =
    ["type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"];

fn rules(step: &Step, scope: &JobScope<'_>, head: bool) -> Vec<Tag> {
    let flavor = flavor(step, scope);
    let setting = step.input("tags");
    let at = setting.map_or(step.at, |setting| setting.at);
    let chars = setting.map(|setting| script(scope, &setting.value)).unwrap_or_default();
    let mut lines = Vec::new();
    for line in chars.split(|ch| ch.c == '\n') {
        let line = trimmed(line);
        let Some(at) = line.first().map(|ch| ch.at) else { continue };
        let text = plain(line);
        if !text.starts_with('#') {
            lines.push((text, at));
        }
    }
    if lines.is_empty() {
        lines.extend(DEFAULT_RULES.map(|rule| (rule.to_owned(), at)));
    }
    let mut tags = Vec::new();
    let mut implies_latest = None;
    for (text, at) in &lines {
        let rule = Rule { text, at: *at, flavor: &flavor, scope, head };
        if let Some(tag) = rule.tag() {
            if rule.implies_latest() {
                implies_latest = Some(tag.certain || implies_latest == Some(true));
            }
            tags.push(tag);
        }
    }
    let name = "latest".to_owned();
    match flavor.latest.as_deref() {
        Some("true") => tags.push(Tag { name, at, certain: true }),
        None | Some("auto") => {
            tags.extend(implies_latest.map(|certain| Tag { name, at, certain }));
        }
        Some("false" | "") => {}
        Some(_) => tags.push(Tag { name, at, certain: false }),
    }
    once_each(tags)
}

/// The action writes each tag once.
fn once_each(tags: Vec<Tag>) -> Vec<Tag> {
    let mut kept: Vec<Tag> = Vec::new();
    for tag in tags {
        match kept.iter_mut().find(|other| other.name == tag.name) {
            Some(other) => other.certain |= tag.certain,
            None => kept.push(tag),
        }
    }
    kept
}
