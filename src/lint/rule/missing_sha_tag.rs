//! The rule `missing-sha-tag`: nothing SHA-tagged is pushed for a registry and repository.

use super::about::{Reporter, Say, rule};
use super::group::groups;
use crate::lint::evaluate::Set;
use crate::lint::reference::TagKind;

rule! {
    /// # missing-sha-tag
    ///
    /// A rollback needs a tag that never moves. A build that pushes only `prod-latest` is gone with the next
    /// one. Copies of an image that has its SHA tag already need no second one.
    MissingShaTag, "missing-sha-tag", Error, "nothing SHA-tagged is pushed for a registry and repository", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for group in groups(set) {
        let shielded = group.has(|kind| kind.names_commit() || kind.is_open());
        if shielded
            || group.copies_a_release(set)
            || group.has_elsewhere(set, TagKind::names_commit)
        {
            continue;
        }
        let repository = set.symbols.show(&group.repository);
        let say = Say::new(
            repository.clone(),
            format!("no tag with the commit's SHA is pushed to `{repository}`"),
            format!("add `{repository}:<env>-${{{{ github.sha }}}}`"),
        );
        out.at(group.task, group.anchor, say);
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
