//! Figures of `tags report` that its page and its JSON share.

use std::collections::BTreeMap;

use super::grouping::Amount;
use crate::retention::{Decision, Plan, ReasonCode};

/// The manifests of one decision and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReasonAmount {
    pub(super) decision: &'static str,
    pub(super) code: ReasonCode,
    pub(super) amount: Amount,
}

/// A plan by decision and reason: first what is deleted, then what loses tags, then what is kept, each in the
/// order in which reasons take precedence.
pub(super) fn reasons(plan: &Plan) -> Vec<ReasonAmount> {
    let mut groups: BTreeMap<(u8, &'static str, ReasonCode), Amount> = BTreeMap::new();
    for entry in &plan.entries {
        let rank = match entry.decision {
            Decision::Delete => 0,
            Decision::Untag(_) => 1,
            Decision::Keep => 2,
        };
        let key = (rank, entry.decision.as_str(), entry.reason.code);
        groups.entry(key).or_default().add(entry);
    }
    let group = |((_, decision, code), amount)| ReasonAmount { decision, code, amount };
    groups.into_iter().map(group).collect()
}
