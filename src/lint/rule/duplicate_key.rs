//! The rule `duplicate-key`: a key twice in one mapping.

use super::about::{Reporter, rule};
use crate::lint::evaluate::Set;

rule! {
    /// # duplicate-key
    ///
    /// A second `migrate:` under `jobs` makes GitHub refuse the workflow, and other readers of YAML keep
    /// silently only the last one. It is what a careless merge leaves behind. Nothing else is claimed of
    /// such a file.
    DuplicateKey, "duplicate-key", Error, "a key twice in one mapping", check
}

/// Reported while a file is read.
fn check(_: &Set<'_>, _: &mut Reporter<'_>) {}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  test:
    runs-on: ubuntu-latest
    steps: []
  test:
    runs-on: ubuntu-latest
    steps: []
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  test:
    runs-on: ubuntu-latest
    steps: []
  reports:
    runs-on: ubuntu-latest
    steps: []
"#;
