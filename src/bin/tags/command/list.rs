//! `tags list`: the releases of an environment, with what is current.

use tags::releases::{CurrentQuestion, current};
use tags::report::{self, Listing};

use super::history;
use crate::args::{Global, List};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};

pub(crate) async fn run(global: &Global, args: &List) -> Result<Exit, Failure> {
    let session = connect(global)?;
    let environment = session.environment(&args.env)?;
    let (inventory, timeline, _) = history::read(&session, environment).await;
    session.finish_requests();
    let unread = inventory.unread().into_iter().map(|(name, why)| (name, why.clone())).collect();
    let current = match current(environment, &inventory, &timeline, CurrentQuestion::Unsaid) {
        Ok(current) => {
            for note in &current.notes {
                output::talk(&format!("note: {}\n", report::escape::terminal(note)));
            }
            Some(current.index)
        }
        Err(error) => {
            let error = error.to_string();
            output::talk(&format!(
                "note: no current release: {}\n",
                report::escape::terminal(&error)
            ));
            None
        }
    };
    let listing = Listing::new(environment, timeline, current, unread);
    output::talk(&report::human::list_unread(&listing));
    let rendered = Rendered {
        human: report::human::list(&listing, output::width()),
        json: report::json::list(&listing),
        annotations: report::github::list(&listing),
        annotates_by_itself: false,
        outputs: report::github::list_outputs(&listing),
        markdown: report::markdown::list(&listing),
    };
    output::write(&rendered, global.format)?;
    let worst = listing.unread.values().map(|why| why.cause).min();
    Ok(worst.map_or(Exit::Ok, Exit::unread))
}
