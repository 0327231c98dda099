//! Counts the steps of a command, and says in a line how far it is.

use std::time::{Duration, Instant};

use tags::command::Stage;
use tags::report::bytes;

/// How long a rate is not shown: until then it means nothing.
const SETTLED: Duration = Duration::from_secs(1);

/// The steps of each stage, and the bytes, since it began.
#[derive(Default)]
pub(crate) struct Tally {
    stages: Vec<(Stage, Count)>,
    bytes: Option<Count>,
}

/// The steps of a stage: neither number ever gets smaller, whatever is added while it runs.
struct Count {
    done: u64,
    total: u64,
    /// When the steps under way began, and how many were done before: the time between two lots counts
    /// for no rate.
    began: Instant,
    before: u64,
}

impl Tally {
    pub(crate) fn expect(&mut self, stage: Stage, steps: usize, now: Instant) {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.stages.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, count)) => count.expect(steps, now),
            None => self.stages.push((stage, Count::of(steps, now))),
        }
    }

    pub(crate) fn advance(&mut self, stage: Stage) {
        if let Some((_, count)) = self.stages.iter_mut().find(|(known, _)| *known == stage) {
            count.done = count.done.saturating_add(1);
        }
    }

    pub(crate) fn expect_bytes(&mut self, bytes: u64, now: Instant) {
        match &mut self.bytes {
            Some(count) => count.expect(bytes, now),
            None => self.bytes = Some(Count::of(bytes, now)),
        }
    }

    pub(crate) fn advance_bytes(&mut self, bytes: u64) {
        if let Some(count) = &mut self.bytes {
            count.done = count.done.saturating_add(bytes);
        }
    }

    /// The stage with the most left to do, how far it is, how fast, and how long it will take at that rate:
    /// `reading manifests: 526 of 600, 310/s, 1s left`. None while nothing is left.
    pub(crate) fn line(&self, now: Instant) -> Option<String> {
        if let Some(count) = self.bytes.as_ref().filter(|count| count.left() > 0) {
            return Some(count.line("copying", now, bytes));
        }
        let under_way = self.stages.iter().filter(|(_, count)| count.left() > 0);
        let (stage, count) = under_way.max_by_key(|(_, count)| count.left())?;
        Some(count.line(stage.as_str(), now, |steps| steps.to_string()))
    }
}

impl Count {
    fn of(total: u64, began: Instant) -> Self {
        Self { done: 0, total, began, before: 0 }
    }

    /// More of a stage that was done is added to it, and its rate is measured anew.
    fn expect(&mut self, more: u64, now: Instant) {
        if self.left() == 0 {
            (self.began, self.before) = (now, self.done);
        }
        // More may have been done than was expected.
        self.total = self.total.max(self.done).saturating_add(more);
    }

    fn left(&self) -> u64 {
        self.total.saturating_sub(self.done)
    }

    fn line(&self, what: &str, now: Instant, amount: impl Fn(u64) -> String) -> String {
        let so_far = format!("{what}: {} of {}", amount(self.done), amount(self.total));
        let passed = now.saturating_duration_since(self.began);
        let milliseconds = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
        let done = self.done.saturating_sub(self.before);
        if done == 0 || passed < SETTLED {
            return so_far;
        }
        let rate = done.saturating_mul(1000) / milliseconds.max(1);
        let seconds =
            (u128::from(self.left()) * u128::from(milliseconds)).div_ceil(u128::from(done) * 1000);
        let left = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
        let rate = if rate == 0 {
            format!("{}/min", amount(done.saturating_mul(60_000) / milliseconds.max(1)))
        } else {
            format!("{}/s", amount(rate))
        };
        format!("{so_far}, {rate}, {} left", humantime::format_duration(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_stage_the_count_the_rate_and_the_time_left() {
        let began = Instant::now();
        let mut tally = Tally::default();
        assert_eq!(tally.line(began), None);
        tally.expect(Stage::Manifests, 600, began);
        tally.expect(Stage::Tags, 3, began);
        assert_eq!(tally.line(began).as_deref(), Some("reading manifests: 0 of 600"));
        (0..150).for_each(|_| tally.advance(Stage::Manifests));
        let line = tally.line(began + Duration::from_secs(30));
        assert_eq!(line.as_deref(), Some("reading manifests: 150 of 600, 5/s, 1m 30s left"));
        (0..450).for_each(|_| tally.advance(Stage::Manifests));
        let line = tally.line(began + Duration::from_secs(40));
        assert_eq!(line.as_deref(), Some("reading tags: 0 of 3"));
        tally.advance(Stage::Tags);
        let line = tally.line(began + Duration::from_secs(40));
        assert_eq!(line.as_deref(), Some("reading tags: 1 of 3, 1/min, 1m 20s left"));
        (0..2).for_each(|_| tally.advance(Stage::Tags));
        assert_eq!(tally.line(began + Duration::from_secs(41)), None);
    }

    #[test]
    fn bytes_are_shown_in_their_unit_and_more_of_them_is_added() {
        let began = Instant::now();
        let mut tally = Tally::default();
        tally.expect_bytes(3 << 30, began);
        tally.advance_bytes(1 << 30);
        let line = tally.line(began + Duration::from_secs(16));
        assert_eq!(line.as_deref(), Some("copying: 1.0 GiB of 3.0 GiB, 64.0 MiB/s, 32s left"));
        tally.advance_bytes(2 << 30);
        let later = began + Duration::from_secs(100);
        tally.expect_bytes(2 << 30, later);
        assert_eq!(tally.line(later).as_deref(), Some("copying: 3.0 GiB of 5.0 GiB"));
        tally.advance_bytes(1 << 30);
        let line = tally.line(later + Duration::from_secs(16));
        assert_eq!(line.as_deref(), Some("copying: 4.0 GiB of 5.0 GiB, 64.0 MiB/s, 16s left"));
    }

    #[test]
    fn no_count_of_a_stage_ever_gets_smaller() {
        let began = Instant::now();
        let mut tally = Tally::default();
        let mut last = (0, 0);
        // Repositories are read one after the other, and each tells its steps when it is reached.
        for (more, done) in [(3, 3), (2, 1), (4, 5), (1, 2), (5, 4), (0, 1), (7, 0)] {
            tally.expect(Stage::Tags, more, began);
            (0..=done).for_each(|step| {
                if step > 0 {
                    tally.advance(Stage::Tags);
                }
                let Some(line) = tally.line(began) else { return };
                let numbers: Vec<u64> =
                    line.split(' ').filter_map(|word| word.parse().ok()).collect();
                let now = (numbers[0], numbers[1]);
                assert!(now.0 >= last.0 && now.1 >= last.1 && now.0 <= now.1, "{last:?} {line}");
                last = now;
            });
        }
        assert_eq!(last, (16, 23));
    }
}
