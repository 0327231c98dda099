//! The rule `missing-latest-tag`: no latest tag is pushed for a registry and repository.

use super::about::{Reporter, Say, rule};
use super::group::groups;
use crate::lint::Severity;
use crate::lint::evaluate::Set;

rule! {
    /// # missing-latest-tag
    ///
    /// What follows a moving tag (a droplet that restarts, a cache, `tags rollback-target`) goes on with the
    /// build before. A policy names the latest tag of each environment; with `latest-required = false` this is
    /// a warning. Without a policy any tag `latest` or `<env>-latest` of the same environment will do.
    MissingLatestTag, "missing-latest-tag", Error, "no latest tag is pushed for a registry and repository", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for group in groups(set) {
        let Some(missing) = group.missing_latest(set) else { continue };
        let repository = set.symbols.show(&group.repository);
        let severity = if missing.required { Severity::Error } else { Severity::Warning };
        let say = Say::new(
            repository.clone(),
            format!("`{}` is not pushed to `{repository}`", missing.tag),
            format!("add `{repository}:{}`", missing.tag),
        );
        out.with(severity, group.task, group.anchor, say);
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
