//! What could be deleted, as a proposal in comments: a line that begins with `#` and no blank is TOML.

use super::text::{list, one_line, string};
use super::{Draft, DraftEnvironment};

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
    if !draft.other_tags.is_empty() {
        lines.push("#[[retention]]".to_owned());
        let seen: Vec<String> =
            draft.other_tags.iter().map(|(glob, place)| format!("{glob}: {place}")).collect();
        lines.push(format!(
            "#tags = {}  # {}",
            list(draft.other_tags.keys()),
            one_line(&seen.join("; "))
        ));
        lines.push(format!("#keep-within = {}", string(OTHER_TAGS)));
        lines.push("#".to_owned());
    }
    lines.push("#[untagged]".to_owned());
    lines.push(format!("#keep-within = {}", string(OTHER_TAGS)));
    if !draft.versions.is_empty() {
        lines.push("#".to_owned());
        lines.push("#[protect]".to_owned());
        lines.push(format!("#tags = {}", list(&draft.versions)));
    }
    lines
}

fn rule(environments: &[&DraftEnvironment], (last, within): (u32, &str), lines: &mut Vec<String>) {
    let names = environments.iter().map(|one| one.name.as_str());
    lines.push("#[[retention]]".to_owned());
    lines.push(format!("#environments = {}", list(names)));
    lines.push(format!("#keep-last = {last}"));
    lines.push(format!("#keep-within = {}", string(within)));
    lines.push("#".to_owned());
}
