//! A runner of GitHub Actions, as far as this repository's action needs one: each step of
//! `action.yml`, with a release that the scripts in `release/` packed, served on this machine.
//!
//! The program in it passes everything on to the one that was built, which would take long to pack.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;

use crate::support::program::{Home, search_path};
use crate::support::server::serve;

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Deserialize)]
struct Action {
    inputs: HashMap<String, Input>,
    outputs: HashMap<String, Output>,
    runs: Steps,
}

#[derive(Deserialize)]
struct Input {
    default: String,
}

#[derive(Deserialize)]
struct Output {
    value: String,
}

#[derive(Deserialize)]
struct Steps {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Step {
    id: Option<String>,
    run: Option<String>,
    #[serde(default)]
    env: HashMap<String, String>,
    working_directory: Option<String>,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner with a release to download.
pub(crate) struct Runner {
    pub(crate) home: Home,
    /// The files of the release.
    pub(crate) release: PathBuf,
    pub(crate) url: String,
}

/// What a job got from the action.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) ok: bool,
    pub(crate) said: String,
    pub(crate) outputs: HashMap<String, String>,
}

impl Runner {
    pub(crate) fn new() -> Self {
        let home = Home::new();
        let release = home.path().join("release");
        let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_tags"));
        let binary = home.file("built/tags-x86_64-unknown-linux-musl", &program);
        script("pack.sh", &[VERSION, text(&binary), text(&release)]);
        script("checksums.sh", &[text(&release)]);
        let served = release.clone();
        let router = Router::new().fallback(move |uri: Uri| {
            let name =
                uri.path().strip_prefix(&format!("/v{VERSION}/")).map(|name| served.join(name));
            let file = name.and_then(|path| fs::read(path).ok());
            async move { file.ok_or(StatusCode::NOT_FOUND) }
        });
        let url = format!("http://{}", serve(router));
        Self { home, release, url }
    }

    pub(crate) fn act(&self, inputs: &[(&str, &str)]) -> Ended {
        self.act_with(inputs, &[])
    }

    /// Runs the action's steps, until one fails, with variables that the job has.
    pub(crate) fn act_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Ended {
        let action = fs::read_to_string(root().join("action.yml")).expect("an action");
        let action: Action = serde_saphyr::from_str(&action).expect("an action");
        let mut known: HashMap<String, String> = HashMap::new();
        for (name, input) in &action.inputs {
            let given = inputs.iter().find(|(given, _)| given == name);
            let value = given.map_or(input.default.as_str(), |(_, value)| value);
            known.insert(format!("inputs.{name}"), value.to_owned());
        }
        assert!(inputs.iter().all(|(name, _)| known.contains_key(&format!("inputs.{name}"))));
        known.insert(
            "github.action_repository || github.repository".to_owned(),
            "o/tags".to_owned(),
        );
        let mut ended = Ended { ok: true, said: String::new(), outputs: HashMap::new() };
        for step in action.runs.steps.iter().filter(|step| step.run.is_some()) {
            if step.id.as_deref() == Some("run") && known["inputs.command"].is_empty() {
                continue;
            }
            ended.ok = self.step(step, &mut known, variables, &mut ended.said);
            if !ended.ok {
                break;
            }
        }
        for (name, output) in &action.outputs {
            ended.outputs.insert(name.clone(), resolve(&output.value, &known));
        }
        ended
    }

    fn step(
        &self,
        step: &Step,
        known: &mut HashMap<String, String>,
        variables: &[(&str, &str)],
        said: &mut String,
    ) -> bool {
        let output = self.home.file("github-output", "");
        let folder = step.working_directory.as_deref().unwrap_or(".");
        let ended = Command::new("bash")
            .args(["-e", "-c", step.run.as_deref().unwrap_or_default()])
            .current_dir(self.home.path().join(resolve(folder, known)))
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.home.path())
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.home.path().join("temporary"))
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_SERVER_URL", "https://github.invalid")
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_PATH", self.home.path().join("github-path"))
            .envs(step.env.iter().map(|(name, value)| (name, resolve(value, known))))
            .envs(variables.iter().copied())
            .output()
            .expect("bash");
        said.push_str(&String::from_utf8_lossy(&ended.stdout));
        said.push_str(&String::from_utf8_lossy(&ended.stderr));
        let id = step.id.as_deref().expect("an id");
        for line in fs::read_to_string(output).expect("outputs").lines() {
            if let Some((name, value)) = line.split_once('=') {
                known.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        ended.status.success()
    }
}

/// Puts values in place of `${{ … }}`; what is not known is empty, as on a runner.
fn resolve(value: &str, known: &HashMap<String, String>) -> String {
    let Some((before, rest)) = value.split_once("${{") else { return value.to_owned() };
    let (name, after) = rest.split_once("}}").expect("an end");
    let found = known.get(name.trim()).map_or("", String::as_str);
    format!("{before}{found}{}", resolve(after, known))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// What a script in `release/` prints.
pub(crate) fn script(name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("bash");
    // Sources may come without their history.
    command
        .arg(root().join("release").join(name))
        .args(arguments)
        .env("SOURCE_DATE_EPOCH", "1700000000");
    let ended = command.output().expect("bash");
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stdout).expect("text").trim().to_owned()
}
