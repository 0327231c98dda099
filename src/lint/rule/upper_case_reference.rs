//! The rule `upper-case-reference`: an upper-case letter in a registry path or repository.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;

rule! {
    /// # upper-case-reference
    ///
    /// Docker refuses `ghcr.io/Acme/App`: repositories are lower-case. It shows only when the job runs, mostly
    /// after an organisation was renamed. What the owner's name is, is not known here and not claimed.
    UpperCaseReference, "upper-case-reference", Error, "an upper-case letter in a registry path or repository", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            let pushed = leg.pushes.iter().map(|push| &push.reference);
            for reference in pushed.chain(leg.uses.iter().map(|used| &used.reference)) {
                if !reference.path.chars().any(|c| c.is_ascii_uppercase()) {
                    continue;
                }
                let repository = set.symbols.show(&reference.repository());
                let say = Say::new(
                    repository.clone(),
                    format!("`{repository}` has upper-case letters, which registries refuse"),
                    "write it in lower case; in a script, `${NAME,,}` does that",
                );
                out.at(task, reference.at, say);
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
            ghcr.io/Acme/app:prod-${{ github.sha }}
            ghcr.io/Acme/app:prod-latest
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
