//! The rule `missing-migrate-job`: deploy jobs, but no migrate job.

use super::about::{Reporter, Say, rule};
use super::deploy::is_deploy;
use crate::lint::evaluate::Set;
use crate::lint::evaluate::{Call, JobKind};

rule! {
    /// # missing-migrate-job
    ///
    /// New code on an old schema fails in production at the first query. Migrations belong into a job of
    /// their own between build and deploy. A workflow that only rolls back, and one that calls a workflow
    /// which cannot be read, are left alone.
    MissingMigrateJob, "missing-migrate-job", Error, "deploy jobs, but no migrate job", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for tree in 0..set.trees() {
        let migrates = set.tree(tree).any(|(_, task)| {
            task.kind == JobKind::Migrate || task.job.name.to_ascii_lowercase().contains("migrat")
        });
        let unknown = set.tree(tree).any(|(_, task)| {
            task.call == Call::Opaque
                || (task.caller.is_none() && task.file.workflow.is_only_called())
        });
        let deploy = set.tree(tree).find(|(_, task)| is_deploy(task));
        let Some((_, deploy)) = deploy.filter(|_| !migrates && !unknown) else { continue };
        let say = Say::new(
            deploy.job.id.clone(),
            format!("`{}` deploys, and no job migrates the database before", deploy.job.id),
            "add a job `migrate` between build and deploy, and need it here",
        );
        out.at(deploy, deploy.job.at, say);
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
  deploy:
    needs: build
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
