//! The tags that `docker/metadata-action` makes.
//!
//! <https://github.com/docker/metadata-action#tags-input>. Names come out in lower case, and
//! `type=sha` is seven digits unless it says `format=long`.

use super::leg::TagEntry;
use super::scope::{JobScope, plain, script};
use crate::lint::position::{Position, trimmed};
use crate::lint::symbol::SymbolKind;
use crate::lint::workflow::Step;

/// A tag without its image.
struct Tag {
    name: String,
    at: Position,
    certain: bool,
}

/// How many references of a step are kept.
const MOST_TAGS: usize = 2_000;

/// The references of a step.
pub(super) fn tags(step: &Step, scope: &JobScope<'_>) -> Vec<TagEntry> {
    let images = images(step, scope);
    let tags = rules(step, scope);
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
    entries
        .filter_map(|line| {
            let mut name = None;
            for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                match part.split_once('=') {
                    Some(("name", value)) => name = Some(value.to_owned()),
                    Some(("enable", "false")) => return None,
                    Some(_) => {}
                    None => name = Some(part.to_owned()),
                }
            }
            name.map(|name| lower(&name, scope))
        })
        .collect()
}

fn lower(name: &str, scope: &JobScope<'_>) -> String {
    let lower = |c: char| match scope.symbols.get(c) {
        // A name without a tag has none in lower case either.
        Some(symbol) if symbol.kind == SymbolKind::Name => {
            scope.symbols.any_name(&format!("lower({c})"), &symbol.name)
        }
        Some(symbol) => scope.symbols.any(&format!("lower({})", symbol.name), &symbol.name),
        None => c.to_lowercase().to_string(),
    };
    name.chars().map(lower).collect()
}

/// The `flavor` input: a prefix, a suffix, and whether `latest` is added.
struct Flavor {
    prefix: String,
    suffix: String,
    latest: Option<bool>,
}

fn flavor(step: &Step, scope: &JobScope<'_>) -> Flavor {
    let mut flavor = Flavor { prefix: String::new(), suffix: String::new(), latest: None };
    let Some(setting) = step.input("flavor") else { return flavor };
    let text = plain(&script(scope, &setting.value));
    for (name, value) in text.split(['\n', ',']).filter_map(|part| part.trim().split_once('=')) {
        match name {
            "prefix" => value.clone_into(&mut flavor.prefix),
            "suffix" => value.clone_into(&mut flavor.suffix),
            "latest" => flavor.latest = value.parse().ok(),
            _ => {}
        }
    }
    flavor
}

fn rules(step: &Step, scope: &JobScope<'_>) -> Vec<Tag> {
    let flavor = flavor(step, scope);
    let mut tags = Vec::new();
    let mut may_be_latest = false;
    let setting = step.input("tags");
    let chars = setting.map(|setting| script(scope, &setting.value)).unwrap_or_default();
    for line in chars.split(|ch| ch.c == '\n') {
        let line = trimmed(line);
        let Some(at) = line.first().map(|ch| ch.at) else { continue };
        let text = plain(line);
        if text.starts_with('#') {
            continue;
        }
        may_be_latest |= ["type=semver", "type=ref,event=tag", "type=match", "type=pep440"]
            .iter()
            .any(|start| text.starts_with(start));
        tags.extend(rule(&text, at, &flavor, scope));
    }
    let at = setting.map_or(step.at, |setting| setting.at);
    if tags.is_empty() {
        let name =
            scope.symbols.any(&format!("a tag at {at}"), "<a branch, a tag or a pull request>");
        tags.push(Tag { name, at, certain: false });
        may_be_latest = true;
    }
    match flavor.latest {
        Some(true) => tags.push(Tag { name: "latest".to_owned(), at, certain: true }),
        None if may_be_latest => tags.push(Tag { name: "latest".to_owned(), at, certain: false }),
        _ => {}
    }
    tags
}

fn rule(text: &str, at: Position, flavor: &Flavor, scope: &JobScope<'_>) -> Option<Tag> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let get = |name: &str| {
        parts.iter().find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let kind = get("type").unwrap_or_else(|| "raw".to_owned());
    let value = get("value")
        .or_else(|| parts.first().filter(|p| !p.contains('=')).map(|p| (*p).to_owned()));
    let certain = match get("enable").as_deref() {
        None | Some("true") => true,
        Some("false" | "") => return None,
        Some(_) => false,
    };
    let unknown = || scope.symbols.any(&format!("{text} at {at}"), &format!("<{text}>"));
    let (name, certain) = match kind.as_str() {
        "raw" => (templated(&value?, scope), certain),
        "sha" => {
            let long = get("format").as_deref() == Some("long");
            let sha = scope.symbols.context("github.sha");
            (if long { sha } else { scope.symbols.sha("github.sha", 7) }, certain)
        }
        // Branches, versions and schedules: only some runs have such a tag.
        _ => (unknown(), false),
    };
    let default = if kind == "sha" { "sha-".to_owned() } else { flavor.prefix.clone() };
    let prefix = templated(&get("prefix").unwrap_or(default), scope);
    let suffix = templated(&get("suffix").unwrap_or_else(|| flavor.suffix.clone()), scope);
    Some(Tag { name: format!("{prefix}{name}{suffix}"), at, certain })
}

/// Replaces `{{sha}}`, `{{branch}}` and the like.
fn templated(text: &str, scope: &JobScope<'_>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, end)) = after.split_once("}}") else { break };
        result.push_str(before);
        let name = name.trim();
        result.push_str(&match name {
            "sha" => scope.symbols.sha("github.sha", 7),
            _ => scope.symbols.any(&format!("{{{{{name}}}}}"), &format!("{{{{{name}}}}}")),
        });
        rest = end;
    }
    result + rest
}
