//! `cleanup`: decides what may be deleted, and deletes it if that was asked for.
//!
//! Two calls, so that a person can be asked in between: [`plan`] reads the registries, makes the
//! plan and checks the limits; only what it approves can be applied ([`Approved::apply`]).

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::approved::{Approved, Ended, Planned};
use super::journals::{earlier_journals, ended_here, finish_earlier_runs, rename_earlier};
use super::planning::Planning;
use super::{CommandError, GitLogs, InUseList, Session, State};
use crate::change::journal::JournalRecords;
use crate::report::{Cleanup, CleanupCommand};
use crate::retention::{ApprovedPlan, Refusal, RefusedPlan, approve, batch, refuse_also};

/// Asks for a cleanup.
pub struct Request<'a> {
    /// Whether to apply the plan.
    pub purpose: Purpose,
    /// Delete only the oldest whole releases, up to this many manifests.
    pub batch: Option<NonZeroUsize>,
    /// Running images, which are kept.
    pub in_use: InUseList,
    /// What git says about the branch of each environment.
    pub git: GitLogs,
    /// Where this machine keeps its state.
    pub state: &'a dyn State,
    /// The file to record deletions in; by default a new one in the state directory.
    pub journal: Option<PathBuf>,
    /// The name of the file that the caller writes the plan to, for the report.
    pub plan_file: Option<String>,
}

impl<'a> Request<'a> {
    /// Asks for everything that may be deleted by the policy alone.
    #[must_use]
    pub fn new(purpose: Purpose, state: &'a dyn State) -> Self {
        Self {
            purpose,
            batch: None,
            in_use: InUseList::default(),
            git: GitLogs::default(),
            state,
            journal: None,
            plan_file: None,
        }
    }
}

/// Why a plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Only to report it.
    DryRun {
        /// The time to plan for; by default the current time of the servers.
        at: Option<DateTime<Utc>>,
    },
    /// To apply it.
    Apply,
}

/// Plans a cleanup.
///
/// A plan to apply is refused while clocks differ, since ages may be wrong then. Before such a plan
/// is made, manifests are restored that an earlier, interrupted run lost by accident.
///
/// # Example
///
#[cfg_attr(feature = "sandbox", doc = "```")]
#[cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
/// use std::time::Duration;
///
/// use chrono::Utc;
/// use tags::command::cleanup::{self, Purpose};
/// use tags::command::{ApplySettings, NoState, Planned, Session, Stop};
/// use tags::report::Exit;
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
///     [[retention]]
///     environments = ["prod"]
///     keep-last = 5
///     [protect]
///     min-age = "0s"
///     [limits]
///     max-share = 1.0
///     "#,
///     registry.url()
/// );
/// let session = Session::new(&policy, Utc::now).await?;
///
/// let home = tempfile::tempdir()?;
/// let mut request = cleanup::Request::new(Purpose::Apply, &NoState);
/// request.journal = Some(home.path().join("journal.jsonl"));
/// let approved = match cleanup::plan(&session, &request).await? {
///     Planned::Approved(approved) => approved,
///     Planned::Ended(refused) => panic!("{:?}", refused.report),
/// };
/// // Now a person may look at it.
/// let planned = approved.plan().totals();
/// assert!(planned.delete > 0 && planned.keep > 0);
///
/// let stop = Stop::default();
/// let settings = ApplySettings { stop: &stop, patience: Duration::from_secs(60) };
/// let ended = approved.apply(&session, settings).await?;
/// assert_eq!(ended.exit(&[]), Exit::Ok);
/// assert!(home.path().join("journal.jsonl").exists());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`CommandError`] when a journal cannot be read, or when the list of running images protects nothing.
/// A registry that cannot be read is part of the report.
pub async fn plan(session: &Session, request: &Request<'_>) -> Result<Planned, CommandError> {
    let is_apply = request.purpose == Purpose::Apply;
    let named = request.journal.as_deref();
    if is_apply {
        rename_earlier(session, named)?;
    }
    let earlier = earlier_journals(session, request.state, named)?;
    if is_apply {
        finish_earlier_runs(session, &earlier).await;
    }
    let approval = decide(session, request, &earlier).await?;
    let (plan, refusals) = match approval {
        Ok(approved) if is_apply => {
            return Ok(Planned::Approved(Approved {
                plan: approved,
                command: CleanupCommand::Cleanup,
                plan_file: request.plan_file.clone(),
                directory: request.state.directory(),
                journal: request.journal.clone(),
                earlier: ended_here(session, earlier),
                withheld: Vec::new(),
            }));
        }
        Ok(approved) => (approved.into_plan(), Vec::new()),
        Err(refused) => (refused.plan, refused.refusals),
    };
    session.finish_requests();
    Ok(Planned::Ended(Ended::new(Cleanup {
        refusals,
        plan_file: request.plan_file.clone(),
        at_another_time: matches!(request.purpose, Purpose::DryRun { at: Some(_) }),
        ..Cleanup::planned(CleanupCommand::Cleanup, &session.policy, plan)
    })))
}

/// Reads, decides and checks.
async fn decide(
    session: &Session,
    request: &Request<'_>,
    earlier: &[JournalRecords],
) -> Result<Result<ApprovedPlan, Box<RefusedPlan>>, CommandError> {
    let at = match request.purpose {
        Purpose::DryRun { at } => at,
        Purpose::Apply => None,
    };
    let planning = Planning {
        session,
        in_use: &request.in_use,
        git: &request.git,
        journals: earlier,
        state: request.state,
        at,
    };
    let decided = planning.run().await?;
    let policy = &session.policy;
    let (chosen, clocks) = match request.batch {
        Some(size) => {
            let groups = planning.deletion_groups(&decided);
            (batch(decided.plan, &groups, size.get(), policy), decided.clocks)
        }
        None => (Ok(decided.plan), decided.clocks),
    };
    let approval = chosen.and_then(|plan| approve(plan, policy));
    Ok(match request.purpose {
        Purpose::Apply => refuse_also(approval, clocks.warnings.into_iter().map(Refusal::Clock)),
        Purpose::DryRun { .. } => approval,
    })
}
