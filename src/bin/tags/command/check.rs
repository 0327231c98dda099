//! `tags check`

use tags::command;
use tags::report::Report;

use crate::args::Global;
use crate::context::required_policy;
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(global: &Global) -> Result<Exit, Failure> {
    output::finish(&Report::Check(command::check(required_policy(global)?)), global)
}
