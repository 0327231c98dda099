//! What could be deleted, as a proposal in comments: a line that begins with `#` and no blank is TOML.

use super::text::{list, one_line, string};
use super::{Draft, DraftEnvironment};
use crate::model::TagPattern;

/// How much of an environment is kept: production more, everything else less.
const PRODUCTION: (u32, &str) = (20, "90d");
const OTHERS: (u32, &str) = (10, "30d");
/// How long everything else is kept.
const OTHER_TAGS: &str = "14d";

/// The proposal, line by line.
pub(super) fn lines(draft: &Draft) -> Vec<String> {
    let mut lines = vec![
        "# What `tags cleanup` may delete. Without rules it deletes nothing. This is a cautious proposal: remove".to_owned(),
        "# the `#` from the lines that fit, and read the plan that `tags cleanup` then shows.".to_owned(),
    ];
    let (production, others): (Vec<_>, Vec<_>) =
        draft.environments.iter().partition(|one| one.is_production());
    for (environments, keep) in [(production, PRODUCTION), (others, OTHERS)] {
        if !environments.is_empty() {
            rule(&environments, keep, &mut lines);
        }
    }
    other_tags(draft, &mut lines);
    lines.push("#[untagged]".to_owned());
    lines.push(format!("#keep-within = {}", string(OTHER_TAGS)));
    if !draft.versions.is_empty() {
        lines.push("#".to_owned());
        lines.push("#[protect]".to_owned());
        lines.push(format!("#tags = {}", list(&draft.versions)));
    }
    lines
}

/// The rule for tags of pull requests, tests and previews. A glob that releases have, too, is left out:
/// the rule would be about those releases.
fn other_tags(draft: &Draft, lines: &mut Vec<String>) {
    let is_apart = |glob: &str| !draft.environments.iter().any(|one| may_match(glob, one));
    let others: Vec<_> = draft.other_tags.iter().filter(|(glob, _)| is_apart(glob)).collect();
    if others.is_empty() {
        return;
    }
    let seen: Vec<String> = others.iter().map(|(glob, place)| format!("{glob}: {place}")).collect();
    lines.push("#[[retention]]".to_owned());
    lines.push(format!(
        "#tags = {}  # {}",
        list(others.iter().map(|(glob, _)| glob)),
        one_line(&seen.join("; "))
    ));
    lines.push(format!("#keep-within = {}", string(OTHER_TAGS)));
    lines.push("#".to_owned());
}

/// Whether a glob, `pr-*`, may match a SHA tag or the latest tag of an environment.
fn may_match(glob: &str, environment: &DraftEnvironment) -> bool {
    let start = glob.trim_end_matches('*');
    environment.latest.tag().as_str().starts_with(start) || may_start(&environment.sha_tag, start)
}

/// Whether a tag of a pattern may start with a text.
fn may_start(pattern: &TagPattern, start: &str) -> bool {
    let pattern = pattern.to_string();
    let (before, after) = pattern.split_once("{sha}").unwrap_or((&pattern, ""));
    if before.starts_with(start) {
        return true;
    }
    let Some(rest) = start.strip_prefix(before) else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    // The text ends within the commit, or the commit ends within the text.
    digits == rest.len() || (1..=digits).any(|end| after.starts_with(&rest[end..]))
}

fn rule(environments: &[&DraftEnvironment], (last, within): (u32, &str), lines: &mut Vec<String>) {
    let names = environments.iter().map(|one| one.name.as_str());
    lines.push("#[[retention]]".to_owned());
    lines.push(format!("#environments = {}", list(names)));
    lines.push(format!("#keep-last = {last}"));
    lines.push(format!("#keep-within = {}", string(within)));
    lines.push("#".to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_compared_with_every_tag_that_a_pattern_may_make() {
        let may = |pattern: &str, start: &str| {
            may_start(&TagPattern::parse(pattern).expect("a pattern"), start)
        };
        for (pattern, start) in [
            ("prod-{sha}", "prod-"),
            ("prod-{sha}", "p"),
            ("prod-{sha}", "prod-1a"),
            ("{sha}", "ca"),
            ("{sha}-dev", "1a2b3c4-d"),
        ] {
            assert!(may(pattern, start), "{start}* and {pattern}");
        }
        for (pattern, start) in [
            ("prod-{sha}", "pr-"),
            ("prod-{sha}", "prod-pr-"),
            ("{sha}", "cache-"),
            ("{sha}-dev", "1a2b3c4-pr"),
        ] {
            assert!(!may(pattern, start), "{start}* and {pattern}");
        }
    }
}
