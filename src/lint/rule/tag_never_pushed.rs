//! The rule `tag-never-pushed`: an own reference that nobody pushes.

use super::about::{Reporter, Say, rule};
use super::deploy::is_own;
use crate::lint::evaluate::Set;
use crate::lint::evaluate::Task;
use crate::lint::reference::{Reference, TagKind};

rule! {
    /// # tag-never-pushed
    ///
    /// The deploy fails at the pull, or, worse, finds an old image under that name. A tag with the SHA of this
    /// run must be pushed by this workflow or its caller; a tag that moves by some workflow of the set. Where
    /// a push cannot be read (a script, an action, another repository's workflow) nothing is claimed.
    TagNeverPushed, "tag-never-pushed", Error, "an own reference that nobody pushes", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for used in task.legs.iter().flat_map(|leg| &leg.uses) {
            let reference = &used.reference;
            if !is_own(set, reference) || !is_missing(set, task, reference) {
                continue;
            }
            let text = set.symbols.show(&reference.text());
            let whom = if reference.kind == TagKind::Mutable {
                "no workflow"
            } else {
                "neither this workflow nor its caller"
            };
            let say = Say::new(
                text.clone(),
                format!("{whom} pushes `{text}`"),
                "push it before, or correct the registry, the repository or the tag",
            );
            out.at(task, reference.at, say);
        }
    }
}

fn is_missing(set: &Set<'_>, task: &Task<'_>, reference: &Reference) -> bool {
    let known = |tree: Option<usize>| {
        let within = |at: usize| tree.is_none_or(|tree| set.tasks[at].tree == tree);
        let may = set.pushes_of(reference).into_iter().any(|(at, _)| within(at));
        !may && !set.is_exhausted() && !set.opaque.iter().any(|at| within(*at))
    };
    match reference.kind {
        TagKind::Mutable => set.complete && known(None),
        TagKind::Immutable | TagKind::Short => {
            let of_this_run =
                [set.symbols.context("github.sha"), set.symbols.sha("${{ github.sha }}", 7)];
            let root_is_called = set
                .tree(task.tree)
                .any(|(_, other)| other.caller.is_none() && other.file.workflow.is_only_called());
            of_this_run.iter().any(|sha| reference.holds_symbol(sha))
                && !root_is_called
                && known(Some(task.tree))
        }
        _ => false,
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
      - run: docker run -d ghcr.io/acme/ap:prod-${{ github.sha }}
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
