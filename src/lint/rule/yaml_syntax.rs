//! The rule `yaml-syntax`: not YAML, conflict markers included.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::yaml::DefectKind;

rule! {
    /// # yaml-syntax
    ///
    /// GitHub does not start a workflow that it cannot read, and says so in a place where nobody looks:
    /// the release is then missing without a failure. Conflict markers, tabs and unclosed quotes are the
    /// usual causes. Nothing else is claimed of such a file.
    YamlSyntax, "yaml-syntax", Error, "not YAML, conflict markers included", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (file, defect) in &set.defects {
        let DefectKind::Syntax(why) = &defect.kind else { continue };
        let say = Say::new(
            file,
            format!("this is not YAML: {why}"),
            "GitHub does not run the workflow until it can be read",
        );
        out.report(file, defect.at, say);
    }
}

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
