//! The metrics of a run, in Prometheus's text format for the textfile collector of its node exporter.
//!
//! A value that is not known is left out: a registry that cannot be read must not look like one without
//! releases.

mod earlier;
mod metric;
mod reported;
mod samples;

use chrono::{DateTime, Utc};

pub use metric::Metric;

use self::samples::Samples;
use super::Exit;
use crate::model::CLOCK_SKEW;

/// A run that has ended.
pub struct EndedRun<'a> {
    /// The command.
    pub command: &'a str,
    /// The environments that were named on the command line.
    pub named: &'a [String],
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// How it ended.
    pub exit: Exit,
    /// What it reported.
    pub reported: &'a Reported,
    /// The text of the file that is replaced; empty if there is none.
    pub before: &'a str,
}

/// What the reports of a run say.
#[derive(Debug, Clone, Default)]
pub struct Reported {
    /// The values.
    samples: Samples,
    /// The environments that the reports are about.
    environments: Vec<String>,
}

/// The text of a file, and what was wrong with the one that it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// The text.
    pub text: String,
    /// The environments whose last success was in the future, and is left out: an alert on its age would
    /// never fire.
    pub future: Vec<String>,
}

/// Whether a file with this text may be replaced by metrics: it has metrics of some program, or nothing.
#[must_use]
pub fn may_be_replaced(text: &str) -> bool {
    earlier::is_metrics(text)
}

impl EndedRun<'_> {
    /// The metrics of the run.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let mut samples = self.reported.samples.clone();
        samples.set(Metric::BUILD, &[env!("CARGO_PKG_VERSION")], 1.0);
        let ended = seconds(self.ended);
        let successes = earlier::successes(self.before, self.command);
        let latest = seconds(self.ended + CLOCK_SKEW);
        let mut future = Vec::new();
        for environment in self.environments() {
            let labels = [self.command, &environment];
            samples.set(Metric::LAST_RUN, &labels, ended);
            samples.set(Metric::EXIT_CODE, &labels, f64::from(self.exit.code()));
            let success = match self.exit {
                Exit::Ok => Some(ended),
                _ => successes.get(&environment).copied(),
            };
            match success {
                Some(success) if success <= latest => {
                    samples.set(Metric::LAST_SUCCESS, &labels, success);
                }
                Some(_) => future.push(environment),
                None => {}
            }
        }
        Metrics { text: samples.text(), future }
    }

    /// The environments that it was about. A run that ended before it knew them was about those of the
    /// run before; a command without environments has an empty one.
    fn environments(&self) -> Vec<String> {
        let known = [self.named, &self.reported.environments];
        let mut found = known.into_iter().find(|names| !names.is_empty()).map(<[_]>::to_vec);
        if found.is_none() && self.exit != Exit::Ok {
            found = Some(earlier::environments(self.before, self.command));
        }
        found.filter(|names| !names.is_empty()).unwrap_or_else(|| vec![String::new()])
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are small")]
fn seconds(time: DateTime<Utc>) -> f64 {
    time.timestamp() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = "verify";

    fn metrics(exit: Exit, at: i64, before: &str) -> Metrics {
        let named = ["prod".to_owned()];
        let ended = DateTime::from_timestamp(at, 0).expect("a time");
        let reported = Reported::default();
        EndedRun { command: COMMAND, named: &named, ended, exit, reported: &reported, before }
            .metrics()
    }

    fn run(exit: Exit, at: i64, before: &str) -> String {
        metrics(exit, at, before).text
    }

    #[test]
    fn a_success_in_the_future_is_left_out_and_told() {
        let good = run(Exit::Ok, 1000, "");
        let kept = metrics(Exit::Fails, 1000 - 300, &good);
        assert!(kept.text.contains("last_success_timestamp_seconds{") && kept.future.is_empty());
        let left_out = metrics(Exit::Fails, 1000 - 301, &good);
        assert!(!left_out.text.contains("last_success"), "{left_out:?}");
        assert_eq!(left_out.future, ["prod"]);
        assert!(metrics(Exit::Ok, 500, &good).future.is_empty());
    }

    #[test]
    fn a_failed_run_keeps_the_time_of_the_last_success() {
        let first = run(Exit::Ok, 100, "");
        let failed = run(Exit::Unreadable, 200, &first);
        let again = run(Exit::Fails, 300, &failed);
        let labels = "{command=\"verify\",environment=\"prod\"}";
        for line in [
            format!("tags_last_run_timestamp_seconds{labels} 300"),
            format!("tags_last_success_timestamp_seconds{labels} 100"),
            format!("tags_last_run_exit_code{labels} 1"),
        ] {
            assert!(again.lines().any(|one| one == line), "{line}: {again}");
        }
        assert!(!run(Exit::Usage, 200, "").contains("last_success"));
        assert!(
            run(Exit::Ok, 400, &again).contains(&format!("success_timestamp_seconds{labels} 400"))
        );
    }

    #[test]
    fn a_run_that_ended_before_it_knew_its_environment_counts_for_that_of_the_run_before() {
        let before = run(Exit::Ok, 100, "");
        let ended = DateTime::from_timestamp(200, 0).expect("a time");
        let reported = Reported::default();
        let of = |exit, before| {
            let run =
                EndedRun { command: COMMAND, named: &[], ended, exit, reported: &reported, before };
            run.environments()
        };
        assert_eq!(of(Exit::Usage, &before), ["prod"]);
        assert_eq!(of(Exit::Usage, ""), [""]);
        assert_eq!(of(Exit::Ok, &before), [""]);
    }
}
