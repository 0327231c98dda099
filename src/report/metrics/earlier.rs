//! Reads the file of an earlier run: whether it is one, and when a command last succeeded.

use std::collections::BTreeMap;

use super::metric::Metric;
use super::samples::unescaped;

/// Whether a text is a file of metrics, of whatever program, or has nothing in it. A file that broke off is
/// one: its beginning tells.
pub(super) fn is_metrics(text: &str) -> bool {
    // A crash of the machine may leave zeros.
    let is_blank = |c: char| c.is_whitespace() || c == '\0';
    let mut lines = text.trim_matches(is_blank).lines().map(str::trim).peekable();
    if lines.peek().is_none() {
        return true;
    }
    let is_described = |line: &str| line.starts_with("# HELP ") || line.starts_with("# TYPE ");
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#') && !is_described(line);
    lines.find(|line| !is_comment(line)).is_some_and(|line| is_described(line) || is_sample(line))
}

/// Whether a line is a sample: a name, labels in braces, a number, and perhaps a time.
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
fn is_sample(line: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let rest = line.trim_start_matches(is_of_name);
    let name = &line[..line.len() - rest.len()];
    let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
    let value = match rest.strip_prefix('{') {
        Some(labels) => labels.rsplit_once('}').map(|(_, value)| value),
        None => rest.starts_with([' ', '\t']).then_some(rest),
    };
    let numbers: Vec<&str> = value.unwrap_or_default().split_whitespace().collect();
    is_name
        && matches!(numbers.len(), 1 | 2)
        && numbers.iter().all(|number| number.parse::<f64>().is_ok())
}

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
    fn metrics_of_any_program_are_told_from_other_files() {
        for text in [
            "",
            " \n",
            "\0\0\0",
            "another_metric 1\n",
            "# HELP a b\n# TYPE a gauge\na 1\n",
            "# made by hand\n\na{b=\"c } d\"} +Inf 1700000000000\n",
            "a:b_c NaN\nrubbish",
        ] {
            assert!(is_metrics(text), "{text}");
        }
        for text in [
            "version = 1\n",
            "# a policy\nversion = 1\n",
            "# only a comment\n",
            "{\"version\":1,\"command\":\"cleanup\"}\n",
            "{\n  \"version\": 1\n}\n",
            "ghcr.io/acme/backend:prod-0123456\n",
            "<!DOCTYPE html>\n",
            "name: build\non: push\n",
            "0123456789ab 1\n",
            "two words\n",
            "a 1 2 3\n",
        ] {
            assert!(!is_metrics(text), "{text}");
        }
    }

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
