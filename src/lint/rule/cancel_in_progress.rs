//! The rule `cancel-in-progress`: `cancel-in-progress: true` where images are pushed or deployed.

use super::about::{Reporter, Say, rule};
use super::deploy::concurrency;
use crate::lint::evaluate::JobKind;
use crate::lint::evaluate::Set;

rule! {
    /// # cancel-in-progress
    ///
    /// A run that is cancelled between two pushes leaves one registry, or one image, with the new release and
    /// the other without; cancelled in a deploy, half of the hosts. For tests it is fine.
    CancelInProgress, "cancel-in-progress", Warning, "`cancel-in-progress: true` where images are pushed or deployed", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        let pushes = task.pushes().any(|push| !push.reference.is_local());
        if !pushes && task.kind != JobKind::Deploy {
            continue;
        }
        for (owner, node) in concurrency(set, at) {
            let Some(entry) = node.entry("cancel-in-progress") else { continue };
            let value = entry.value.text().unwrap_or_default();
            if task.scope.value(value).text(set.symbols) != "true" {
                continue;
            }
            let id = &task.job.id;
            let what = if pushes { "pushes" } else { "deploys" };
            let say = Say::new(
                "cancel-in-progress",
                format!("`{id}` {what}, and a newer run may cut it off in the middle"),
                "write `cancel-in-progress: false`",
            );
            out.at(owner, entry.key.at, say);
        }
    }
}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}", cancel-in-progress: true }
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
