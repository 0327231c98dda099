//! Changes of a text as a unified diff, for changes that keep the number of lines.

use std::fmt::Write as _;

use super::escape;

/// Lines shown before and after a change.
const CONTEXT: usize = 3;

/// The diff of a file, as `git apply` and people read it.
#[must_use]
pub fn diff(name: &str, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let changed: Vec<usize> =
        (0..old.len().min(new.len())).filter(|at| old[*at] != new[*at]).collect();
    let shown = escape::terminal(name);
    let mut text = format!("--- a/{shown}\n+++ b/{shown}\n");
    for hunk in hunks(&changed, old.len()) {
        let length = hunk.len();
        let start = hunk.start + 1;
        // Writing to a text cannot fail.
        let _ = writeln!(text, "@@ -{start},{length} +{start},{length} @@");
        let mut at = hunk.start;
        while at < hunk.end {
            let end = (at..hunk.end).find(|n| old[*n] == new[*n]).unwrap_or(hunk.end);
            if end == at {
                put(&mut text, ' ', old[at]);
                at += 1;
                continue;
            }
            old[at..end].iter().for_each(|line| put(&mut text, '-', line));
            new[at..end].iter().for_each(|line| put(&mut text, '+', line));
            at = end;
        }
    }
    text
}

fn put(text: &mut String, sign: char, line: &str) {
    let _ = writeln!(text, "{sign}{}", escape::terminal(line));
}

/// The ranges of lines that are shown: each change with its context, those that touch as one.
fn hunks(changed: &[usize], count: usize) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    for at in changed {
        let (start, end) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(count));
        match hunks.last_mut().filter(|last| start <= last.end) {
            Some(last) => last.end = end,
            None => hunks.push(start..end),
        }
    }
    hunks
}
