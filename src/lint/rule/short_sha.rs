//! The rule `short-sha`: a short SHA in a pushed tag.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;

rule! {
    /// # short-sha
    ///
    /// Seven digits are unique today and ambiguous in a year, and what looks for the whole SHA does not find
    /// them. `docker/metadata-action` writes seven digits unless its rule says `format=long`.
    ShortSha, "short-sha", Warning, "a short SHA in a pushed tag", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (task, push) in set.pushes() {
        if push.reference.kind != crate::lint::reference::TagKind::Short {
            continue;
        }
        let text = set.symbols.show(&push.reference.text());
        let say = Say::new(
            text.clone(),
            format!("`{text}` has a shortened SHA"),
            "use the whole one: `${{ github.sha }}`, or `type=sha,format=long`",
        );
        out.at(&set.tasks[task], push.reference.at, say);
    }
}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker login ghcr.io --password-stdin < token
          docker build -t ghcr.io/acme/app:prod-${GITHUB_SHA::7} -t ghcr.io/acme/app:prod-latest .
          docker push ghcr.io/acme/app:prod-${GITHUB_SHA::7}
          docker push ghcr.io/acme/app:prod-latest
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker login ghcr.io --password-stdin < token
          docker build -t ghcr.io/acme/app:prod-${GITHUB_SHA} -t ghcr.io/acme/app:prod-latest .
          docker push ghcr.io/acme/app:prod-${GITHUB_SHA}
          docker push ghcr.io/acme/app:prod-latest
"#;
