//! `rollback-target`: the last good release before the current one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::deployed::{self, DeploymentReader, FirstPages};
use super::history::{self, History};
use super::rollback_search::{Examined, RollbackSearch, Searched};
use super::running::{NoEvidence, evidence, named_by_all, read_running};
use super::{CommandError, GitLog, Session};
use crate::collect::Depth;
use crate::model::{Inventory, RegistryName, ReleaseOrder, Sha, Unread, UnreadCause};
use crate::pipeline::Records;
use crate::policy::Environment;
use crate::releases::{CurrentError, CurrentQuestion, RunningEvidence, current};
use crate::report::{CurrentRelease, RollbackTarget, counted};
use crate::running::Running;

/// Asks for the release to roll back to.
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment.
    pub environment: String,
    /// How the current release is found.
    pub current: CurrentBy,
    /// How many good releases to go back; 1 is the one before the current.
    pub steps: usize,
    /// Whether the content of each candidate is checked.
    pub depth: Depth,
    /// The history of the environment's branch.
    pub git: GitLog,
    /// What "previous" means, if not what the policy says.
    pub order: Option<ReleaseOrder>,
}

/// How the current release is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrentBy {
    /// By the latest tags.
    LatestTags,
    /// It is the release with this SHA, or the beginning of one.
    Sha(String),
    /// By the running images: a list of image references and IDs, one per line.
    Running(String),
}

impl Request {
    /// Asks for the last good release before that of the latest tags.
    #[must_use]
    pub fn new(environment: &str) -> Self {
        Self {
            environment: environment.to_owned(),
            current: CurrentBy::LatestTags,
            steps: 1,
            depth: Depth::Content,
            git: GitLog::default(),
            order: None,
        }
    }
}

/// Finds the last good release before the current one.
///
/// # Example
///
#[cfg_attr(feature = "sandbox", doc = "```")]
#[cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
/// use chrono::Utc;
/// use tags::command::{self, Session, rollback_target};
/// use tags::releases::SkipCode;
/// use tags::sandbox::{Sandbox, Settings, Store, history::History};
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
/// let request = rollback_target::Request::new("prod");
/// let answer = command::rollback_target(&session, &request).await?;
/// let target = answer.target.ok_or("no target")?;
/// assert_eq!(Some(&target.sha), history.rollback_target("prod"));
/// // The release in between lacks its backend, and is passed over.
/// assert_eq!(answer.skipped[0].code, SkipCode::Incomplete);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`CommandError`] when the policy does not have the environment, when the SHA names no release, or
/// when the list of running images cannot be read.
pub async fn rollback_target(
    session: &Session,
    request: &Request,
) -> Result<RollbackTarget, CommandError> {
    let found = find(session, request).await;
    session.finish_requests();
    found
}

/// The same for a command that sends more requests after it.
pub(super) async fn find(
    session: &Session,
    request: &Request,
) -> Result<RollbackTarget, CommandError> {
    let environment = &*history::environment(session, &request.environment, request.order)?;
    let question = Question::read(session, request, environment)?;
    let (history, (records, deployments)) = futures_util::join!(
        history::read(session, environment, &request.git),
        deployed::records_and_first_pages(session, environment)
    );
    let job = Job { session, request, environment, records: &records };
    job.answer(history, &question, deployments).await
}

/// How the current release is found, parsed.
enum Question {
    From(Sha),
    Running(Running),
    LatestTags,
}

impl Question {
    fn read(
        session: &Session,
        request: &Request,
        environment: &Environment,
    ) -> Result<Self, CommandError> {
        match &request.current {
            CurrentBy::Sha(text) => Sha::parse(&text.to_ascii_lowercase())
                .map(Self::From)
                .map_err(|error| CommandError::usage(format!("--from: {error}"))),
            CurrentBy::Running(list) => {
                let running = read_running(session, list, environment)?;
                if running.ignored > 0 {
                    let ignored = counted(running.ignored, "running image");
                    session.note(format!("{ignored} ignored: not of {}", environment.name), None);
                }
                Ok(Self::Running(running))
            }
            CurrentBy::LatestTags => Ok(Self::LatestTags),
        }
    }
}

/// What could not be read, by registry; and the time that counts as now.
type Known = (BTreeMap<RegistryName, Unread>, DateTime<Utc>);

fn with_unread(
    mut rollback: RollbackTarget,
    mut unread: BTreeMap<RegistryName, Unread>,
) -> RollbackTarget {
    rollback.unread.append(&mut unread);
    rollback
}

/// What is asked, and what it is asked of.
struct Job<'a> {
    session: &'a Session,
    request: &'a Request,
    environment: &'a Environment,
    records: &'a Records,
}

impl Job<'_> {
    async fn answer(
        &self,
        history: History,
        question: &Question,
        deployments: Option<Result<FirstPages, Unread>>,
    ) -> Result<RollbackTarget, CommandError> {
        let unread: BTreeMap<RegistryName, Unread> =
            history.inventory.unread().into_iter().map(|(name, why)| (name, why.clone())).collect();
        let evidence = match question {
            Question::Running(running) => self.evidence(running, &history.inventory).await,
            Question::From(_) | Question::LatestTags => Ok(Vec::new()),
        };
        let evidence = match evidence {
            Ok(evidence) => evidence,
            Err(why) => return Ok(self.without_evidence(why, (unread, history.now))),
        };
        let question = match question {
            Question::From(sha) => CurrentQuestion::From(sha),
            Question::Running(_) => CurrentQuestion::Running(&evidence),
            Question::LatestTags => CurrentQuestion::LatestTags,
        };
        match deployments {
            Some(Err(why)) => {
                let found = self.search(&history, (question, &mut BTreeMap::new())).await;
                Ok(self.without_deployments(found, why, (unread, history.now)))
            }
            Some(Ok(first)) => {
                let of = (&history.timeline, first);
                let reader = DeploymentReader::new(self.session, self.environment, of);
                self.decide(history, (question, Some(reader)), unread).await
            }
            None => self.decide(history, (question, None), unread).await,
        }
    }

    /// Searches, and reads more deployments, until what was read decides.
    async fn decide(
        &self,
        mut history: History,
        (question, mut reader): (CurrentQuestion<'_>, Option<DeploymentReader<'_>>),
        unread: BTreeMap<RegistryName, Unread>,
    ) -> Result<RollbackTarget, CommandError> {
        let mut examined = BTreeMap::new();
        loop {
            if let Some(reader) = &reader {
                history.timeline.set_deployments(&reader.deployments());
            }
            let found = self.search(&history, (question, &mut examined)).await;
            let known = (unread.clone(), history.now);
            let first = match &found {
                Err(CurrentError::DeploymentsUnread(_)) => None,
                Err(error) => return self.without_current(error, known),
                Ok(Searched::DeploymentsUnread(known)) => known.current.as_ref(),
                Ok(Searched::Ended(rollback)) => {
                    self.tell_unlisted(&history, reader.as_ref(), rollback);
                    return Ok(with_unread(rollback.clone(), unread));
                }
            };
            let first: Vec<Sha> = first.map(|current| current.sha.clone()).into_iter().collect();
            let more = match &mut reader {
                Some(reader) => reader.more(&first).await,
                None => Ok(false),
            };
            match more {
                Ok(true) => {}
                Ok(false) => {
                    let unknown_cause = Some(UnreadCause::Unreachable);
                    return Ok(RollbackTarget { unknown_cause, ..self.undecided(found, known) });
                }
                Err(why) => return Ok(self.without_deployments(found, why, known)),
            }
        }
    }

    /// Says that an old run, which was run again, may have deployed something after the target was
    /// deployed. GitHub lists it where it was created, behind the pages that were read.
    fn tell_unlisted(
        &self,
        history: &History,
        reader: Option<&DeploymentReader<'_>>,
        rollback: &RollbackTarget,
    ) {
        let target = rollback.target.as_ref().and_then(|to| history.timeline.find(&to.sha));
        let deployed = target.and_then(|index| history.timeline.deployed(index)?.deployment());
        let (Some(reader), Some(deployed)) = (reader, deployed) else { return };
        if let Some(oldest) = reader.may_be_unlisted_since(deployed.time) {
            let text = format!(
                "runs of before {} were not read; one that was run again may have deployed another release since the target",
                oldest.format("%Y-%m-%d")
            );
            let hint = format!("`tags list {}` reads them all", self.environment.name);
            self.session.note(text, Some(hint));
        }
    }

    /// Searches with what is known of deployments.
    async fn search(
        &self,
        history: &History,
        (question, examined): (CurrentQuestion<'_>, &mut BTreeMap<Sha, Examined>),
    ) -> Result<Searched, CurrentError> {
        let History { inventory, timeline, now } = history;
        let current = current(self.environment, inventory, timeline, question)?;
        let release = &timeline.releases()[current.index];
        let from = CurrentRelease { sha: release.sha.clone(), time: release.time(), current };
        let search = RollbackSearch {
            collector: self.session.collector(),
            environment: self.environment,
            timeline,
            steps: self.request.steps,
            depth: self.request.depth,
            now: *now,
            records: self.records,
        };
        Ok(search.search(from, examined).await)
    }

    /// The answer when the deployments could not be read: what is known without them.
    fn without_deployments(
        &self,
        found: Result<Searched, CurrentError>,
        why: Unread,
        known: Known,
    ) -> RollbackTarget {
        let message = deployed::unread_text(&self.environment.name, &why);
        let rollback = self.undecided(found, known);
        RollbackTarget { message: Some(message), deployments_unread: Some(why), ..rollback }
    }

    /// What is known when nothing more can be read.
    fn undecided(
        &self,
        found: Result<Searched, CurrentError>,
        (unread, now): Known,
    ) -> RollbackTarget {
        match found {
            Ok(Searched::Ended(known) | Searched::DeploymentsUnread(known)) => {
                with_unread(known, unread)
            }
            Err(error) => self.without_target((unread, now), error.to_string()),
        }
    }

    /// Which releases the running images belong to.
    async fn evidence(
        &self,
        running: &Running,
        inventory: &Inventory,
    ) -> Result<Vec<RunningEvidence>, NoEvidence> {
        let (collector, environment) = (self.session.collector(), self.environment);
        let named = named_by_all(collector, environment, running.clone(), inventory).await;
        evidence(collector, environment, &named).await
    }

    /// The answer when the running images show no current release.
    fn without_evidence(&self, why: NoEvidence, (mut unread, now): Known) -> RollbackTarget {
        match why {
            NoEvidence::Unknown(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let ids = ids.join(", ");
                let message = format!("no release in the registries has the running images {ids}");
                let unknown_cause = Some(UnreadCause::NotFound);
                RollbackTarget { unknown_cause, ..self.without_target((unread, now), message) }
            }
            NoEvidence::Unread(place, why) => {
                let message = format!("the running image of {place} could not be resolved");
                unread.insert(place.registry, why);
                self.without_target((unread, now), message)
            }
        }
    }

    /// The answer without a current release. A SHA that no release has is a usage error, if every
    /// registry could be read.
    fn without_current(
        &self,
        error: &CurrentError,
        (unread, now): Known,
    ) -> Result<RollbackTarget, CommandError> {
        let is_usage_error = match error {
            CurrentError::Ambiguous { .. } => true,
            CurrentError::NoSuchRelease { .. } => unread.is_empty(),
            _ => false,
        };
        if is_usage_error {
            let hint = format!("`tags list {}` shows them all", self.environment.name);
            return Err(CommandError::usage(error.to_string()).hint(hint));
        }
        Ok(self.without_target((unread, now), error.to_string()))
    }

    /// The answer without a target.
    fn without_target(&self, (unread, now): Known, message: String) -> RollbackTarget {
        RollbackTarget {
            unread,
            message: Some(message),
            ..RollbackTarget::of(self.environment, now)
        }
    }
}
