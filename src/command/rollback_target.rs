//! `tags rollback-target`: the last good release before the current one.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::history::{self, History};
use super::rollback_search::RollbackSearch;
use super::running::{named_by_all, read_running};
use super::{CommandError, GitLog, Session};
use crate::collect::{Depth, tag_observe};
use crate::model::{
    ImageId, Inventory, Place, RegistryName, Sha, TagKind, TagObservation, Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::releases::{CurrentError, CurrentQuestion, RunningEvidence, current};
use crate::report::{CurrentRelease, Rollback, RollbackTarget, counted};
use crate::running::Running;

/// What is asked for.
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
}

/// How the current release is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrentBy {
    /// By the latest tags.
    LatestTags,
    /// It is the release with this SHA, or the beginning of one.
    Sha(String),
    /// By what runs: a list of image references and IDs, one a line.
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
/// let session = Session::new(&policy, Utc::now)?;
///
/// let request = rollback_target::Request::new("prod");
/// let answer = command::rollback_target(&session, &request).await?.rollback;
/// let target = answer.target.ok_or("no target")?;
/// assert_eq!(Some(&target.sha), history.rollback_target("prod"));
/// // The release in between lacks its backend, and is passed over.
/// assert_eq!(answer.skipped[0].code, SkipCode::Incomplete);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`CommandError`] when the request cannot be: an environment that the policy does not have, a SHA
/// that is no release, a list of what runs that cannot be read.
pub async fn rollback_target(
    session: &Session,
    request: &Request,
) -> Result<RollbackTarget, CommandError> {
    let environment = session.environment(&request.environment)?;
    let question = Question::read(session, request, environment)?;
    let History { inventory, timeline, now } =
        history::read(session, environment, &request.git).await;
    let search = RollbackSearch {
        collector: session.collector(),
        environment,
        timeline: &timeline,
        steps: request.steps,
        depth: request.depth,
    };
    let answer = Job { inventory: &inventory, search }.answer(&question).await;
    session.finish_requests();
    Ok(RollbackTarget { rollback: answer?, now })
}

/// How the current release is to be found, read.
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
                    session.note(format!("{ignored} not of {} ignored", environment.name), None);
                }
                Ok(Self::Running(running))
            }
            CurrentBy::LatestTags => Ok(Self::LatestTags),
        }
    }
}

/// The releases of the environment, and the search among them.
struct Job<'a> {
    inventory: &'a Inventory,
    search: RollbackSearch<'a>,
}

impl Job<'_> {
    async fn answer(&self, question: &Question) -> Result<Rollback, CommandError> {
        let mut unread: BTreeMap<RegistryName, Unread> =
            self.inventory.unread().into_iter().map(|(name, why)| (name, why.clone())).collect();
        let evidence = match question {
            Question::Running(running) => match self.evidence(&self.named(running).await).await {
                Ok(evidence) => evidence,
                Err(Untold::Unknown(ids)) => {
                    let trouble = format!(
                        "no release that the registries have is what runs as {}",
                        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                    );
                    let doubt = Some(UnreadCause::NotFound);
                    return Ok(Rollback { doubt, ..self.nothing(unread, trouble) });
                }
                Err(Untold::Unread(place, why)) => {
                    unread.insert(place.registry.clone(), why);
                    let trouble = format!("what runs of {place} could not be resolved");
                    return Ok(self.nothing(unread, trouble));
                }
            },
            Question::From(_) | Question::LatestTags => Vec::new(),
        };
        let question = match question {
            Question::From(sha) => CurrentQuestion::From(sha),
            Question::Running(_) => CurrentQuestion::Running(&evidence),
            Question::LatestTags => CurrentQuestion::Unsaid,
        };
        let current = match current(
            self.search.environment,
            self.inventory,
            self.search.timeline,
            question,
        ) {
            Ok(current) => current,
            Err(error) => return self.without_current(&error, unread),
        };
        let release = &self.search.timeline.releases()[current.index];
        let from = CurrentRelease { sha: release.sha.clone(), time: release.time(), current };
        let mut rollback = self.search.run(from).await;
        rollback.unread.extend(unread);
        Ok(rollback)
    }

    /// A SHA that was mistyped is wrong usage, as long as every registry could be asked.
    fn without_current(
        &self,
        error: &CurrentError,
        unread: BTreeMap<RegistryName, Unread>,
    ) -> Result<Rollback, CommandError> {
        let mistyped = match error {
            CurrentError::Ambiguous { .. } => true,
            CurrentError::NoSuchRelease { .. } => unread.is_empty(),
            _ => false,
        };
        if mistyped {
            let hint = format!("`tags list {}` shows them all", self.search.environment.name);
            return Err(CommandError::usage(error.to_string()).hint(hint));
        }
        Ok(self.nothing(unread, error.to_string()))
    }

    /// No current release, so no target.
    fn nothing(&self, unread: BTreeMap<RegistryName, Unread>, trouble: String) -> Rollback {
        Rollback { unread, trouble: Some(trouble), ..Rollback::of(self.search.environment) }
    }

    /// What runs, with the images named that were listed by their ID.
    async fn named(&self, running: &Running) -> Running {
        named_by_all(
            self.search.collector,
            self.search.environment,
            running.clone(),
            self.inventory,
        )
        .await
    }

    /// Resolves what runs by a tag that is no SHA tag: only its digest can tell the release.
    async fn evidence(&self, running: &Running) -> Result<Vec<RunningEvidence>, Untold> {
        if !running.unknown.is_empty() {
            return Err(Untold::Unknown(running.unknown.clone()));
        }
        let resolve = running.images.iter().map(|image| async move {
            let moving = image.tag.as_ref().filter(|tag| {
                !matches!(self.search.environment.scheme.classify(tag), TagKind::Sha(_))
            });
            let digest = match (&image.digest, moving) {
                (Some(digest), _) => Some(digest.clone()),
                (None, None) => None,
                (None, Some(tag)) => {
                    match tag_observe(self.search.collector, &image.repository, tag).await {
                        TagObservation::Found(digest) => Some(digest),
                        TagObservation::Missing => None,
                        TagObservation::Unread(why) => {
                            return Err(Untold::Unread(image.place.clone(), why));
                        }
                    }
                }
            };
            Ok(RunningEvidence { image: image.clone(), digest })
        });
        join_all(resolve).await.into_iter().collect()
    }
}

/// Why what runs tells nothing.
enum Untold {
    /// A tag could not be resolved.
    Unread(Place, Unread),
    /// No release has these IDs, or several may.
    Unknown(Vec<ImageId>),
}
