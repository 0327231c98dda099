//! Checks the rest of the rate limit, and the clocks.

use chrono::{TimeDelta, Utc};

use super::{LISTING, RegistryCase};
use crate::model::{CLOCK_SKEW, RateLimit};
use crate::report::{Check, CheckStatus};

/// Fewer requests than this are a warning.
const FEW: u64 = 100;

/// What is left of the management API's rate limit.
pub(super) fn budget(case: &RegistryCase<'_>) -> Option<Check> {
    case.capabilities.lists_manifests.then(|| remaining(case.found.budget, case.and_gc(&LISTING)))
}

/// What is left of a rate limit; `blocks` are the commands that need it.
pub(super) fn remaining(budget: Option<RateLimit>, blocks: Vec<&'static str>) -> Check {
    const NAME: &str = "rate-limit";
    let Some(budget) = budget else {
        return Check::new(NAME, CheckStatus::Unknown, "the API did not report the rate limit");
    };
    let of = budget.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let reset = budget.resets.map(|time| {
        format!(", resets at {}", time.with_timezone(&Utc).format("%Y-%m-%d %H:%M UTC"))
    });
    let detail = format!("{}{of} requests left{}", budget.remaining, reset.unwrap_or_default());
    if budget.remaining >= FEW {
        return Check::ok(NAME, detail);
    }
    let check = Check::new(NAME, CheckStatus::Warning, detail);
    check.blocking(blocks).hint("wait, or use a separate token for this program")
}

/// How far this machine's clock is from the servers'.
pub(super) fn clock(case: &RegistryCase<'_>) -> Check {
    const NAME: &str = "clock";
    let hosts = [Some(&case.found.registry), case.found.api.as_ref()].into_iter().flatten();
    let skews = hosts.filter_map(|host| {
        let clock = host.answer.as_ref().ok()?.as_ref()?;
        Some((&host.host, (case.context.now + clock.elapsed) - clock.time))
    });
    let Some((host, skew)) = skews.max_by_key(|(_, skew)| skew.abs()) else {
        return Check::new(NAME, CheckStatus::Unknown, "no server sent its time");
    };
    if skew.abs() <= CLOCK_SKEW {
        return Check::ok(NAME, "agrees with the servers' clocks");
    }
    let (minutes, side) =
        (skew.abs().num_minutes(), if skew < TimeDelta::zero() { "behind" } else { "ahead of" });
    let detail = format!("this machine's clock is {minutes} minutes {side} that of {host}");
    Check::new(NAME, CheckStatus::Warning, detail)
        .blocking(vec!["cleanup"])
        .hint("set the clock (NTP): the age of images and the lifetime of tokens depend on it")
}
