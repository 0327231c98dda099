//! The rule `migrate-in-deploy`: a deploy job runs migrations itself.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::JobKind;
use crate::lint::evaluate::Set;

rule! {
    /// # migrate-in-deploy
    ///
    /// A deploy that migrates runs the migration once for each host, at the same time, and when it fails half
    /// of the hosts run the new code. Migrations belong into the migrate job.
    MigrateInDeploy, "migrate-in-deploy", Warning, "a deploy job runs migrations itself", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in set.tasks.iter().filter(|task| task.kind == JobKind::Deploy) {
        for migration in task.legs.iter().flat_map(|leg| &leg.migrations) {
            let (tool, id) = (&migration.tool, &task.job.id);
            let say = Say::new(
                tool.clone(),
                format!("`{id}` deploys, and runs `{tool}` itself"),
                "move it into the migrate job, which this one needs",
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
      - run: docker run --rm ghcr.io/acme/app:prod-${{ github.sha }} python manage.py migrate --fake-initial
  deploy:
    needs: migrate
    runs-on: ubuntu-latest
    steps:
      - run: docker exec app python manage.py migrate --fake-initial
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
