//! `tags rollback-target`: the SHA alone on stdout, the why on stderr.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tags::collect::{Collector, Depth, tag_observe};
use tags::model::{
    ImageId, Inventory, Place, RegistryName, Sha, TagKind, TagObservation, Unread, UnreadCause,
};
use tags::policy::Environment;
use tags::releases::{CurrentError, CurrentQuestion, RunningEvidence, Timeline, current};
use tags::report::{self, Report};
use tags::rollback::{CurrentRelease, Rollback, RollbackOptions, rollback_target};
use tags::running::Running;

use super::history;
use super::running::{named_by_all, read_running};
use crate::args::{Global, RollbackTarget};
use crate::context::{connect, read_input};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) async fn run(global: &Global, args: &RollbackTarget) -> Result<Exit, Failure> {
    let session = connect(global)?;
    let environment = session.environment(&args.env)?;
    let question = Question::read(args, environment).await?;
    let collector = session.collector();
    let (inventory, timeline, now) = history::read(&session, environment).await;
    let asked = Asked {
        collector,
        environment,
        inventory: &inventory,
        timeline: &timeline,
        options: RollbackOptions {
            steps: usize::try_from(args.steps).unwrap_or(usize::MAX),
            depth: if args.quick { Depth::Tags } else { Depth::Content },
        },
    };
    let rollback = asked.answer(&question).await;
    session.finish_requests();
    let report = Report::RollbackTarget(report::RollbackTarget { rollback: rollback?, now });
    output::write(&report, global)?;
    Ok(report.exit())
}

/// How the current release is to be found.
enum Question {
    From(Sha),
    Running(Running),
    Unsaid,
}

impl Question {
    async fn read(args: &RollbackTarget, environment: &Environment) -> Result<Self, Failure> {
        if let Some(text) = &args.from {
            return Sha::parse(&text.to_ascii_lowercase())
                .map(Self::From)
                .map_err(|error| Failure::usage(format!("--from: {error}")));
        }
        match &args.running {
            Some(path) => {
                let running = read_running(&read_input(path).await?, environment)?;
                if running.ignored > 0 {
                    let ignored = report::counted(running.ignored, "running image");
                    output::talk(&format!("note: {ignored} not of {} ignored\n", environment.name));
                }
                Ok(Self::Running(running))
            }
            None => Ok(Self::Unsaid),
        }
    }
}

struct Asked<'a> {
    collector: Collector<'a>,
    environment: &'a Environment,
    inventory: &'a Inventory,
    timeline: &'a Timeline,
    options: RollbackOptions,
}

impl Asked<'_> {
    async fn answer(&self, question: &Question) -> Result<Rollback, Failure> {
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
            Question::From(_) | Question::Unsaid => Vec::new(),
        };
        let question = match question {
            Question::From(sha) => CurrentQuestion::From(sha),
            Question::Running(_) => CurrentQuestion::Running(&evidence),
            Question::Unsaid => CurrentQuestion::Unsaid,
        };
        let current = match current(self.environment, self.inventory, self.timeline, question) {
            Ok(current) => current,
            Err(error) => return self.without_current(&error, unread),
        };
        let release = &self.timeline.releases()[current.index];
        let from = CurrentRelease { sha: release.sha.clone(), time: release.time(), current };
        let (collector, environment) = (self.collector, self.environment);
        let mut rollback =
            rollback_target(collector, environment, self.timeline, from, self.options).await;
        rollback.unread.extend(unread);
        Ok(rollback)
    }

    /// A SHA that was mistyped is wrong usage, as long as every registry could be asked.
    fn without_current(
        &self,
        error: &CurrentError,
        unread: BTreeMap<RegistryName, Unread>,
    ) -> Result<Rollback, Failure> {
        let mistyped = match error {
            CurrentError::Ambiguous { .. } => true,
            CurrentError::NoSuchRelease { .. } => unread.is_empty(),
            _ => false,
        };
        if mistyped {
            let hint = format!("`tags list {}` shows them all", self.environment.name);
            return Err(Failure::usage(error.to_string()).hint(hint));
        }
        Ok(self.nothing(unread, error.to_string()))
    }

    /// No current release, so no target.
    fn nothing(&self, unread: BTreeMap<RegistryName, Unread>, trouble: String) -> Rollback {
        Rollback {
            environment: self.environment.name.clone(),
            order: self.environment.order,
            unread,
            current: None,
            target: None,
            skipped: Vec::new(),
            trouble: Some(trouble),
            doubt: None,
        }
    }

    /// What runs, with the images named that were listed by their ID.
    async fn named(&self, running: &Running) -> Running {
        named_by_all(self.collector, self.environment, running.clone(), self.inventory).await
    }

    /// Resolves what runs by a tag that is no SHA tag: only its digest can tell the release.
    async fn evidence(&self, running: &Running) -> Result<Vec<RunningEvidence>, Untold> {
        if !running.unknown.is_empty() {
            return Err(Untold::Unknown(running.unknown.clone()));
        }
        let resolve = running.images.iter().map(|image| async move {
            let moving = image
                .tag
                .as_ref()
                .filter(|tag| !matches!(self.environment.scheme.classify(tag), TagKind::Sha(_)));
            let digest = match (&image.digest, moving) {
                (Some(digest), _) => Some(digest.clone()),
                (None, None) => None,
                (None, Some(tag)) => {
                    match tag_observe(self.collector, &image.repository, tag).await {
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
