//! The rule `migration-not-idempotent`: a migration without `--fake-initial` in a migrate job.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::JobKind;
use crate::lint::evaluate::Set;

rule! {
    /// # migration-not-idempotent
    ///
    /// A migration that ran half and is run again stops at the first table that exists, and blocks every
    /// deploy until somebody repairs it by hand. `--fake-initial` lets `manage.py migrate` and
    /// `migrate_schemas --shared` pass over initial migrations whose tables are there.
    MigrationNotIdempotent, "migration-not-idempotent", Error, "a migration without `--fake-initial` in a migrate job", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in set.tasks.iter().filter(|task| task.kind == JobKind::Migrate) {
        for migration in task.legs.iter().flat_map(|leg| &leg.migrations) {
            if !migration.checked || migration.idempotent {
                continue;
            }
            let tool = &migration.tool;
            let say = Say::new(
                tool.clone(),
                format!(
                    "`{tool}` without `--fake-initial` cannot be run a second time after it broke off"
                ),
                "add `--fake-initial`",
            );
            out.at(task, migration.at, say);
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
  migrate:
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - run: docker run --rm ghcr.io/acme/app:prod-${{ github.sha }} python manage.py migrate
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
