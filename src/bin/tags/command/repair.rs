//! `tags repair`: plans the copies, asks, makes them, and writes the report.

use tags::command::MovePurpose;
use tags::command::repair::{self, EndedRepair, LatestTags, PlannedRepair, Request};
use tags::report::{self, Report};

use super::verify;
use crate::args::{Global, Repair};
use crate::confirm::confirm;
use crate::context::connect;
use crate::event::{Event, event};
use crate::exit::{Exit, Failure};
use crate::interrupt::GracefulShutdown;
use crate::state::StateFiles;
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Repair) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    if args.apply {
        output::check(global.format)?;
    }
    let environment = session.environment(&args.env)?;
    let event = if args.sha.is_some() { Event::Usual } else { event()? };
    let (sha, sha_origin) = verify::sha(args.sha.as_deref(), &event).await?;
    let request = Request {
        environment: args.env.clone(),
        sha,
        sha_origin,
        from: args.from.clone(),
        latest: if args.latest { LatestTags::Move } else { LatestTags::Stay },
        purpose: if args.apply { MovePurpose::Apply } else { MovePurpose::DryRun },
        git: git::log(environment).await,
        state: &StateFiles,
        journal: None,
    };
    let ended = match repair::plan(&session, request).await? {
        PlannedRepair::Ended(report) => EndedRepair { report: *report, problems: Vec::new() },
        PlannedRepair::Approved(approved) => {
            if !args.yes {
                confirm(&report::repair_question(approved.report()), "copied").await?;
            }
            let shutdown = GracefulShutdown::begin();
            approved.apply(&session, shutdown.stop()).await
        }
    };
    Ok(write(global, &ended))
}

fn write(global: &Global, ended: &EndedRepair) -> Exit {
    for problem in &ended.problems {
        Failure::from(problem.clone()).print();
    }
    let report = Report::Repair(ended.report.clone());
    let failures: Vec<Failure> = output::write(&report, global).err().into_iter().collect();
    failures.iter().for_each(Failure::print);
    let exits: Vec<Exit> = failures.iter().map(Failure::exit).collect();
    ended.exit(&exits)
}
