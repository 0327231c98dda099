//! The rule `unprefixed-sha-tag`: a SHA tag without an environment prefix.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;

rule! {
    /// # unprefixed-sha-tag
    ///
    /// The same commit is built for uat and for prod with different settings. Without the environment in the
    /// tag one build overwrites the other, and nobody can tell what may be rolled back to.
    UnprefixedShaTag, "unprefixed-sha-tag", Warning, "a SHA tag without an environment prefix", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (task, push) in set.pushes() {
        let reference = &push.reference;
        let Some(tag) = reference.tag.as_deref().filter(|_| reference.kind.names_commit()) else {
            continue;
        };
        let open =
            |tag: &String| {
                set.setup.prefix(tag).is_some()
                    || set.setup.environment(tag, set.symbols).is_some()
                    || tag.chars().next().and_then(|c| set.symbols.get(c)).is_some_and(|symbol| {
                        !matches!(symbol.kind, crate::lint::symbol::Kind::Sha(_))
                    })
            };
        if set.symbols.possibilities(tag).iter().any(open) {
            continue;
        }
        let text = set.symbols.show(&reference.text());
        let say = Say::new(
            text.clone(),
            format!("`{text}` does not say for which environment it was built"),
            "begin the tag with the environment: `prod-${{ github.sha }}`",
        );
        out.at(&set.tasks[task], reference.at, say);
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
            ghcr.io/acme/app:${{ github.sha }}
            ghcr.io/acme/app:prod-latest
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
