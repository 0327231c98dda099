//! `tags runs`

use tags::command::{
    self, Message, Session,
    runs::{Request, WhichRuns},
};
use tags::report::{Format, Report};

use crate::args::{Global, Runs};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &Runs) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    let newest = WhichRuns::Newest { last: args.last, split: args.split.clone() };
    let request = Request {
        environments: args.env.clone(),
        which: args.run.map_or(newest, WhichRuns::One),
        logs: usize::from(args.logs),
        git: git::logs(&session.policy).await,
    };
    let runs = command::runs(&session, &request).await?;
    if global.format == Format::Json {
        tell_unread(&session, &runs);
    }
    output::finish(&Report::Runs(runs), global)
}

/// Says why something could not be read: the JSON only says what.
fn tell_unread(session: &Session, runs: &tags::report::Runs) {
    for unread in &runs.unread {
        let text = format!("{} could not be read: {}", unread.what, unread.why.message);
        session.listener.message(&Message::Warning { text, hint: unread.why.hint.clone() });
    }
}
