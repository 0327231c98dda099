//! `tags doctor`

use tags::command;
use tags::report::Report;

use crate::args::Global;
use crate::context::{SHORTLY, connect_without_images};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) async fn run(global: &Global) -> Result<Exit, Failure> {
    let mut session = connect_without_images(global, SHORTLY)?;
    let found = session.find_images().await;
    let exit = output::finish(&Report::Doctor(command::doctor(&session).await), global)?;
    let Err(error) = found else { return Ok(exit) };
    // The checks show why; the images are not known all the same.
    let failure = Failure::from(error);
    failure.print();
    Ok(Exit::gravest([exit, failure.exit()]))
}
