//! The way back by the order `deployed`: to what was deployed before the current release and is known to
//! be good.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::ReleaseNumber;
use super::deployed::{Deployed, DeployedReleases};
use super::step::{SkipCode, Step, StepRules, skipped};
use crate::model::Deployment;

/// The releases other than the current one, the one that was deployed last first. Those that were never
/// deployed stand where they were pushed. What is not decided by what was read ends the way.
pub(super) fn deployed_steps<'a>(rules: &StepRules<'_, 'a>) -> Vec<Step<'a>> {
    match rules.timeline.deployed_releases() {
        Some(deployed) if deployed.is_start_known(rules.start) => {
            DeployedRules { rules, deployed }.steps()
        }
        _ => vec![Step::DeploymentsUnread],
    }
}

struct DeployedRules<'r, 'e, 'a> {
    rules: &'r StepRules<'e, 'a>,
    deployed: &'a DeployedReleases,
}

impl<'a> DeployedRules<'_, '_, 'a> {
    fn steps(&self) -> Vec<Step<'a>> {
        let timeline = self.rules.timeline;
        let mut all: Vec<(Option<DateTime<Utc>>, usize)> = (0..timeline.releases().len())
            .filter(|index| timeline.number(*index) != self.rules.start)
            .filter(|index| !self.is_pushed_later(*index))
            .map(|index| (self.time(index), index))
            .collect();
        all.sort_by_key(|(time, index)| (Reverse(*time), *index));
        let mut steps = Vec::new();
        for (_, index) in all {
            let step = self.step(index);
            let is_end = step == Step::DeploymentsUnread;
            steps.push(step);
            if is_end {
                return steps;
            }
        }
        if !self.deployed.is_complete() {
            steps.push(Step::DeploymentsUnread);
        }
        steps
    }

    fn of(&self, index: usize) -> Deployed<'a> {
        self.deployed.of(self.rules.timeline.number(index))
    }

    /// Whether it was never deployed, and pushed after the current release: then it is not passed over.
    fn is_pushed_later(&self, index: usize) -> bool {
        let timeline = self.rules.timeline;
        self.of(index).deployment().is_none()
            && timeline.is_older(timeline.index(self.rules.start), index)
    }

    /// When it was deployed last, else when it was pushed.
    fn time(&self, index: usize) -> Option<DateTime<Utc>> {
        let pushed = || self.rules.timeline.releases()[index].time().map(|moment| moment.time);
        self.of(index).deployment().map(|last| last.time).or_else(pushed)
    }

    fn step(&self, index: usize) -> Step<'a> {
        if let Some(skipped) = self.rules.objection(index) {
            return Step::Skip(skipped);
        }
        let release = &self.rules.timeline.releases()[index];
        let skip = |code, message| Step::Skip(skipped(release, code, message));
        let why = |deployment: &Deployment| deployment.detail.clone();
        match self.of(index) {
            Deployed::Good(last) if self.deployed.may_be_deployed_since(last.time) => {
                Step::DeploymentsUnread
            }
            Deployed::Good(last) => self.good(index, last.time),
            Deployed::Failed(last) => skip(SkipCode::DeployFailed, why(last)),
            Deployed::Unknown(last) => skip(SkipCode::DeployUnknown, why(last)),
            Deployed::Never | Deployed::Unread => {
                let message = "there is no evidence that it was deployed".to_owned();
                skip(SkipCode::NotDeployed, message)
            }
        }
    }

    /// A release that is known to be good: a candidate, unless it was not deployed before the current one.
    fn good(&self, index: usize, last: DateTime<Utc>) -> Step<'a> {
        let release = &self.rules.timeline.releases()[index];
        let first = self.deployed.first(self.rules.start);
        if let Some(first) = first.filter(|first| *first < last) {
            let message = format!(
                "deployed at {}, after the current release, which was deployed first at {}",
                said(last),
                said(first)
            );
            return Step::Skip(skipped(release, SkipCode::RolledBackFrom, message));
        }
        let unordered = if first == Some(last) {
            Some("it was deployed when the current release was, and it is unknown which was first")
        } else if self.has_rival(index, last) {
            Some("another release was deployed at the same time, and it is unknown which was last")
        } else {
            None
        };
        self.rules.step(index, unordered)
    }

    /// Whether another candidate with other content was deployed last at the same time.
    fn has_rival(&self, index: usize, last: DateTime<Utc>) -> bool {
        let (timeline, own) = (self.rules.timeline, self.rules.timeline.number(index));
        let check = timeline.rollback_check(self.rules.environment);
        let is_rival = |other: &ReleaseNumber| {
            let is_same_time =
                matches!(self.deployed.of(*other), Deployed::Good(one) if one.time == last);
            *other != own
                && is_same_time
                && self.rules.objection(timeline.index(*other)).is_none()
                && !check.is_same_content(own, *other)
        };
        let mut others = timeline.model().numbers().filter(|other| *other != self.rules.start);
        others.any(|other| is_rival(&other))
    }
}

/// A time as it is said in a sentence.
fn said(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}
