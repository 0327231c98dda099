//! Programs and actions that cannot be read may push, or put digests together.

use super::found;

const HEAD: &str = "on: { push: { branches: [main] } }
permissions: { contents: read, packages: write }
concurrency: { group: c }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
";
const LOGIN: &str = "      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: me, password: \"${{ secrets.TOKEN }}\" }
";
const PUSH: &str = "      - uses: docker/build-push-action@v6
        with: { push: true, tags: \"ghcr.io/fern/shop:${{ github.sha }}\" }
";
const USE: &str = "  deploy:
    runs-on: ubuntu-latest
    needs: build
    steps:
      - run: kubectl set image deploy/w w=ghcr.io/fern/worker:${{ github.sha }}
";

/// What may push even where nothing shows a login.
const PUSHERS: [&str; 14] = [
    "run: npm run release",
    "run: yarn ship",
    "run: bazel run //ci",
    "run: python ci.py",
    "run: go run ./ci",
    "run: sbt docker:publish",
    "run: mvn deploy",
    "run: nix run .#ci",
    "run: $CI_CMD",
    "run: docker run gcr.io/kaniko-project/executor:v1.23.2",
    "run: docker buildx build $ARGS",
    "run: ./ci.sh",
    "run: bash ci/publish.sh",
    "run: az acr build -r fern .",
];
/// What may push after a login.
const UNREAD: [&str; 8] = [
    "run: ./all",
    "run: . tools/all",
    "run: ant all",
    "run: npm run all",
    "uses: actions/github-script@v7",
    "uses: fern/build-cache@v1",
    "uses: fern/anything@v1",
    "shell: python\n        run: pass",
];
/// What pushes nothing.
const HARMLESS: [&str; 6] = [
    "run: sudo apt-get update && npm ci",
    "run: git status | grep -c x > count",
    "run: aws s3 ls",
    "uses: actions/setup-node@v4",
    "uses: azure/setup-kubectl@v4",
    "uses: docker/setup-buildx-action@v3",
];
/// What may put digests together.
const MERGERS: [&str; 6] = [
    "run: ./merge.sh",
    "run: make manifest",
    "run: python tools/merge.py",
    "run: bash ci/publish.sh",
    "run: npm run docker:merge",
    "uses: actions/github-script@v7",
];

fn never_pushed(login: &str, step: &str) -> usize {
    let other =
        format!("  other:\n    runs-on: ubuntu-latest\n    steps:\n{login}      - {step}\n");
    let text = format!("{HEAD}{LOGIN}{PUSH}{other}{USE}");
    found(&text, "tag-never-pushed")
}

#[test]
fn what_may_push_excuses_a_tag_that_nobody_pushes() {
    for step in PUSHERS {
        assert_eq!(never_pushed("", step), 0, "{step}");
    }
    for step in PUSHERS.iter().chain(&UNREAD) {
        assert_eq!(never_pushed(LOGIN, step), 0, "{step} after a login");
    }
    for step in HARMLESS {
        assert_eq!(never_pushed(LOGIN, step), 1, "{step}");
    }
}

#[test]
fn what_may_merge_excuses_a_digest_that_nobody_merges() {
    let by_digest = PUSH.replace(
        "push: true, tags: \"",
        "outputs: \"type=image,push=true,push-by-digest=true,name=",
    );
    let by_digest = by_digest.replace(":${{ github.sha }}", "");
    let with = |step: &str| {
        let other = format!(
            "  merge:\n    needs: build\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n"
        );
        found(&format!("{HEAD}{LOGIN}{by_digest}{other}"), "digest-never-merged")
    };
    for step in MERGERS {
        assert_eq!(with(step), 0, "{step}");
    }
    for step in HARMLESS {
        assert_eq!(with(step), 1, "{step}");
    }
}
