//! Workflows to findings, and a policy.

use tags::lint::{Finding, Source, lint};
use tags::policy::Policy;

/// Lints one file.
pub(crate) fn one(text: &str) -> Vec<Finding> {
    set(&[("ci.yml", text)])
}

/// Lints files that belong together.
pub(crate) fn set(files: &[(&str, &str)]) -> Vec<Finding> {
    lint(&sources(files), None)
}

/// The same with the policy of a pipeline.
pub(crate) fn with_policy(files: &[(&str, &str)]) -> Vec<Finding> {
    lint(&sources(files), Some(&policy()))
}

pub(crate) fn policy() -> Policy {
    let text = include_str!("../../../policies/projectmeats.toml");
    tags::policy::parse("projectmeats.toml", text).expect("a policy")
}

pub(crate) fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |(name, text): &(&str, &str)| Source {
        name: format!(".github/workflows/{name}"),
        bytes: text.as_bytes().to_vec(),
    };
    files.iter().map(source).collect()
}

/// `rule line` of each finding.
pub(crate) fn rules_and_lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.rule, finding.at.line)).collect()
}

/// The lines of one rule's findings.
pub(crate) fn lines(findings: &[Finding], rule: &str) -> Vec<u32> {
    assert!(tags::lint::rule::RULES.iter().any(|known| known.name == rule), "{rule} is a rule");
    findings.iter().filter(|finding| finding.rule == rule).map(|f| f.at.line).collect()
}

/// A job that is logged in to ghcr.io and may push there.
pub(crate) fn job(steps: &str) -> String {
    workflow("", "", steps)
}

/// The same with more keys of the workflow and of the job.
pub(crate) fn workflow(top: &str, keys: &str, steps: &str) -> String {
    let login = "      - uses: docker/login-action@v3\n        with: { registry: ghcr.io, password: '${{ github.token }}' }\n";
    format!(
        "on: {{ push: {{ branches: [main] }} }}\npermissions: {{ packages: write }}\nconcurrency: x\n{top}jobs:\n  build:\n    runs-on: x\n{keys}    steps:\n{login}{steps}"
    )
}

/// A step with a script.
pub(crate) fn run(lines: &[&str]) -> String {
    let body: String =
        lines.iter().fold(String::new(), |body, line| body + "          " + line + "\n");
    format!("      - run: |\n{body}")
}

/// A build-push-action with tags.
pub(crate) fn push(tags: &[&str]) -> String {
    let body: String =
        tags.iter().fold(String::new(), |body, tag| body + "            " + tag + "\n");
    format!(
        "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: |\n{body}"
    )
}

/// Lints files by a policy that names the usual environments, so that all conventions hold.
pub(crate) fn by_convention(files: &[(&str, &str)]) -> Vec<Finding> {
    let environment = |name: &str| {
        format!(
            "[environment.{name}]\nsha-tag = \"{name}-{{sha}}\"\nlatest-tag = \"{name}-latest\"\n"
        )
    };
    let environments = ["dev", "uat", "prod", "staging"].map(environment).concat();
    let text = format!(
        "version = 1\n[registry.own]\nkind = \"ghcr\"\nnamespace = \"conventions\"\n[image.any]\nrepositories = {{ own = \"any\" }}\n{environments}"
    );
    let policy = tags::policy::parse("tags.toml", &text).expect("a policy");
    lint(&sources(files), Some(&policy))
}

/// How often a rule finds something, where its convention holds.
pub(crate) fn count(text: &str, rule: &str) -> usize {
    lines(&by_convention(&[("ci.yml", text)]), rule).len()
}

/// The commands of a job that does what its name says.
pub(crate) fn work(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    if name.contains("migrat") {
        "alembic upgrade head"
    } else if ["deploy", "promote", "rollback"].iter().any(|word| name.starts_with(word)) {
        "kubectl apply -f app.yml"
    } else {
        "ls"
    }
}

pub(crate) const SHA: &str = "ghcr.io/acme/app:prod-${{ github.sha }}";
pub(crate) const LATEST: &str = "ghcr.io/acme/app:prod-latest";
