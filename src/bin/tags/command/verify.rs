//! `tags verify`: takes environment and release from the arguments, else from GitHub or the checkout.

use tags::command::verify::{EnvironmentChoice, RecordUse, RecordedBy, Request, Severity};
use tags::command::{self, Depth, GitRefusal, Session};
use tags::report::Report;

use crate::args::{Global, Verify};
use crate::context::{connect, read_input};
use crate::event::{Event, event, pull_request_failure};
use crate::exit::{Exit, Failure};
use crate::{env, git, output};

pub(crate) async fn run(global: &Global, args: &Verify) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    let event = match (&args.env, &args.sha) {
        (Some(_), Some(_)) => Event::Usual,
        _ => event()?,
    };
    let environment = environment(&session, args.env.as_deref(), &event).await?;
    // Reports an unknown environment before a missing SHA.
    environment.find(&session)?;
    let (sha, sha_origin) = sha(args.sha.as_deref(), &event).await?;
    let running = match &args.running {
        Some(path) => Some(read_input(path).await?),
        None => None,
    };
    let depth = if args.quick { Depth::Tags } else { Depth::Content };
    let records = records(args);
    let request =
        Request { environment, sha, sha_origin, running, depth, wait: args.wait, records };
    let verification = command::verify(&session, &request).await?;
    let report = Report::Verify(verification.clone());
    // The verdict is told before anything is recorded, whatever becomes of that.
    let exit = output::finish(&report, global)?;
    command::verify::record(&session, &request, &verification).await?;
    Ok(exit)
}

/// What the record of the release is asked for.
fn records(args: &Verify) -> RecordUse {
    RecordUse {
        moved: if args.allow_moved { Severity::Warning } else { Severity::Error },
        unread: if args.require_record { Severity::Error } else { Severity::Warning },
        write: args.record.then(|| RecordedBy { run: run_page() }),
    }
}

/// The page of this attempt of the run, in GitHub Actions.
fn run_page() -> Option<String> {
    let server = env::variable("GITHUB_SERVER_URL")?;
    let repository = env::variable("GITHUB_REPOSITORY")?;
    let run = env::variable("GITHUB_RUN_ID")?;
    let attempt = env::variable("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
    Some(format!("{server}/{repository}/actions/runs/{run}/attempts/{attempt}"))
}

/// The environment that was named, or the one of the branch.
async fn environment(
    session: &Session,
    name: Option<&str>,
    event: &Event,
) -> Result<EnvironmentChoice, Failure> {
    if let Some(name) = name {
        return Ok(EnvironmentChoice::Named(name.to_owned()));
    }
    let branch = match (event, env::variable("GITHUB_REF_NAME")) {
        (Event::PullRequest(name), _) => return Err(pull_request_failure("environment", name)),
        (Event::WorkflowRun { branch, .. }, _) => Some(branch.clone()),
        (Event::Usual, Some(branch)) => Some(branch),
        (Event::Usual, None) => git::branch().await.map_err(|why| refused("environment", &why))?,
    };
    branch.map(EnvironmentChoice::OfBranch).ok_or_else(|| {
        Failure::usage(
            "no environment given: $GITHUB_REF_NAME is not set, and no branch is checked out",
        )
        .hint(session.environment_hint())
    })
}

/// The SHA: from `--sha`, else from GitHub, else from the checkout; with the name of its source.
pub(super) async fn sha(
    given: Option<&str>,
    event: &Event,
) -> Result<(String, &'static str), Failure> {
    match (given, event) {
        (Some(text), _) => return Ok((text.to_owned(), "--sha")),
        (None, Event::PullRequest(name)) => return Err(pull_request_failure("release", name)),
        (None, Event::WorkflowRun { sha, .. }) => {
            return Ok((sha.clone(), "head_sha of the event"));
        }
        (None, Event::Usual) => {}
    }
    if let Some(text) = env::variable("GITHUB_SHA") {
        return Ok((text, "$GITHUB_SHA"));
    }
    let head = git::head().await.map_err(|why| refused("release", &why))?;
    head.map(|sha| (sha, "HEAD")).ok_or_else(|| {
        Failure::usage("no release given: $GITHUB_SHA is not set, and this is not a git checkout")
            .hint("pass --sha SHA")
    })
}

/// There is a checkout, but git refuses to answer.
fn refused(what: &str, why: &GitRefusal) -> Failure {
    Failure::usage(format!("no {what} given, and git refused to answer: {}", why.message))
        .hint(&why.hint)
}
