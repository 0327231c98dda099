//! Reads from the file of an earlier run when a command last succeeded.

use std::collections::BTreeMap;

use super::metric::Metric;
use super::samples::unescaped;

/// When a command last succeeded, in seconds, by environment. Anything else in the text is ignored.
pub(super) fn successes(text: &str, command: &str) -> BTreeMap<String, f64> {
    let line = |line: &str| {
        let rest = line.strip_prefix(Metric::LAST_SUCCESS.name)?.strip_prefix("{command=\"")?;
        let (by, rest) = rest.split_once("\",environment=\"")?;
        let (environment, value) = rest.rsplit_once("\"} ")?;
        let value: f64 = value.trim().parse().ok()?;
        let is_possible = value.is_finite() && value >= 0.0;
        let of_command = unescaped(by)? == command && is_possible;
        of_command.then_some((unescaped(environment)?, value))
    };
    text.lines().filter_map(line).collect()
}

/// The environments that the last run of a command was about.
pub(super) fn environments(text: &str, command: &str) -> Vec<String> {
    let line = |line: &str| {
        let rest = line.strip_prefix(Metric::LAST_RUN.name)?.strip_prefix("{command=\"")?;
        let (by, rest) = rest.split_once("\",environment=\"")?;
        let (environment, _) = rest.rsplit_once("\"} ")?;
        (unescaped(by)? == command).then_some(unescaped(environment)?)
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_times_of_the_command_are_read() {
        let text = "tags_last_success_timestamp_seconds{command=\"verify\",environment=\"prod\"} 12\n\
             tags_last_success_timestamp_seconds{command=\"list\",environment=\"prod\"} 13\n\
             tags_last_success_timestamp_seconds{command=\"verify\",environment=\"uat\"} NaN\n\
             tags_last_success_timestamp_seconds{command=\"verify\",environment=\"dev\"}\n\
             tags_last_run_timestamp_seconds{command=\"verify\",environment=\"prod\"} 99\n\
             rubbish \u{0}\n";
        let found: Vec<_> = successes(text, "verify").into_iter().collect();
        assert_eq!(found, [("prod".to_owned(), 12.0)]);
        assert_eq!(environments(text, "verify"), ["prod"]);
    }
}
