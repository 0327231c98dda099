//! The rule `missing-login`: a push to a host without a login to it earlier in the job.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::symbol::is_known;

rule! {
    /// # missing-login
    ///
    /// Each job begins on a new machine without credentials: the push is refused after the build has taken its
    /// minutes. An action of this repository may log in and is trusted to.
    MissingLogin, "missing-login", Error, "a push to a host without a login to it earlier in the job", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for leg in &task.legs {
            for push in &leg.pushes {
                let host = &push.reference.host;
                // A name that nobody knows may hold its registry, and has no host then.
                let unknown = host.is_empty() || !is_known(host);
                if push.remote || unknown || push.reference.is_local() {
                    continue;
                }
                let logged_in = leg.logins.iter().any(|login| {
                    login.step <= push.step
                        && (login.host.is_empty() || set.symbols.may_equal(&login.host, host))
                });
                if logged_in {
                    continue;
                }
                let say = Say::new(
                    host.clone(),
                    format!("this pushes to `{host}`, and the job has not logged in there"),
                    format!("add a `docker/login-action` step for `{host}` before"),
                );
                out.at(task, push.anchor, say);
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
