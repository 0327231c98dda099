//! `tags check`

use tags::command;
use tags::report::{Format, Report};

use crate::args::Global;
use crate::context::{ReadPolicy, invalid, policy_to_check};
use crate::exit::{Exit, Failure};
use crate::output;

pub(crate) fn run(global: &Global) -> Result<Exit, Failure> {
    match policy_to_check(global)? {
        ReadPolicy::Valid(file) => output::finish(&Report::Check(command::check(*file)), global),
        ReadPolicy::Invalid(name, error) => {
            if global.format == Format::Github {
                output::policy_problems((&name, &error), global)?;
            }
            Err(invalid(&error))
        }
    }
}
