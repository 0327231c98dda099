//! `tags doctor`

use tags::command;
use tags::report::Report;

use crate::args::Global;
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) async fn run(global: &Global) -> Result<Exit, Failure> {
    output::finish(&Report::Doctor(command::doctor(&connect(global)?).await), global)
}
