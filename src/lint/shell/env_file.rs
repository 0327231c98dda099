//! The files `$GITHUB_OUTPUT` and `$GITHUB_ENV`, through which a step gives values to later ones.

use std::collections::BTreeMap;

/// The lines that a step has written to such a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnvFile(Vec<String>);

impl EnvFile {
    /// Adds what was written, line by line.
    pub(super) fn write(&mut self, text: &str) {
        const MOST: usize = 2000;
        if self.0.len() < MOST {
            self.0.extend(text.lines().map(str::to_owned));
        }
    }

    /// How many lines were written.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The values by name: `name=value`, or `name<<END` with lines up to `END`.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let mut lines = self.0.iter();
        while let Some(line) = lines.next() {
            let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
            if let Some((name, end)) = heredoc {
                let body: Vec<&str> =
                    lines.by_ref().take_while(|line| *line != end).map(String::as_str).collect();
                values.insert(name.trim().to_owned(), body.join("\n"));
            } else if let Some((name, value)) = line.split_once('=') {
                values.insert(name.trim().to_owned(), value.to_owned());
            }
        }
        values
    }
}
