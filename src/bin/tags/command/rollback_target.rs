//! `tags rollback-target`

use tags::command::rollback_target::{CurrentBy, Request};
use tags::command::{self, Depth};
use tags::report::Report;

use crate::args::{Global, RollbackTarget};
use crate::context::{connect, read_input};
use crate::exit::{Exit, Failure};
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &RollbackTarget) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    let environment = session.environment(&args.env)?;
    let current = match (&args.from, &args.running) {
        (Some(sha), _) => CurrentBy::Sha(sha.clone()),
        (None, Some(path)) => CurrentBy::Running(read_input(path).await?),
        (None, None) => CurrentBy::LatestTags,
    };
    let request = Request {
        environment: args.env.clone(),
        current,
        steps: usize::try_from(args.steps).unwrap_or(usize::MAX),
        depth: if args.quick { Depth::Tags } else { Depth::Content },
        git: git::log(environment).await,
        order: args.order,
    };
    let target = command::rollback_target(&session, &request).await?;
    output::finish(&Report::RollbackTarget(target), global)
}
