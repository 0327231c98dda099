//! The rule `secret-in-arguments`: a secret on the command line of `docker login`.

use super::about::{Reporter, Say, rule};
use crate::lint::evaluate::Set;
use crate::lint::reference::is_local_host;

rule! {
    /// # secret-in-arguments
    ///
    /// Arguments are visible to every process of the machine, and end up in logs. `--password-stdin` takes the
    /// secret where nobody sees it. A registry on this machine, as tests start one, has no secret to keep.
    SecretInArguments, "secret-in-arguments", Warning, "a secret on the command line of `docker login`", check
}

fn check(set: &Set<'_>, out: &mut Reporter<'_>) {
    for task in &set.tasks {
        for login in task.legs.iter().flat_map(|leg| &leg.logins) {
            let Some(at) = login.argument.filter(|_| !is_local_host(&login.host)) else { continue };
            let host = set.symbols.show(&login.host);
            let say = Say::new(
                host.clone(),
                format!("the password for `{host}` stands on the command line"),
                "use `echo \"$TOKEN\" | docker login --password-stdin`, or `docker/login-action`",
            );
            out.at(task, at, say);
        }
    }
}

const BAD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  login:
    runs-on: ubuntu-latest
    steps:
      - run: docker login ghcr.io -u me -p ${{ secrets.GITHUB_TOKEN }}
"#;

const GOOD: &str = r#"on: push
permissions: { contents: read, packages: write }
concurrency: { group: "release-${{ github.ref }}" }
jobs:
  login:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$TOKEN" | docker login ghcr.io -u me --password-stdin
        env: { TOKEN: "${{ secrets.GITHUB_TOKEN }}" }
"#;
