//! The rule `mutable-deploy`: an own image is deployed by a tag that moves.

use super::about::{Reporter, Say, rule};
use super::deploy::is_own;
use crate::lint::Severity;
use crate::lint::evaluate::JobKind;
use crate::lint::evaluate::Set;
use crate::lint::reference::TagKind;

rule! {
    /// # mutable-deploy
    ///
    /// `prod-latest` is whatever was pushed last, which may be another commit than the one that was tested
    /// and migrated for. Error in deploy and migrate jobs, else a warning. An image that the job has built
    /// itself, and images of others, are left alone.
    MutableDeploy, "mutable-deploy", Error, "an own image is deployed by a tag that moves", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for used in task.legs.iter().flat_map(|leg| &leg.uses) {
            let reference = &used.reference;
            if set.setup.kind(reference, set.symbols) != TagKind::Mutable || !is_own(set, reference)
            {
                continue;
            }
            let severity = match task.kind {
                JobKind::Deploy | JobKind::Migrate => Severity::Error,
                JobKind::Other => Severity::Warning,
            };
            let text = set.symbols.show(&reference.text());
            let say = Say::new(
                text.clone(),
                format!("`{text}` is {} by a tag that moves", used.verb.done()),
                "use the tag with the SHA, `<env>-${{ github.sha }}`, or a digest",
            );
            out.with(severity, task, reference.at, say);
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
      - run: docker run -d ghcr.io/acme/app:prod-latest
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
