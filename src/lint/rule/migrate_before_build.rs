//! The rule `migrate-before-build`: migrate does not need the build job.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::evaluate::{Call, JobKind};

rule! {
    /// # migrate-before-build
    ///
    /// A migration that runs before or beside the build changes the database for an image that may never
    /// exist, and uses the migrations of the image before.
    MigrateBeforeBuild, "migrate-before-build", Warning, "migrate does not need the build job", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for (at, task) in set.tasks.iter().enumerate() {
        if task.kind != JobKind::Migrate || task.call == Call::Inside {
            continue;
        }
        let builders: Vec<usize> = set
            .tree(task.tree)
            .filter(|(_, other)| {
                let builds = other.job.id.to_ascii_lowercase().starts_with("build")
                    || other.pushes().next().is_some();
                builds && other.kind == JobKind::Other && !other.after.contains(&at)
            })
            .map(|(builder, _)| builder)
            .collect();
        let Some(first) = builders.first() else { continue };
        if builders.iter().any(|builder| task.after.contains(builder)) {
            continue;
        }
        let (id, build) = (&task.job.id, &set.tasks[*first].job.id);
        let say = Say::new(
            id.clone(),
            format!("`{id}` does not wait for `{build}`"),
            format!("add `{build}` to its `needs`"),
        );
        out.at(task, task.job.at, say);
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
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - run: python manage.py migrate --fake-initial
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
