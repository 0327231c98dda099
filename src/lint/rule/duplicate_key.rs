//! The rule `duplicate-key`: a key twice in one mapping.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::yaml::DefectKind;

rule! {
    /// # duplicate-key
    ///
    /// A second `migrate:` under `jobs` makes GitHub refuse the workflow, and other readers of YAML keep
    /// silently only the last one. It is what a careless merge leaves behind. Nothing else is claimed of
    /// such a file.
    DuplicateKey, "duplicate-key", Error, "a key twice in one mapping", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &set.defects {
        let DefectKind::Duplicate { key, first } = &defect.kind else { continue };
        let say = Say::new(
            key,
            format!(
                "the key `{key}` stands here a second time; the first is in line {}",
                first.line
            ),
            "keep one of the two, or give this one a name of its own",
        );
        out.report(file, defect.at, say);
    }
}

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
