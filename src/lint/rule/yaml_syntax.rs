//! The rule `yaml-syntax`: not YAML, conflict markers included.

use super::about::{Reporter, rule};
use crate::lint::evaluate::Set;

rule! {
    /// # yaml-syntax
    ///
    /// GitHub does not start a workflow that it cannot read, and says so in a place where nobody looks:
    /// the release is then missing without a failure. Conflict markers, tabs and unclosed quotes are the
    /// usual causes. Nothing else is claimed of such a file.
    YamlSyntax, "yaml-syntax", Error, "not YAML, conflict markers included", check
}

/// Reported while a file is read.
fn check(_: &Set<'_>, _: &mut Reporter<'_>) {}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
<<<<<<< HEAD
  build:
=======
  build-images:
>>>>>>> topic
    runs-on: ubuntu-latest
    steps: []
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    steps: []
"#;
