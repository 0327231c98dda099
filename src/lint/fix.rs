//! Changes for mistakes in a workflow that can be corrected in one way only.
//!
//! Only the words that are wrong change: comments, formatting and line ends stay.

use super::finding::{Finding, Fix};
use super::position::Position;

/// How a commit's SHA ends a tag.
const SHAS: [&str; 4] = ["${{ github.sha }}", "${{github.sha}}", "${GITHUB_SHA}", "$GITHUB_SHA"];

/// The text of a file after all changes that its findings ask for; none if nothing changes.
#[must_use]
pub fn fixed<'f>(text: &str, findings: impl IntoIterator<Item = &'f Finding>) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for finding in findings {
        match &finding.fix {
            Some(Fix::LatestForSha(latest)) => {
                change(&mut lines, finding.at, |rest| latest_for_sha(rest, latest));
            }
            Some(Fix::DoNotCancel) => change(&mut lines, finding.at, do_not_cancel),
            Some(Fix::LowerCase(name)) => {
                let everywhere = has_host(name);
                for line in &mut lines {
                    *line = lower_case(line, name, everywhere);
                }
                change(&mut lines, finding.at, |rest| {
                    let after = rest.strip_prefix(name.as_str())?;
                    Some(name.to_lowercase() + after)
                });
            }
            None => {}
        }
    }
    let fixed: String = lines.concat();
    (fixed != text).then_some(fixed)
}

/// Changes a line from a position on.
fn change(lines: &mut [String], at: Position, of: impl Fn(&str) -> Option<String>) {
    let number = usize::try_from(at.line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(at.column).unwrap_or(1).saturating_sub(1);
    let Some(line) = lines.get_mut(number) else { return };
    let Some((start, _)) = line.char_indices().nth(column) else { return };
    if let Some(rest) = of(&line[start..]) {
        line.truncate(start);
        line.push_str(&rest);
    }
}

/// An entry with `latest` instead of the SHA at its end.
fn latest_for_sha(rest: &str, latest: &str) -> Option<String> {
    let end = entry_end(rest);
    let (entry, after) = rest.split_at(end);
    let before = SHAS.iter().find_map(|sha| entry.strip_suffix(sha))?;
    let colon = before.rfind(':')?;
    let prefix = &before[colon + 1..];
    // An expression before the SHA gives the environment; else the tag must be the one that is missing.
    let fits = prefix.contains('$') || format!("{prefix}latest") == latest;
    fits.then(|| format!("{before}latest{after}"))
}

/// The byte after an entry: white space, a comma or a quote outside of `${{ }}`.
fn entry_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with("${{") {
            at += text[at..].find("}}").map_or(text.len() - at, |end| end + 2);
            continue;
        }
        if c.is_whitespace() || matches!(c, ',' | '"' | '\'') {
            break;
        }
        at += c.len_utf8();
    }
    at
}

fn do_not_cancel(rest: &str) -> Option<String> {
    let value = rest.strip_prefix("cancel-in-progress:")?;
    let blanks = value.len() - value.trim_start().len();
    let after = value[blanks..].strip_prefix("true")?;
    Some(format!("cancel-in-progress:{}false{after}", &value[..blanks]))
}

/// Whether a name begins with the host of a registry. Without one it may also be a folder or a
/// repository on GitHub, whose upper-case letters count.
fn has_host(name: &str) -> bool {
    let host = name.split_once('/').map_or("", |(host, _)| host);
    host.contains(['.', ':']) || host == "localhost"
}

/// A line with a name in lower case: everywhere, or where a tag or a digest follows. A longer name that
/// contains it stays.
fn lower_case(line: &str, name: &str, everywhere: bool) -> String {
    let inside = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let mut result = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(name) {
        let (before, found) = rest.split_at(at);
        let after = &found[name.len()..];
        let apart = !before.ends_with(inside) && !after.starts_with(inside);
        let apart = apart && (everywhere || is_of_image(after));
        result.push_str(before);
        result.push_str(&if apart { name.to_lowercase() } else { name.to_owned() });
        rest = after;
    }
    result + rest
}

/// Whether the text after a name makes it the reference of an image: `:TAG` or `@sha256:…`.
fn is_of_image(after: &str) -> bool {
    let tag = after.strip_prefix(':').and_then(|tag| tag.chars().next());
    after.starts_with("@sha256:")
        || tag.is_some_and(|c| c.is_ascii_alphanumeric() || "_${".contains(c))
}
