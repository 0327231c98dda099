//! `tags verify`: which release of which environment, look, judge, look again if asked to wait.

use std::time::Duration;

use tags::collect::{Collector, Depth, latest_release_locate, observe, shas_matching};
use tags::model::{Sha, UnreadCause};
use tags::policy::Environment;
use tags::report;
use tags::running::{self, Running};
use tags::verify::{FindingCode, Verdict, Verification, verify};
use tokio::time::Instant;

use crate::args::{Global, Verify};
use crate::context::{Context, read_input};
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};
use crate::{ambient, git, progress};

pub(crate) async fn run(global: &Global, args: &Verify) -> Result<Exit, Failure> {
    let context = Context::new(global)?;
    let environment = environment(&context, args.env.as_deref()).await?;
    let asked = asked_sha(args.sha.as_deref()).await?;
    let running = match &args.running {
        Some(path) => Some(read_running(&read_input(path)?, environment)?),
        None => None,
    };
    let progress = progress::new(global);
    let collector = Collector { connections: &context.connections, progress: progress.as_ref() };
    let job = Job {
        collector,
        environment,
        asked,
        running: running.as_ref(),
        depth: if args.quick { Depth::Tags } else { Depth::Content },
    };
    let verification = job.wait(args.wait).await;
    drop(progress);
    context.log_traffic();
    let verification = verification?;
    write(&verification, global)?;
    Ok(match verification.verdict() {
        Verdict::Holds => Exit::Ok,
        Verdict::Fails => Exit::Fails,
        Verdict::Unknown(cause) => Exit::unread(cause),
    })
}

fn write(verification: &Verification, global: &Global) -> Result<(), Failure> {
    let rendered = Rendered {
        human: report::human::verify(verification),
        json: report::json::verify(verification),
        annotations: report::github::verify(verification),
        annotates_by_itself: true,
        outputs: report::github::verify_outputs(verification),
        markdown: report::markdown::verify(verification),
    };
    output::write(&rendered, global.format)
}

/// The environment that was named, or the one of the branch.
async fn environment<'a>(
    context: &'a Context,
    name: Option<&str>,
) -> Result<&'a Environment, Failure> {
    if let Some(name) = name {
        return context.environment(name);
    }
    let branch = match ambient::variable("GITHUB_REF_NAME") {
        Some(branch) => Some(branch),
        None => git::branch().await,
    };
    let names = context.environment_names();
    let Some(branch) = branch else {
        let message = "which environment? there is no $GITHUB_REF_NAME and no branch checked out";
        return Err(Failure::usage(message).hint(format!("name one: {names}")));
    };
    let mut matches = context
        .policy
        .environments
        .values()
        .filter(|environment| environment.branch.as_deref() == Some(branch.as_str()));
    match (matches.next(), matches.next()) {
        (Some(environment), None) => Ok(environment),
        (None, _) => {
            let message = format!("which environment? none has the branch `{branch}`");
            Err(Failure::usage(message)
                .hint(format!("name one: {names}; or set `branch` in the policy")))
        }
        (Some(a), Some(b)) => {
            let message =
                format!("which environment? {} and {} have the branch `{branch}`", a.name, b.name);
            Err(Failure::usage(message).hint("name one"))
        }
    }
}

/// The SHA that was given, or GitHub's, or the checkout's.
async fn asked_sha(given: Option<&str>) -> Result<Sha, Failure> {
    let (text, origin) = match given {
        Some(text) => (text.to_owned(), "--sha"),
        None => match ambient::variable("GITHUB_SHA") {
            Some(text) => (text, "$GITHUB_SHA"),
            None => {
                return git::head().await.ok_or_else(|| {
                    Failure::usage(
                        "which release? there is no $GITHUB_SHA and no git checkout here",
                    )
                    .hint("say it with --sha SHA")
                });
            }
        },
    };
    Sha::parse(&text.to_ascii_lowercase())
        .map_err(|error| Failure::usage(format!("{origin}: {error}")))
}

/// Reads what runs; exit 2 when it cannot be used.
pub(super) fn read_running(text: &str, environment: &Environment) -> Result<Running, Failure> {
    running::parse(text, environment).map_err(|error| {
        Failure::usage(error.to_string()).hint(
            "give image references, one a line, as `docker ps --format '{{.Image}}'` prints them",
        )
    })
}

struct Job<'a> {
    collector: Collector<'a>,
    environment: &'a Environment,
    asked: Sha,
    running: Option<&'a Running>,
    depth: Depth,
}

/// The first pause between two looks, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));

impl Job<'_> {
    /// Looks until it holds or the time is over; then reports what was seen last.
    async fn wait(&self, limit: Option<Duration>) -> Result<Verification, Failure> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        let mut pause = PAUSES.0;
        loop {
            let sha = self.release().await?;
            let observations = observe(self.collector, self.environment, &sha, self.depth).await;
            let verification = verify(self.environment, &sha, &observations, self.running);
            let left = deadline
                .map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() || !may_change(&verification) {
                return Ok(self.explained(&sha, observations, verification).await);
            }
            let pause_now = pause.min(left);
            let waiting = report::counted(verification.findings.len(), "finding");
            output::talk(&format!("{waiting}, looking again in {}s\n", pause_now.as_secs().max(1)));
            tokio::time::sleep(pause_now).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Names the release that a stray latest tag points to; asked for only where it is told.
    async fn explained(
        &self,
        sha: &Sha,
        mut observations: std::collections::BTreeMap<
            tags::model::Place,
            tags::model::PlaceObservation,
        >,
        verification: Verification,
    ) -> Verification {
        let stray = verification.findings.iter().any(|f| f.code == FindingCode::LatestTagElsewhere);
        if !stray || self.depth == Depth::Tags {
            return verification;
        }
        latest_release_locate(self.collector, &self.environment.scheme, &mut observations).await;
        verify(self.environment, sha, &observations, self.running)
    }

    /// The release that is meant: a whole SHA as it is, a shorter one by what the registries have.
    async fn release(&self) -> Result<Sha, Failure> {
        if self.asked.is_full() {
            return Ok(self.asked.clone());
        }
        let (shas, unread) = shas_matching(self.collector, self.environment, &self.asked).await;
        let asked = &self.asked;
        if shas.contains(asked) {
            return Ok(asked.clone());
        }
        let mut names = shas.iter();
        match (names.next(), names.next()) {
            (Some(sha), None) => Ok(sha.clone()),
            (None, _) => match unread.into_iter().min_by_key(|why| why.cause) {
                // What was not listed may have it.
                Some(why) => {
                    let message = format!("which release is `{asked}`? {}", why.message);
                    let failure = Failure::new(Exit::unread(why.cause), message);
                    Err(failure.hint(why.hint.unwrap_or_else(|| "give the whole SHA".to_owned())))
                }
                None => Ok(asked.clone()),
            },
            _ => {
                let names: Vec<&str> = shas.iter().take(10).map(Sha::as_str).collect();
                let message = format!(
                    "`{asked}` is the beginning of {} releases: {}",
                    shas.len(),
                    names.join(", ")
                );
                Err(Failure::usage(message).hint("give more digits"))
            }
        }
    }
}

/// Whether looking again can help: not when it holds, nor when the credentials are refused.
fn may_change(verification: &Verification) -> bool {
    !matches!(verification.verdict(), Verdict::Holds | Verdict::Unknown(UnreadCause::Credentials))
}
