//! `tags demo`: the main commands, run as a user would run them, against an embedded registry.
//!
//! Each is this same program, started anew, over real HTTP. When one does not end as the history
//! says it must, the demo fails.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitStatus;

use tags::sandbox::Sandbox;
use tags::sandbox::history::History;
use tokio::process::Command;

use super::sandbox;
use crate::args::SandboxKind;
use crate::exit::{Exit, Failure};
use crate::output;

/// What must not reach the commands from outside: the demo is the same everywhere.
const FOREIGN: [&str; 12] = [
    "TAGS_TRUSTED_HOSTS",
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
    let room =
        tempfile::tempdir().map_err(|error| Failure::internal("no room for the demo", error))?;
    let mut surprises = 0;
    for (kind, act) in [(SandboxKind::Oci, Act::Oci), (SandboxKind::DocrGhcr, Act::Managed)] {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let served = sandbox::start(kind, listen).await?;
        std::fs::write(room.path().join("tags.toml"), &served.policy)
            .map_err(|error| Failure::internal("cannot write the demo's policy", error))?;
        output::talk(&announce(&served, act));
        for scene in scenes(&served.history, act) {
            surprises += perform(&scene, room.path()).await?;
        }
    }
    if surprises > 0 {
        let message =
            format!("{surprises} of the commands did not end as the history says they must");
        return Err(Failure::new(Exit::Fails, message));
    }
    Ok(Exit::Ok)
}

/// The two parts of the demo.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    /// One plain registry.
    Oci,
    /// DOCR and GHCR, with the same history.
    Managed,
}

fn announce(served: &sandbox::Served, act: Act) -> String {
    let pushes = served.history.steps.len();
    let urls: Vec<String> = served.registries.iter().map(Sandbox::url).collect();
    match act {
        Act::Oci => format!(
            "an embedded registry at {}: two images, three environments, {pushes} pushes\n",
            urls.join("")
        ),
        Act::Managed => format!("\nthe same in DOCR and GHCR, at {}\n", urls.join(" and ")),
    }
}

/// Plays a scene; 1 when it did not end as it must.
async fn perform(scene: &Scene, room: &Path) -> Result<usize, Failure> {
    output::out(&format!("\n# {}\n$ tags {}\n", scene.title, scene.arguments.join(" ")))?;
    let status = match scene.shown {
        Shown::Whole => play(scene, room).await?,
        Shown::From(line) => play_end(scene, room, line).await?,
    };
    if status.code() != Some(0) {
        let code = status.code().map_or("a signal".to_owned(), |code| code.to_string());
        output::out(&format!("(exit code {code})\n"))?;
    }
    Ok(usize::from(status.code() != Some(scene.expected)))
}

/// One command of the demo.
struct Scene {
    title: &'static str,
    arguments: Vec<String>,
    expected: i32,
    shown: Shown,
}

/// How much of what a command says is shown.
#[derive(Clone, Copy)]
enum Shown {
    Whole,
    /// From this line to the end.
    From(&'static str),
}

fn scenes(history: &History, act: Act) -> Vec<Scene> {
    let scene = |title, arguments: &[&str], expected| Scene {
        title,
        arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
        expected,
        shown: Shown::Whole,
    };
    let newest = |environment| history.newest(environment).map(ToString::to_string);
    let prod = newest("prod").unwrap_or_default();
    let uat = newest("uat").unwrap_or_default();
    if act == Act::Managed {
        return vec![
            scene("the newest release, in both", &["verify", "prod", "--sha", &prod], 0),
            scene("one image of an older release never reached GHCR", &["list", "prod"], 0),
            scene("so the way back leads past it", &["rollback-target", "prod"], 0),
            Scene {
                shown: Shown::From("What stays"),
                ..scene("every night: what may go? The end of a dry run", &["cleanup"], 0)
            },
        ];
    }
    vec![
        scene("after a build: is everything there?", &["verify", "prod", "--sha", &prod], 0),
        scene(
            "a build that left one latest tag behind",
            &["verify", "uat", "--sha", &uat[..uat.len().min(12)]],
            1,
        ),
        scene("the releases of prod", &["list", "prod"], 0),
        scene("an incident: what to roll back to?", &["rollback-target", "prod"], 0),
        scene(
            "where the latest tags disagree, a person says what is current",
            &["rollback-target", "uat"],
            1,
        ),
        scene(
            "the same, said",
            &["rollback-target", "uat", "--from", &uat[..uat.len().min(12)]],
            0,
        ),
    ]
}

async fn play(scene: &Scene, room: &Path) -> Result<ExitStatus, Failure> {
    // One story: what a command says of its answer belongs beside the answer.
    let status = command(scene, room)?.stderr(std::io::stdout()).status().await;
    status.map_err(cannot_run)
}

/// Plays a scene of which only the end is shown.
async fn play_end(scene: &Scene, room: &Path, line: &str) -> Result<ExitStatus, Failure> {
    let ended = command(scene, room)?.output().await.map_err(cannot_run)?;
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

fn command(scene: &Scene, room: &Path) -> Result<Command, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::internal("cannot find this program again", error))?;
    let mut command = Command::new(program);
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
        .args(&scene.arguments)
        .env("TAGS_POLICY", room.join("tags.toml"))
        .env(sandbox::TOKEN_VARIABLE, sandbox::TOKEN)
        .env("XDG_CACHE_HOME", room.join("cache"))
        .env("XDG_STATE_HOME", room.join("state"))
        .kill_on_drop(true);
    Ok(command)
}
