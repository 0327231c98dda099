//! `tags verify`: which release of which environment, look, judge, look again if asked to wait.

use std::collections::BTreeMap;
use std::time::Duration;

use tags::collect::{
    Collector, Depth, TimesWanted, inventory, latest_release_locate, observe, shas_agreeing,
};
use tags::command::{GitRefusal, Session};
use tags::model::{Place, PlaceObservation, Sha, TagObservation, Unread, UnreadCause};
use tags::policy::Environment;
use tags::releases::{SameCommit, same_commits};
use tags::report::{self, Report};
use tags::running::Running;
use tags::verify::{FindingCode, Verification, VerifyVerdict, unresolved, verify};
use tokio::time::Instant;

use super::running::{named_by, named_by_all, read_running, roots_of_release};
use crate::args::{Global, Verify};
use crate::context::{connect, read_input};
use crate::event::{Event, event, of_pull_request};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::{ambient, git};

pub(crate) async fn run(global: &Global, args: &Verify) -> Result<Exit, Failure> {
    let session = connect(global)?;
    let event = match (&args.env, &args.sha) {
        (Some(_), Some(_)) => Event::Usual,
        _ => event()?,
    };
    let environment = environment(&session, args.env.as_deref(), &event).await?;
    let asked = asked_sha(args.sha.as_deref(), &event).await?;
    let running = match &args.running {
        Some(path) => Some(read_running(&read_input(path).await?, environment)?),
        None => None,
    };
    let collector = session.collector();
    let job = Job {
        collector,
        environment,
        asked,
        running: running.as_ref(),
        depth: if args.quick { Depth::Tags } else { Depth::Content },
    };
    let verification = job.wait(args.wait).await;
    session.finish_requests();
    let verification = verification?;
    let report = Report::Verify(verification);
    output::write(&report, global)?;
    Ok(report.exit())
}

/// The environment that was named, or the one of the branch.
async fn environment<'a>(
    session: &'a Session,
    name: Option<&str>,
    event: &Event,
) -> Result<&'a Environment, Failure> {
    if let Some(name) = name {
        return Ok(session.environment(name)?);
    }
    let branch = match (event, ambient::variable("GITHUB_REF_NAME")) {
        (Event::PullRequest(name), _) => return Err(of_pull_request("environment", name)),
        (Event::WorkflowRun { branch, .. }, _) => Some(branch.clone()),
        (Event::Usual, Some(branch)) => Some(branch),
        (Event::Usual, None) => git::branch().await.map_err(|why| refused("environment", &why))?,
    };
    let names = session.environment_names();
    let Some(branch) = branch else {
        let message = "which environment? there is no $GITHUB_REF_NAME and no branch checked out";
        return Err(Failure::usage(message).hint(format!("name one: {names}")));
    };
    let mut matches = session
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
async fn asked_sha(given: Option<&str>, event: &Event) -> Result<Sha, Failure> {
    let (text, origin) = match (given, event) {
        (Some(text), _) => (text.to_owned(), "--sha"),
        (None, Event::PullRequest(name)) => return Err(of_pull_request("release", name)),
        (None, Event::WorkflowRun { sha, .. }) => (sha.clone(), "head_sha of the event"),
        (None, Event::Usual) => {
            if let Some(text) = ambient::variable("GITHUB_SHA") {
                (text, "$GITHUB_SHA")
            } else {
                let head = git::head().await.map_err(|why| refused("release", &why))?;
                let head = head.ok_or_else(|| {
                    Failure::usage(
                        "which release? there is no $GITHUB_SHA and no git checkout here",
                    )
                    .hint("say it with --sha SHA")
                })?;
                (head, "HEAD")
            }
        }
    };
    Sha::parse(&text.to_ascii_lowercase())
        .map_err(|error| Failure::usage(format!("{origin}: {error}")))
}

/// Git has the answer, and will not give it.
fn refused(what: &str, why: &GitRefusal) -> Failure {
    Failure::usage(format!("which {what}? git refuses to tell: {}", why.message)).hint(&why.hint)
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

/// What was seen of a release, and of what runs.
#[derive(Default)]
struct Seen {
    places: BTreeMap<Place, PlaceObservation>,
    running: Option<Running>,
}

impl Job<'_> {
    /// Looks until it holds or the time is over; then reports what was seen last.
    async fn wait(&self, limit: Option<Duration>) -> Result<Verification, Failure> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        let mut pause = PAUSES.0;
        loop {
            let (verification, seen) = self.look().await?;
            let left = deadline
                .map_or(Duration::ZERO, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() || !may_change(&verification) {
                return Ok(self.explained(verification, seen).await);
            }
            let pause_now = pause.min(left);
            let waiting = report::counted(verification.findings.len(), "finding");
            output::talk(&format!("{waiting}, looking again in {}s\n", pause_now.as_secs().max(1)));
            tokio::time::sleep(pause_now).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Looks once.
    async fn look(&self) -> Result<(Verification, Seen), Failure> {
        let sha = match self.release().await? {
            Release::Is(sha) => sha,
            Release::Unread(unread) => {
                return Ok((unresolved(self.environment, &self.asked, &unread), Seen::default()));
            }
        };
        let mut sha = sha;
        let mut seen = observe(self.collector, self.environment, &sha, self.depth).await;
        let nowhere = |seen: &BTreeMap<Place, PlaceObservation>| {
            seen.values().all(|o| o.sha_tag == TagObservation::Missing)
        };
        if nowhere(&seen)
            && sha.is_full()
            && let Some(shorter) = self.shortened(&sha).await
        {
            sha = shorter;
            seen = observe(self.collector, self.environment, &sha, self.depth).await;
        }
        self.fill_in(&sha, &mut seen).await;
        let running = self.named(&seen).await;
        Ok((
            verify(self.environment, &sha, &seen, running.as_ref()),
            Seen { places: seen, running },
        ))
    }

    /// What runs, with the images named that were listed by their ID. Most run this release, so
    /// all others are looked through only for what is none of its.
    async fn named(&self, seen: &BTreeMap<Place, PlaceObservation>) -> Option<Running> {
        let running = self.running?.clone();
        let running = named_by(self.collector, running, &roots_of_release(seen)).await;
        if running.ids.is_empty() {
            return Some(running);
        }
        let all = inventory(self.collector, self.environment, TimesWanted::None).await;
        Some(named_by_all(self.collector, self.environment, running, &all).await)
    }

    /// Looks for tags with more or fewer digits of the SHA where the one that was asked for is
    /// missing: they are tags of the same release.
    async fn fill_in(&self, sha: &Sha, seen: &mut BTreeMap<Place, PlaceObservation>) {
        if seen.values().all(|place| place.sha_tag != TagObservation::Missing) {
            return;
        }
        for other in self.other_lengths(sha).await {
            let found = observe(self.collector, self.environment, &other, self.depth).await;
            for (place, found) in found {
                let is_missing = |one: &PlaceObservation| one.sha_tag == TagObservation::Missing;
                if !is_missing(&found) && seen.get(&place).is_some_and(is_missing) {
                    seen.insert(place, found);
                }
            }
        }
    }

    /// The SHAs of other lengths that name this commit and surely no other.
    async fn other_lengths(&self, sha: &Sha) -> Vec<Sha> {
        let (agreeing, _) = shas_agreeing(self.collector, self.environment, sha).await;
        let Some(shortest) = agreeing.iter().min_by_key(|one| one.as_str().len()) else {
            return Vec::new();
        };
        // What begins with the shortest may be another commit.
        let (all, _) = shas_agreeing(self.collector, self.environment, shortest).await;
        let all: Vec<&str> = all.iter().map(Sha::as_str).collect();
        if same_commits(&all).iter().any(|named| *named != SameCommit::As(all.len() - 1)) {
            return Vec::new();
        }
        agreeing.into_iter().filter(|other| other != sha).collect()
    }

    /// The shorter SHA by which the tags name a commit, where they do and only one can be meant.
    async fn shortened(&self, sha: &Sha) -> Option<Sha> {
        let (shas, _) = shas_agreeing(self.collector, self.environment, sha).await;
        let mut shas = shas.into_iter();
        shas.next().filter(|_| shas.next().is_none())
    }

    /// Names the release that a stray latest tag points to; asked for only where it is told.
    async fn explained(&self, verification: Verification, mut seen: Seen) -> Verification {
        let stray = verification.findings.iter().any(|f| f.code == FindingCode::LatestTagElsewhere);
        if !stray || self.depth == Depth::Tags {
            return verification;
        }
        let places = &mut seen.places;
        latest_release_locate(self.collector, &self.environment.scheme, places).await;
        verify(self.environment, &verification.sha, places, seen.running.as_ref())
    }

    /// The release that is meant: a whole SHA as it is, a shorter one by what the registries have.
    async fn release(&self) -> Result<Release, Failure> {
        let asked = &self.asked;
        if asked.is_full() {
            return Ok(Release::Is(asked.clone()));
        }
        let (shas, unread) = shas_agreeing(self.collector, self.environment, asked).await;
        let shas: Vec<Sha> = shas.into_iter().filter(|sha| asked.is_prefix_of(sha)).collect();
        if shas.contains(asked) {
            return Ok(Release::Is(asked.clone()));
        }
        let texts: Vec<&str> = shas.iter().map(Sha::as_str).collect();
        let named = same_commits(&texts);
        let is_longest = |place: &usize| named[*place] == SameCommit::As(*place);
        let shas: Vec<&Sha> =
            (0..shas.len()).filter(is_longest).map(|place| &shas[place]).collect();
        match shas.as_slice() {
            [sha] => Ok(Release::Is((*sha).clone())),
            // What was not listed may have it.
            [] if !unread.is_empty() => Ok(Release::Unread(unread)),
            [] => Ok(Release::Is(asked.clone())),
            several => {
                let first: Vec<&str> = several.iter().take(10).map(|sha| sha.as_str()).collect();
                let count = several.len();
                let message =
                    format!("`{asked}` is the beginning of {count} releases: {}", first.join(", "));
                Err(Failure::usage(message).hint("give more digits"))
            }
        }
    }
}

/// Which release is meant.
enum Release {
    /// This one.
    Is(Sha),
    /// Nobody can tell, since these places could not be listed.
    Unread(Vec<(Place, Unread)>),
}

/// Whether looking again can help: not when it holds, nor when the credentials are refused.
fn may_change(verification: &Verification) -> bool {
    !matches!(
        verification.verdict(),
        VerifyVerdict::Passed | VerifyVerdict::Unknown(UnreadCause::Credentials)
    )
}
