//! `verify`: checks a release in every registry, and checks again while it should wait.

mod recorded;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::records;
use super::release_sha::{ResolvedRelease, other_lengths, resolve, shortened};
use super::running::{named_by, named_by_all, read_running, roots_of_release};
use super::{CommandError, Session};
use crate::collect::{Collector, Depth, TimesWanted, find_latest_releases, inventory, observe};
use crate::model::{Place, PlaceObservation, RecordKind, Sha, TagObservation, UnreadCause};
use crate::policy::Environment;
use crate::report::counted;
use crate::running::Running;
use crate::verify::{FindingCode, Verification, VerifyVerdict, unresolved, verify as judge};

pub use recorded::{RecordUse, RecordedBy};

// How grave a finding is.
pub use crate::verify::Severity;

/// Asks to verify a release.
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment.
    pub environment: EnvironmentChoice,
    /// The release: a commit SHA or the beginning of one.
    pub sha: String,
    /// Where the SHA comes from, for messages, such as `--sha`.
    pub sha_origin: &'static str,
    /// Running images to check as well: a list of image references and IDs, one per line.
    pub running: Option<String>,
    /// Whether the content is checked, or only the tags.
    pub depth: Depth,
    /// How long to check again until all checks pass; without it, check once.
    pub wait: Option<Duration>,
    /// What the record of the release is asked for.
    pub records: RecordUse,
}

/// How the environment is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentChoice {
    /// The one with this name.
    Named(String),
    /// The one whose releases are built from this branch.
    OfBranch(String),
}

impl Request {
    /// Asks to check a release of an environment once, with its content.
    #[must_use]
    pub fn new(environment: &str, sha: &str) -> Self {
        Self {
            environment: EnvironmentChoice::Named(environment.to_owned()),
            sha: sha.to_owned(),
            sha_origin: "the SHA",
            running: None,
            depth: Depth::Content,
            wait: None,
            records: RecordUse::default(),
        }
    }
}

/// Verifies that a release is complete in every registry, and that the latest tags point to it.
///
/// # Example
///
#[cfg_attr(feature = "sandbox", doc = "```")]
#[cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
/// use chrono::Utc;
/// use tags::command::{self, Session, verify};
/// use tags::sandbox::{Sandbox, Settings, Store, history::History};
/// use tags::verify::{FindingCode, VerifyVerdict};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // An embedded registry with the releases of some 75 days.
/// let history = History::ending_at(Utc::now());
/// let store = Store::default();
/// history.fill(&store);
/// let registry = Sandbox::start(([127, 0, 0, 1], 0).into(), Settings::default(), store).await?;
///
/// let policy = format!(
///     r#"
///     version = 1
///     [registry.local]
///     kind = "oci"
///     url = "{}"
///     [image.backend]
///     repositories = {{ local = "acme/backend" }}
///     [image.frontend]
///     repositories = {{ local = "acme/frontend" }}
///     [environment.prod]
///     sha-tag = "prod-{{sha}}"
///     latest-tag = "prod-latest"
///     order = "built"
///     "#,
///     registry.url()
/// );
/// let session = Session::new(&policy, Utc::now).await?;
///
/// let current = history.current("prod").ok_or("no release")?;
/// let request = verify::Request::new("prod", &current.to_string());
/// let verification = command::verify(&session, &request).await?;
/// assert_eq!(verification.verdict(), VerifyVerdict::Passed);
///
/// // An older release is there, but the latest tags point to the current one.
/// let older = history.rollback_target("prod").ok_or("no target")?;
/// let request = verify::Request::new("prod", &older.to_string());
/// let verification = command::verify(&session, &request).await?;
/// assert_eq!(verification.verdict(), VerifyVerdict::Failed);
/// assert_eq!(verification.findings[0].code, FindingCode::LatestTagElsewhere);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`CommandError`] when the policy does not have the environment, when the SHA may name several
/// releases, or when the list of running images cannot be read.
pub async fn verify(session: &Session, request: &Request) -> Result<Verification, CommandError> {
    let environment = request.environment.find(session)?;
    let asked = Sha::parse(&request.sha.to_ascii_lowercase())
        .map_err(|error| CommandError::usage(format!("{}: {error}", request.sha_origin)))?;
    recorded::check_store(session, &request.records)?;
    let list = request.running.as_ref();
    let running = list.map(|list| read_running(session, list, environment)).transpose()?;
    let collector = session.collector();
    let asked_sha = asked.clone();
    let job = Job { session, collector, environment, asked, running, depth: request.depth };
    let (verification, records) = futures_util::join!(
        job.check_until_passed(request.wait),
        records::read(session, &environment.name)
    );
    let verification = match verification {
        Ok(verification) => {
            Ok(recorded::compared(session, &request.records, &asked_sha, (verification, records))
                .await)
        }
        Err(error) => Err(error),
    };
    session.finish_requests();
    verification
}

/// Records a release that was verified, as `request.records.write` asks for. A release of which a
/// check failed is not recorded.
///
/// # Errors
/// [`CommandError`] when the record could not be written.
pub async fn record(
    session: &Session,
    request: &Request,
    verification: &Verification,
) -> Result<(), CommandError> {
    let Some(by) = &request.records.write else {
        return Ok(());
    };
    // If the list had shown no image of the environment, or another release, no check had passed.
    let kind = match request.running {
        Some(_) => RecordKind::Deployed,
        None => RecordKind::Built,
    };
    let asked = Sha::parse(&request.sha.to_ascii_lowercase()).ok();
    let sha = recorded::longer(asked.as_ref(), &verification.sha);
    let written = recorded::write(session, by, (verification, sha, kind)).await;
    session.finish_requests();
    written
}

/// Reads a release once, with all its content, and judges it.
///
/// # Errors
/// [`CommandError`] when the SHA may name several releases.
pub(super) async fn examine(
    session: &Session,
    environment: &Environment,
    asked: Sha,
) -> Result<(Verification, BTreeMap<Place, PlaceObservation>), CommandError> {
    let (collector, depth) = (session.collector(), Depth::Content);
    let job = Job { session, collector, environment, asked, running: None, depth };
    let (verification, seen) = job.check_once().await?;
    Ok((verification, seen.places))
}

impl EnvironmentChoice {
    /// Finds the environment in the policy.
    ///
    /// # Errors
    /// [`CommandError`] when the policy has none, or several.
    pub fn find<'a>(&self, session: &'a Session) -> Result<&'a Environment, CommandError> {
        let branch = match self {
            Self::Named(name) => return session.environment(name),
            Self::OfBranch(branch) => branch,
        };
        let mut matches = session
            .policy
            .environments
            .values()
            .filter(|environment| environment.branch.as_ref() == Some(branch));
        match (matches.next(), matches.next()) {
            (Some(environment), None) => Ok(environment),
            (None, _) => {
                let message = format!("no environment of the policy has the branch `{branch}`");
                let hint = session.environment_hint();
                let is_empty = session.policy.environments.is_empty();
                let more = if is_empty { "" } else { "; or set `branch` in the policy" };
                Err(CommandError::usage(message).hint(format!("{hint}{more}")))
            }
            (Some(a), Some(b)) => {
                let (a, b) = (&a.name, &b.name);
                let message = format!("both {a} and {b} have the branch `{branch}`");
                Err(CommandError::usage(message).hint("pass the environment"))
            }
        }
    }
}

/// What is verified.
struct Job<'a> {
    session: &'a Session,
    collector: Collector<'a>,
    environment: &'a Environment,
    asked: Sha,
    running: Option<Running>,
    depth: Depth,
}

/// The first pause between two checks, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));

/// How long to wait in total.
struct Wait {
    limit: Duration,
    began: DateTime<Utc>,
    slept: Duration,
}

impl Wait {
    /// The time left. It does not grow when the clock is set back meanwhile.
    fn left(&self, now: DateTime<Utc>) -> Duration {
        let passed = (now - self.began).to_std().unwrap_or_default().max(self.slept);
        self.limit.saturating_sub(passed)
    }
}

/// What was read of a release, and the running images.
#[derive(Default)]
struct Observed {
    places: BTreeMap<Place, PlaceObservation>,
    running: Option<Running>,
}

impl Job<'_> {
    /// Checks until all checks pass or the time is over, and returns the last result.
    async fn check_until_passed(
        &self,
        limit: Option<Duration>,
    ) -> Result<Verification, CommandError> {
        let clock = &self.session.clock;
        let limit = limit.unwrap_or_default();
        let mut wait = Wait { limit, began: clock.now(), slept: Duration::ZERO };
        let mut pause = PAUSES.0;
        loop {
            let (verification, seen) = self.check_once().await?;
            let left = wait.left(clock.now());
            if left.is_zero() || !may_change(&verification) {
                return Ok(self.with_latest_releases(verification, seen).await);
            }
            let pause_now = pause.min(left);
            let (findings, seconds) =
                (counted(verification.findings.len(), "finding"), pause_now.as_secs().max(1));
            // Each time is counted by itself.
            self.session.clear_progress();
            self.session.status(format!("{findings}, checking again in {seconds}s"));
            clock.sleep(pause_now).await;
            wait.slept += pause_now;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Checks once.
    async fn check_once(&self) -> Result<(Verification, Observed), CommandError> {
        let sha = match resolve(self.collector, self.environment, &self.asked).await? {
            ResolvedRelease::Known(sha) => sha,
            ResolvedRelease::Unread(unread) => {
                return Ok((
                    unresolved(self.environment, &self.asked, &unread),
                    Observed::default(),
                ));
            }
        };
        let mut sha = sha;
        let mut seen = observe(self.collector, self.environment, &sha, self.depth).await;
        let nowhere = |seen: &BTreeMap<Place, PlaceObservation>| {
            seen.values().all(|o| o.sha_tag == TagObservation::Missing)
        };
        if nowhere(&seen)
            && sha.is_full()
            && let Some(shorter) = shortened(self.collector, self.environment, &sha).await
        {
            sha = shorter;
            seen = observe(self.collector, self.environment, &sha, self.depth).await;
        }
        self.add_other_lengths(&sha, &mut seen).await;
        let running = self.identify_running(&seen).await;
        Ok((
            judge(self.environment, &sha, &seen, running.as_ref()),
            Observed { places: seen, running },
        ))
    }

    /// The running images, with IDs replaced by their images. Most belong to this release, so the
    /// other releases are read only if IDs remain.
    async fn identify_running(&self, seen: &BTreeMap<Place, PlaceObservation>) -> Option<Running> {
        let running = self.running.clone()?;
        let running = named_by(self.collector, running, &roots_of_release(seen)).await;
        if running.ids.is_empty() {
            return Some(running);
        }
        let all = inventory(self.collector, self.environment, TimesWanted::None).await;
        Some(named_by_all(self.collector, self.environment, running, &all).await)
    }

    /// Where the SHA tag is missing, looks for tags with more or fewer digits of the SHA: they are tags
    /// of the same release.
    async fn add_other_lengths(&self, sha: &Sha, seen: &mut BTreeMap<Place, PlaceObservation>) {
        if seen.values().all(|place| place.sha_tag != TagObservation::Missing) {
            return;
        }
        for other in other_lengths(self.collector, self.environment, sha).await {
            let found = observe(self.collector, self.environment, &other, self.depth).await;
            for (place, found) in found {
                let is_missing = |one: &PlaceObservation| one.sha_tag == TagObservation::Missing;
                if !is_missing(&found) && seen.get(&place).is_some_and(is_missing) {
                    seen.insert(place, found);
                }
            }
        }
    }

    /// Adds the release that a latest tag points to, where it is not this release.
    async fn with_latest_releases(
        &self,
        verification: Verification,
        mut seen: Observed,
    ) -> Verification {
        let is_elsewhere =
            verification.findings.iter().any(|f| f.code == FindingCode::LatestTagElsewhere);
        if !is_elsewhere || self.depth == Depth::Tags {
            return verification;
        }
        let places = &mut seen.places;
        find_latest_releases(self.collector, &self.environment.scheme, places).await;
        judge(self.environment, &verification.sha, places, seen.running.as_ref())
    }
}

/// Whether checking again can change the result: not when all checks passed, nor when the
/// credentials were refused.
fn may_change(verification: &Verification) -> bool {
    !matches!(
        verification.verdict(),
        VerifyVerdict::Passed | VerifyVerdict::Unknown(UnreadCause::Credentials)
    )
}
