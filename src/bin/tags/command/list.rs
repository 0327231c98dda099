//! `tags list`: the releases of an environment, with what is current.

use tags::releases::{CurrentQuestion, current};
use tags::report::{Listing, Report, escape};

use super::history;
use crate::args::{Global, List};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) async fn run(global: &Global, args: &List) -> Result<Exit, Failure> {
    let session = connect(global)?;
    let environment = session.environment(&args.env)?;
    let (inventory, timeline, _) = history::read(&session, environment).await;
    session.finish_requests();
    let unread = inventory.unread().into_iter().map(|(name, why)| (name, why.clone())).collect();
    let current = match current(environment, &inventory, &timeline, CurrentQuestion::Unsaid) {
        Ok(current) => {
            for note in &current.notes {
                output::talk(&format!("note: {}\n", escape::terminal(note)));
            }
            Some(current.index)
        }
        Err(error) => {
            let error = error.to_string();
            output::talk(&format!("note: no current release: {}\n", escape::terminal(&error)));
            None
        }
    };
    let listing = Listing::new(environment, timeline, current, unread);
    let report = Report::List(listing);
    output::write(&report, global)?;
    Ok(report.exit())
}
