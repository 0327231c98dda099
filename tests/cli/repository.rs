//! Which repository on GitHub is asked and with which token, and what doctor finds out about both.

use std::process::Command;

use serde_json::Value;
use tags::sandbox::github::{
    EmbeddedGitHub, GitHubSettings, Pipeline, PipelineRun, Right, Visibility,
};
use tags::sandbox::{Sandbox, Settings};

use crate::service::Service;
use crate::support::program::{Home, Run, now};
use crate::support::{backend, github, images, policy, registries, tag};
use tags::model::Conclusion::Success;
use tags::policy::RegistryKind;

/// A registry, GitHub, and a home with a policy for both.
struct Scene {
    registry: Sandbox,
    github: EmbeddedGitHub,
    home: Home,
}

const DEPLOYS: &str = r#"
order = "deployed"
[environment.prod.deploys]
workflows = ["main-pipeline.yml"]
jobs = ["deploy*"]
"#;

fn settings() -> GitHubSettings {
    let pipeline = Pipeline::default();
    pipeline.add(PipelineRun::push(&"a".repeat(40), now()).job("deploy", 60, Success));
    github::settings(&pipeline)
}

impl Scene {
    fn of(settings: GitHubSettings) -> Self {
        let github = github::start(settings, now());
        let registry = registries::start(Settings::default());
        let image = images::single("release", now());
        registry.access().push(&backend(), &image, &[tag("prod-latest")]);
        let text = policy::one("it", RegistryKind::Oci, &registry.url());
        let scene = Self { registry, github, home: Home::of("") };
        scene.policy(&text, &github::table(&scene.github), DEPLOYS);
        scene
    }

    fn policy(&self, text: &str, table: &str, deploys: &str) {
        self.home.policy(&format!("{text}{deploys}{table}"));
    }

    /// With this table instead.
    fn table(self, table: &str) -> Self {
        let text = policy::one("it", RegistryKind::Oci, &self.registry.url());
        self.policy(&text, table, DEPLOYS);
        self
    }

    fn doctor(&self, variables: &[(&str, &str)]) -> Run {
        let words = ["doctor", "--format", "json"];
        self.home.run(&words, |command| command.envs(variables.iter().copied()))
    }

    fn with_token(&self) -> Run {
        self.doctor(&[("GITHUB_TOKEN", github::TOKEN)])
    }

    /// The repository's table without its name, at the address of the embedded GitHub.
    fn unnamed(&self) -> String {
        format!("\n[github]\napi-url = \"{}\"\n", self.github.url())
    }
}

fn statuses(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = run.json()["github"]["checks"].as_array().expect("checks").clone();
    checks.iter().map(|check| (text(&check["check"]), text(&check["status"]))).collect()
}

fn status(run: &Run, name: &str) -> String {
    let found = statuses(run).into_iter().find(|(check, _)| check == name);
    found.unwrap_or_else(|| panic!("no {name}: {run:?}")).1
}

#[test]
fn doctor_tells_what_may_be_read_and_writes_nothing() {
    let scene = Scene::of(settings());
    let run = scene.with_token();
    assert_eq!(run.code, 0, "{run:?}");
    let expected = [
        ("api-reachable", "ok"),
        ("authenticated", "ok"),
        ("token-kind", "ok"),
        ("may-read-runs", "ok"),
        ("may-read-logs", "ok"),
        ("may-read-deployments", "ok"),
        ("may-write-deployments", "unknown"),
        ("rate-limit", "ok"),
    ];
    let expected = expected.map(|(name, status)| (name.to_owned(), status.to_owned()));
    assert_eq!(statuses(&run), expected);
    assert_eq!(run.json()["github"]["repository"], github::REPOSITORY);
    assert!(!run.stdout.contains(github::TOKEN));
    assert!(github::asked(&scene.github).iter().all(|line| line.starts_with("GET ")));
    let human = scene.home.run(&["doctor"], |c| c.env("GITHUB_TOKEN", github::TOKEN));
    let lines: Vec<&str> = human.stdout.lines().skip_while(|l| !l.starts_with("github")).collect();
    let expected = [
        "  ok       api-reachable          HOST answers",
        "  ok       authenticated          with the token from $GITHUB_TOKEN",
        "  ok       token-kind             GITHUB_TOKEN, or that of a GitHub App",
        "  ok       may-read-runs          the runs of a workflow were listed",
        "  ok       may-read-logs          the log of a job was opened",
        "  ok       may-read-deployments   deployments were listed",
        "  unknown  may-write-deployments  not tried: only a record shows it",
        "                                  may block: verify --record",
    ];
    let host = scene.github.api().addr().to_string();
    let shown: Vec<String> = lines.iter().map(|line| line.replace(&host, "HOST")).collect();
    assert_eq!(shown[0], "github (acme/app, HOST)", "{human:?}");
    assert_eq!(shown[1..=8], expected, "{human:?}");
}

#[test]
fn each_missing_right_is_told_with_what_it_blocks() {
    for (right, check, blocked) in [
        (Right::ActionsRead, "may-read-runs", "rollback-target"),
        (Right::DeploymentsRead, "may-read-deployments", "rollback-target"),
    ] {
        let run = Scene::of(settings().without(right)).with_token();
        assert_eq!((run.code, status(&run, check)), (4, "missing".to_owned()), "{run:?}");
        let json = run.json();
        let checks = json["github"]["checks"].as_array().expect("checks").iter();
        let found = checks.clone().find(|one| one["check"] == check).expect("the check");
        assert!(found["blocks"].as_array().is_some_and(|all| all.contains(&blocked.into())));
        assert!(found["hint"].as_str().is_some_and(|hint| hint.contains(": read`")), "{found}");
    }
    // Where nothing is ordered by deployments, records are compared where they can be read.
    let scene = Scene::of(settings().without(Right::DeploymentsRead));
    let text = policy::one("it", RegistryKind::Oci, &scene.registry.url());
    scene.home.policy(&(text + &github::table(&scene.github)));
    let run = scene.with_token();
    assert_eq!(
        (run.code, status(&run, "may-read-deployments").as_str()),
        (0, "warning"),
        "{run:?}"
    );
    let hidden = GitHubSettings { visibility: Visibility::Hidden, ..settings() };
    let run = Scene::of(hidden).with_token();
    assert_eq!((run.code, status(&run, "may-read-runs").as_str()), (4, "missing"), "{run:?}");
}

#[test]
fn a_storage_of_logs_that_cannot_be_reached_is_a_warning() {
    let scene = Scene::of(settings());
    scene.github.storage().faults().add("403@/logs/*always".parse().expect("a fault"));
    let run = scene.with_token();
    assert_eq!((run.code, status(&run, "may-read-logs").as_str()), (0, "unknown"), "{run:?}");
}

#[test]
fn the_token_is_found_as_that_of_a_registry() {
    let scene = Scene::of(settings());
    let file = scene.home.file("token", &format!("{}\n", github::TOKEN));
    let file = file.display().to_string();
    for variables in [
        [("GITHUB_TOKEN", github::TOKEN)],
        [("GH_TOKEN", github::TOKEN)],
        [("GITHUB_TOKEN_FILE", file.as_str())],
    ] {
        let run = scene.doctor(&variables);
        assert_eq!((run.code, status(&run, "authenticated").as_str()), (0, "ok"), "{run:?}");
    }
    let none = scene.doctor(&[]);
    assert_eq!((none.code, status(&none, "authenticated").as_str()), (4, "warning"), "{none:?}");
    let named = format!("{}token-env = \"PIPELINE\"\n", github::table(&scene.github));
    let scene = scene.table(&named);
    let run = scene.doctor(&[("PIPELINE", github::TOKEN), ("GITHUB_TOKEN", "ghs_another")]);
    assert_eq!((run.code, status(&run, "authenticated").as_str()), (0, "ok"), "{run:?}");
    let wrong = scene.doctor(&[("PIPELINE", "ghs_of_somebody_else")]);
    assert_eq!((wrong.code, status(&wrong, "authenticated").as_str()), (4, "missing"), "{wrong:?}");
    assert!(!wrong.stdout.contains("ghs_of_somebody_else"));
}

#[test]
fn the_token_is_sent_to_github_only() {
    let proxy = Service::start();
    let address = format!("http://{}", proxy.addr);
    let scene = Scene::of(settings());
    let table = "\n[github]\nrepository = \"acme/app\"\napi-url = \"https://evil.example\"\n";
    let scene = scene.table(table);
    for variables in [
        [("GITHUB_TOKEN", github::TOKEN), ("GITHUB_EVENT_NAME", "push")],
        [("GH_TOKEN", github::TOKEN), ("GITHUB_EVENT_NAME", "pull_request")],
    ] {
        let proxies = [("https_proxy", address.as_str()), ("http_proxy", &address)];
        let run = scene.doctor(&[&variables[..], &proxies].concat());
        assert_eq!(run.code, 4, "{run:?}");
        assert!(run.stdout.contains("TAGS_TRUSTED_HOSTS=evil.example"), "{run:?}");
        assert!(!format!("{:?}", proxy.received()).contains("ghs_"), "{:?}", proxy.received());
    }
}

#[test]
fn the_repository_is_that_of_the_policy_else_of_the_job_else_of_the_checkout() {
    let scene = Scene::of(settings());
    let unnamed = scene.unnamed();
    let scene = scene.table(&unnamed);
    let token = ("GITHUB_TOKEN", github::TOKEN);
    let repository = |run: &Run| run.json()["github"]["repository"].clone();
    let none = scene.doctor(&[token]);
    assert_eq!((none.code, repository(&none)), (3, Value::Null), "{none:?}");
    assert_eq!(status(&none, "repository"), "missing");
    let job = scene.doctor(&[token, ("GITHUB_REPOSITORY", "acme/app")]);
    assert_eq!((job.code, repository(&job)), (0, "acme/app".into()), "{job:?}");
    let odd = scene.doctor(&[token, ("GITHUB_REPOSITORY", "acme")]);
    assert_eq!(odd.code, 2, "{odd:?}");
    assert!(odd.stderr.contains("$GITHUB_REPOSITORY"), "{odd:?}");

    let git = |words: &[&str]| {
        let status = Command::new("git").args(words).current_dir(scene.home.path()).status();
        assert!(status.expect("git").success(), "{words:?}");
    };
    git(&["init", "--quiet"]);
    git(&["remote", "add", "origin", "https://elsewhere.example/acme/app.git"]);
    assert_eq!(repository(&scene.doctor(&[token])), Value::Null, "another server");
    let remote = format!("ssh://git@{}/acme/app.git", scene.github.api().addr());
    git(&["remote", "set-url", "origin", &remote]);
    let checkout = scene.doctor(&[token]);
    assert_eq!((checkout.code, repository(&checkout)), (0, "acme/app".into()), "{checkout:?}");
    let refused = scene.doctor(&[token, ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")]);
    assert!(refused.stdout.contains("dubious ownership"), "{refused:?}");
    assert!(refused.stdout.contains("safe.directory"), "{refused:?}");
}

#[test]
fn the_address_of_the_api_is_that_of_the_job_unless_the_policy_names_one() {
    let scene = Scene::of(settings());
    let url = scene.github.url();
    let scene = scene.table("\n[github]\nrepository = \"acme/app\"\n");
    let run = scene.doctor(&[("GITHUB_TOKEN", github::TOKEN), ("GITHUB_API_URL", &url)]);
    assert_eq!((run.code, status(&run, "may-read-runs").as_str()), (0, "ok"), "{run:?}");
    let odd = scene.doctor(&[("GITHUB_API_URL", "ftp://x")]);
    assert_eq!(odd.code, 2, "{odd:?}");
}
