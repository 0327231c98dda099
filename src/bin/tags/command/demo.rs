//! `tags demo`: the main commands, run as a user would run them, against an embedded registry.
//!
//! Each runs this same program as a child process, over real HTTP. The demo fails if a command ends
//! with another exit code than expected.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitStatus;

use tags::sandbox::Sandbox;
use tags::sandbox::github::{EmbeddedGitHub, GitHubSettings, Pipeline};
use tags::sandbox::history::History;
use tokio::process::Command;

use super::sandbox;
use crate::args::SandboxKind;
use crate::exit::{Exit, Failure};
use crate::messages::{self, Label};
use crate::{env, output};

/// Variables that are removed from the commands' environment, so that the demo is the same everywhere.
const UNSET: [&str; 13] = [
    "TAGS_TRUSTED_HOSTS",
    "TAGS_TRUSTED_HOSTS_FILE",
    "TAGS_SANDBOX_TOKEN_FILE",
    "GITHUB_API_URL",
    "GITHUB_ACTIONS",
    "GITHUB_EVENT_NAME",
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_REF_NAME",
    "GITHUB_SHA",
    "HTTP_PROXY",
    "http_proxy",
    "TAGS_POLICY",
];

pub(crate) async fn run() -> Result<Exit, Failure> {
    let directory = tempfile::tempdir()
        .map_err(|error| Failure::internal("cannot make a directory for the demo", error))?;
    let mut unexpected = 0;
    for (kind, part) in PARTS {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let served = sandbox::start(kind, listen).await?;
        let github = match part {
            Part::Pipeline => Some(pipeline(&served.history).await?),
            Part::Oci | Part::Managed => None,
        };
        let policy = github.as_ref().map(|github| with_pipeline(&served.policy, github));
        std::fs::write(directory.path().join("tags.toml"), policy.unwrap_or(served.policy.clone()))
            .map_err(|error| Failure::internal("cannot write the demo's policy", error))?;
        messages::show(Label::Status, &announce(&served, part));
        for step in demo_steps(&served.history, part) {
            unexpected += run_step(&step, directory.path()).await?;
        }
    }
    if unexpected > 0 {
        let message = format!("{unexpected} of the commands ended with an unexpected exit code");
        return Err(Failure::new(Exit::Fails, message));
    }
    Ok(Exit::Ok)
}

/// The parts, each with the registries that it needs.
const PARTS: [(SandboxKind, Part); 3] = [
    (SandboxKind::Oci, Part::Oci),
    (SandboxKind::DocrGhcr, Part::Managed),
    (SandboxKind::Oci, Part::Pipeline),
];

/// The parts of the demo.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// One plain registry.
    Oci,
    /// DOCR and GHCR, with the same history.
    Managed,
    /// A plain registry, and a GitHub whose pipeline deployed from it.
    Pipeline,
}

/// A GitHub with the runs of the releases.
async fn pipeline(history: &History) -> Result<EmbeddedGitHub, Failure> {
    let settings = GitHubSettings::new("acme/app", sandbox::TOKEN, Pipeline::of_prod(history));
    let started = EmbeddedGitHub::start(settings, env::now()).await;
    started.map_err(|error| Failure::internal("cannot start the demo's GitHub", error))
}

/// The policy with that pipeline.
fn with_pipeline(policy: &str, github: &EmbeddedGitHub) -> String {
    let (url, token) = (github.url(), sandbox::TOKEN_VARIABLE);
    format!(
        r#"{policy}
[github]
repository = "acme/app"
api-url = "{url}"
token-env = "{token}"

[environment.prod.deploys]
workflows = ["main-pipeline.yml"]
jobs = ["deploy-prod / Deploy *"]
migrate-jobs = ["*igrat*"]
"#
    )
}

fn announce(served: &sandbox::Served, part: Part) -> String {
    let pushes = served.history.steps.len();
    let urls: Vec<String> = served.registries.iter().map(Sandbox::url).collect();
    match part {
        Part::Pipeline => "\nthe same with an embedded GitHub, whose runs deployed it\n".to_owned(),
        Part::Oci => format!(
            "an embedded registry at {}: two images, three environments, {pushes} pushes\n",
            urls.join("")
        ),
        Part::Managed => format!("\nthe same in DOCR and GHCR, at {}\n", urls.join(" and ")),
    }
}

/// Runs a step; returns 1 if its exit code is unexpected, else 0.
async fn run_step(step: &DemoStep, directory: &Path) -> Result<usize, Failure> {
    output::out(&format!("\n# {}\n$ tags {}\n", step.title, step.arguments.join(" ")))?;
    let status = match step.excerpt {
        Excerpt::Whole => run_and_print(step, directory).await?,
        Excerpt::From(line) => run_and_print_end(step, directory, line).await?,
    };
    if status.code() != Some(0) {
        let code = status.code().map_or("a signal".to_owned(), |code| code.to_string());
        output::out(&format!("(exit code {code})\n"))?;
    }
    Ok(usize::from(status.code() != Some(step.expected)))
}

/// One command of the demo.
struct DemoStep {
    title: &'static str,
    arguments: Vec<String>,
    expected: i32,
    excerpt: Excerpt,
}

/// How much of a command's output is shown.
#[derive(Clone, Copy)]
enum Excerpt {
    Whole,
    /// From this line to the end.
    From(&'static str),
}

fn demo_steps(history: &History, part: Part) -> Vec<DemoStep> {
    let step = |title, arguments: &[&str], expected| DemoStep {
        title,
        arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        expected,
        excerpt: Excerpt::Whole,
    };
    let newest = |environment| history.newest(environment).map(ToString::to_string);
    let prod = newest("prod").unwrap_or_default();
    let uat = newest("uat").unwrap_or_default();
    if part == Part::Pipeline {
        let target = ["rollback-target", "prod", "--order", "deployed"];
        return vec![
            step("how does the pipeline run?", &["runs", "prod"], 1),
            step("what was deployed when, and how did it end?", &["list", "prod"], 0),
            step("the last release that was deployed and is known to be good", &target, 0),
        ];
    }
    if part == Part::Managed {
        return vec![
            step("the newest release, in both", &["verify", "prod", "--sha", &prod], 0),
            step("one image of an older release never reached GHCR", &["list", "prod"], 0),
            step("so the rollback target is an older release", &["rollback-target", "prod"], 0),
            DemoStep {
                excerpt: Excerpt::From("To keep"),
                ..step("every night: what may be deleted? The end of a dry run", &["cleanup"], 0)
            },
        ];
    }
    vec![
        step("after a build: is everything there?", &["verify", "prod", "--sha", &prod], 0),
        step(
            "a build that left one latest tag behind",
            &["verify", "uat", "--sha", &uat[..uat.len().min(12)]],
            1,
        ),
        step("the releases of prod", &["list", "prod"], 0),
        step("an incident: which release to roll back to?", &["rollback-target", "prod"], 0),
        step(
            "the latest tags disagree: --from must name the current release",
            &["rollback-target", "uat"],
            1,
        ),
        step(
            "the same, with --from",
            &["rollback-target", "uat", "--from", &uat[..uat.len().min(12)]],
            0,
        ),
    ]
}

async fn run_and_print(step: &DemoStep, directory: &Path) -> Result<ExitStatus, Failure> {
    // stderr goes to stdout, so that messages and results stay in order.
    let status = command(step, directory)?.stderr(std::io::stdout()).status().await;
    status.map_err(cannot_run)
}

/// Runs a step, and prints only the end of its output.
async fn run_and_print_end(
    step: &DemoStep,
    directory: &Path,
    line: &str,
) -> Result<ExitStatus, Failure> {
    let ended = command(step, directory)?.output().await.map_err(cannot_run)?;
    let (said, answer) = (text(&ended.stderr), text(&ended.stdout));
    let end = answer.find(&format!("\n{line}\n"));
    output::out(&said)?;
    output::out(&end.map_or_else(|| answer.clone(), |at| format!("...{}", &answer[at..])))?;
    Ok(ended.status)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn cannot_run(error: std::io::Error) -> Failure {
    Failure::internal("cannot run a command of the demo", error)
}

fn command(step: &DemoStep, directory: &Path) -> Result<Command, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::internal("cannot find this program's own file", error))?;
    let mut command = Command::new(program);
    for name in UNSET {
        command.env_remove(name);
    }
    command
        .args(&step.arguments)
        .env("TAGS_POLICY", directory.join("tags.toml"))
        .env(sandbox::TOKEN_VARIABLE, sandbox::TOKEN)
        .env("XDG_CACHE_HOME", directory.join("cache"))
        .env("XDG_STATE_HOME", directory.join("state"))
        .kill_on_drop(true);
    Ok(command)
}
