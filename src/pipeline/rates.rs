//! How many runs failed, and how many migrations.

use chrono::{DateTime, Utc};

use super::judged_run::JudgedRun;
use crate::model::Conclusion;

/// Fewer runs are not judged by a rate: one failure would be too much of them.
pub const FEW: usize = 10;

/// How many runs count, and how many of them failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// The runs that count. Cancelled, skipped, neutral and stale ones do not, nor those that wait for an
    /// approval.
    pub runs: usize,
    /// How many of them failed.
    pub failed: usize,
    /// In how many of them the migrations failed, or were ended at their time limit.
    pub migrate_failed: usize,
}

impl Rates {
    /// The rates of these runs.
    pub fn of<'a>(runs: impl Iterator<Item = &'a JudgedRun>) -> Self {
        runs.filter(|run| counts(run.conclusion)).fold(Self::default(), |rates, run| Self {
            runs: rates.runs + 1,
            failed: rates.failed + usize::from(run.conclusion != Conclusion::Success),
            migrate_failed: rates.migrate_failed + usize::from(run.migrate_failed),
        })
    }

    /// The share of runs that failed, 0 to 1; none without runs.
    #[must_use]
    pub fn failure_rate(&self) -> Option<f64> {
        share(self.failed, self.runs)
    }

    /// The share of runs whose migrations failed, 0 to 1; none without runs.
    #[must_use]
    pub fn migrate_failure_rate(&self) -> Option<f64> {
        share(self.migrate_failed, self.runs)
    }
}

fn counts(conclusion: Conclusion) -> bool {
    match conclusion {
        Conclusion::Cancelled
        | Conclusion::Skipped
        | Conclusion::Neutral
        | Conclusion::Stale
        | Conclusion::ActionRequired => false,
        Conclusion::Success
        | Conclusion::Failure
        | Conclusion::TimedOut
        | Conclusion::StartupFailure
        | Conclusion::Other => true,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of runs are small")]
pub(super) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The rates before a change and since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The change: runs that were created at this time or later came after it.
    pub at: DateTime<Utc>,
    /// Before it.
    pub before: Rates,
    /// Since then.
    pub after: Rates,
}

impl Split {
    /// Splits runs at a time.
    #[must_use]
    pub fn of(runs: &[JudgedRun], at: DateTime<Utc>) -> Self {
        let (before, after): (Vec<_>, Vec<_>) = runs.iter().partition(|run| run.created < at);
        Self { at, before: Rates::of(before.into_iter()), after: Rates::of(after.into_iter()) }
    }

    /// By how much the failure rate grew, in shares of 1; none if one side has no runs.
    #[must_use]
    pub fn failure_difference(&self) -> Option<f64> {
        Some(self.after.failure_rate()? - self.before.failure_rate()?)
    }

    /// By how much the failure rate of the migrations grew, in shares of 1; none if one side has no runs.
    #[must_use]
    pub fn migrate_failure_difference(&self) -> Option<f64> {
        Some(self.after.migrate_failure_rate()? - self.before.migrate_failure_rate()?)
    }
}

/// A share as `5 %` or `3.3 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}
