//! Comments that suppress findings: `# tags: ignore[rule]`, on the line or the one above it.

use std::collections::BTreeMap;

use super::finding::Finding;

/// The rules that the comments of a file name, by line.
#[derive(Debug, Default)]
pub(super) struct Ignores(BTreeMap<u32, Vec<String>>);

impl Ignores {
    /// Reads the comments of a text.
    pub(super) fn read(text: &str) -> Self {
        let mut ignores = BTreeMap::new();
        for (line, number) in text.lines().zip(1..) {
            let Some((_, rest)) = line.split_once("# tags: ignore[") else { continue };
            let Some((names, _)) = rest.split_once(']') else { continue };
            ignores.insert(number, names.split(',').map(|name| name.trim().to_owned()).collect());
        }
        Self(ignores)
    }

    /// Whether a comment suppresses a finding.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        let line = finding.at.line;
        [Some(line), line.checked_sub(1)].into_iter().flatten().any(|line| {
            let names = self.0.get(&line);
            names.is_some_and(|names| names.iter().any(|name| name == finding.rule))
        })
    }
}
