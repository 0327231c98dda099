//! The rule `tag-collision`: two different builds push one reference.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Push;
use crate::lint::evaluate::Set;
use crate::lint::reference::TagKind;
use std::collections::BTreeMap;

rule! {
    /// # tag-collision
    ///
    /// Two steps, two Dockerfiles or two legs of a matrix that push the same reference overwrite each
    /// other: the last one wins, and the frontend runs as backend. Steps whose conditions differ may exclude
    /// each other and are left alone, and so are copies of an image that was built once, and platforms that are
    /// pushed by digest.
    TagCollision, "tag-collision", Error, "two different builds push one reference", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    let mut first: BTreeMap<(usize, String, String), &Push> = BTreeMap::new();
    for (at, task) in set.tasks.iter().enumerate() {
        for leg in &task.legs {
            for push in leg.pushes.iter().filter(|push| built(push)) {
                let reference = push.reference.text();
                let key = (task.tree, reference.clone(), push.condition.clone());
                let Some(other) = first.get(&key) else {
                    first.insert(key, push);
                    continue;
                };
                if other.build == push.build {
                    continue;
                }
                let text = set.symbols.show(&reference);
                let legs = if leg.label.is_empty() {
                    String::new()
                } else {
                    format!(" (leg {})", set.symbols.show(&leg.label))
                };
                let say = Say::new(
                    text.clone(),
                    format!("another build pushes `{text}` as well{legs}; the last one wins"),
                    "give each image a repository of its own, for instance with the matrix value in its name",
                );
                out.at(&set.tasks[at], push.reference.at, say);
            }
        }
    }
}

/// Whether a push surely sends a build of its own.
fn built(push: &Push) -> bool {
    let own = push.build.as_deref().is_some_and(|build| !build.starts_with("image "));
    let tagged = push.reference.kind != TagKind::Digest;
    own && tagged && push.certain && !push.remote && !push.condition.contains("matrix.")
}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: { matrix: { image: [frontend, backend] } }
    steps:
      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}" }
      - uses: docker/build-push-action@v6
        with:
          context: "${{ matrix.image }}"
          push: true
          tags: |
            ghcr.io/acme/app:prod-${{ github.sha }}
            ghcr.io/acme/app:prod-latest
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: { matrix: { image: [frontend, backend] } }
    steps:
      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}" }
      - uses: docker/build-push-action@v6
        with:
          context: "${{ matrix.image }}"
          push: true
          tags: |
            ghcr.io/acme/${{ matrix.image }}:prod-${{ github.sha }}
            ghcr.io/acme/${{ matrix.image }}:prod-latest
"#;
