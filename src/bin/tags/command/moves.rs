//! `tags rollback` and `tags promote`: plans the move, asks, makes it, and writes the report.

use std::num::TryFromIntError;

use tags::command::promote::{self, Backwards, WhileRunning};
use tags::command::rollback::{self, RollbackTo};
use tags::command::{EndedMove, MovePurpose, PlannedMove, Session};
use tags::report::{self, Move};

use crate::args::{ApplyMove, Global, Promote, Rollback};
use crate::confirm::{asks, confirm};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::interrupt::GracefulShutdown;
use crate::messages::{self, Label};
use crate::state::StateFiles;
use crate::{git, output};

pub(crate) async fn rollback(global: &Global, args: &Rollback) -> Result<Exit, Failure> {
    let session = prepare(global, &args.apply).await?;
    let environment = session.environment(&args.env)?;
    let request = rollback::Request {
        environment: args.env.clone(),
        target: target(args).map_err(|error| Failure::usage(format!("--steps: {error}")))?,
        purpose: purpose(&args.apply),
        git: git::log(environment).await,
        state: &StateFiles,
        journal: args.apply.journal.clone(),
        while_running: while_running(&args.apply),
    };
    let planned = rollback::plan(&session, &request).await?;
    finish(global, &session, (&args.apply, planned)).await
}

pub(crate) async fn promote(global: &Global, args: &Promote) -> Result<Exit, Failure> {
    let session = prepare(global, &args.apply).await?;
    let request = promote::Request {
        source: args.source.clone(),
        environment: args.env.clone(),
        sha: args.sha.clone(),
        backwards: if args.backwards { Backwards::Allow } else { Backwards::Refuse },
        purpose: purpose(&args.apply),
        git: git::logs(&session.policy).await,
        state: &StateFiles,
        journal: args.apply.journal.clone(),
        while_running: while_running(&args.apply),
    };
    let planned = promote::plan(&session, &request).await?;
    finish(global, &session, (&args.apply, planned)).await
}

/// Retries take no longer than a person would wait, since half of the tags may have moved by then.
async fn prepare(global: &Global, args: &ApplyMove) -> Result<Session, Failure> {
    let session = connect(global).await?;
    if args.apply {
        output::check(global.format)?;
    }
    Ok(session)
}

fn target(args: &Rollback) -> Result<RollbackTo, TryFromIntError> {
    Ok(match (&args.to, args.steps) {
        (Some(sha), _) => RollbackTo::Sha(sha.clone()),
        (None, Some(steps)) => RollbackTo::Steps(usize::try_from(steps)?),
        (None, None) => RollbackTo::LastGood,
    })
}

fn while_running(args: &ApplyMove) -> WhileRunning {
    if args.while_running { WhileRunning::Allow } else { WhileRunning::Refuse }
}

fn purpose(args: &ApplyMove) -> MovePurpose {
    if args.apply { MovePurpose::Apply } else { MovePurpose::DryRun }
}

/// Makes the move, if it may be made, and writes the report.
async fn finish(
    global: &Global,
    session: &Session,
    (args, planned): (&ApplyMove, PlannedMove),
) -> Result<Exit, Failure> {
    let ended = match planned {
        PlannedMove::Ended(ended) => ended,
        PlannedMove::Approved(approved) => {
            if !args.yes && approved.moves() {
                session.clear_progress();
                preview(global, approved.report())?;
                confirm(&report::move_question(approved.report()), "moved").await?;
            }
            let shutdown = GracefulShutdown::begin();
            approved.apply(session, shutdown.stop()).await?
        }
    };
    Ok(write(global, &ended))
}

/// Shows on stderr what is about to move, if somebody is there to be asked.
fn preview(global: &Global, planned: &Move) -> Result<(), Failure> {
    if asks() {
        let text = report::move_preview(planned, output::stderr_view(global))
            .map_err(|error| Failure::internal("cannot show the plan", error))?;
        messages::show(Label::Status, &text);
    }
    Ok(())
}

fn write(global: &Global, ended: &EndedMove) -> Exit {
    let failures: Vec<Failure> = output::write(&ended.report, global).err().into_iter().collect();
    for problem in &ended.problems {
        Failure::from(problem.clone()).print();
    }
    failures.iter().for_each(Failure::print);
    let exits: Vec<Exit> = failures.iter().map(Failure::exit).collect();
    ended.exit(&exits)
}
