//! The rule `duplicate-tag`: one reference twice in one push set.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use std::collections::HashMap;

rule! {
    /// # duplicate-tag
    ///
    /// Whoever copies a line and forgets to change its tag pushes one tag twice and the other never. The
    /// push succeeds, and the tag that is missing is noticed by whoever deploys it. Retries of one push are
    /// no duplicates, and neither are pushes in different branches of a script.
    DuplicateTag, "duplicate-tag", Error, "one reference twice in one push set", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            let mut firsts = HashMap::new();
            for push in &leg.pushes {
                let (reference, build) = (&push.reference, push.build.as_deref());
                let text = (reference.text(), reference.kind);
                let key = (push.step, text, push.branch.as_slice(), build, push.certain);
                let first = *firsts.entry(key).or_insert(push);
                if std::ptr::eq(first, push) {
                    continue;
                }
                let text = set.symbols.show(&push.reference.text());
                let line = first.reference.at.line;
                let say = Say::new(
                    text.clone(),
                    format!("`{text}` is pushed twice; the first time in line {line}"),
                    "write the other tag here, such as `<env>-latest`, or take the line out",
                );
                out.at(task, push.reference.at, say);
            }
        }
    }
}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}" }
      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: |
            ghcr.io/acme/app:prod-${{ github.sha }}
            ghcr.io/acme/app:prod-latest
            ghcr.io/acme/app:prod-${{ github.sha }}
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}" }
      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: |
            ghcr.io/acme/app:prod-${{ github.sha }}
            ghcr.io/acme/app:prod-latest
"#;
