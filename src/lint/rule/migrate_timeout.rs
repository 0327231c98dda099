//! The rule `migrate-timeout`: migrate without `timeout-minutes`, or with more than 15.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::evaluate::{Call, JobKind, Task};

rule! {
    /// # migrate-timeout
    ///
    /// A migration that waits for a lock holds up production for as long as the job may run: six hours, unless
    /// the job says less.
    MigrateTimeout, "migrate-timeout", Warning, "migrate without `timeout-minutes`, or with more than 15", check
}

/// The longest that a migration should take, in minutes.
const LONGEST: f64 = 15.0;

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        if task.kind != JobKind::Migrate || task.call != Call::Steps {
            continue;
        }
        let id = &task.job.id;
        let (at, message) = match &task.job.timeout {
            None => (task.job.at, format!("`{id}` may run for six hours")),
            Some(timeout) => match longest(task) {
                Some(minutes) if minutes > LONGEST => {
                    (timeout.at, format!("`{id}` may run for {minutes} minutes"))
                }
                _ => continue,
            },
        };
        out.at(task, at, Say::new(id.clone(), message, "write `timeout-minutes: 15`, or less"));
    }
}

/// The longest limit of all legs, where one is known.
fn longest(task: &Task<'_>) -> Option<f64> {
    let limits = task.legs.iter().filter_map(|leg| leg.timeout.as_deref()?.trim().parse().ok());
    limits.reduce(f64::max)
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
  migrate:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: docker run --rm ghcr.io/acme/app:prod-${{ github.sha }} python manage.py migrate --fake-initial
  deploy:
    needs: migrate
    runs-on: ubuntu-latest
    steps:
      - run: docker run -d ghcr.io/acme/app:prod-${{ github.sha }}
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
  migrate:
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - run: docker run --rm ghcr.io/acme/app:prod-${{ github.sha }} python manage.py migrate --fake-initial
  deploy:
    needs: migrate
    runs-on: ubuntu-latest
    steps:
      - run: docker run -d ghcr.io/acme/app:prod-${{ github.sha }}
"#;
