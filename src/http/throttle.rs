//! Limits the concurrent requests to each host and the requests per minute, and waits while a host has
//! asked for a pause.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How many requests a host accepts per minute, counted in points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostBudget {
    /// The points per minute; a request that reads costs one.
    pub(crate) per_minute: usize,
    /// The cost of a request that changes something.
    pub(crate) change: usize,
}

/// The cost of a request in a host's budget. Only management APIs have one; other requests to the same
/// address cost nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestCost {
    /// Nothing.
    Free,
    /// The cost of a read.
    Read,
    /// The cost of a change.
    Change,
}

impl HostBudget {
    /// GitHub's API accepts 900 points a minute from one token; a read costs one, a change five.
    /// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit>
    pub(crate) const GITHUB: Self = Self { per_minute: 900, change: 5 };

    fn points(self, cost: RequestCost) -> usize {
        match cost {
            RequestCost::Free => 0,
            RequestCost::Read => 1,
            RequestCost::Change => self.change,
        }
    }
}

/// The permission to send to a host without waiting: a slot is reserved, the cost is deducted from the
/// budget, and the host had asked for no pause when it was given.
#[derive(Debug)]
pub(crate) struct SendPermit {
    _slot: Option<OwnedSemaphorePermit>,
}

/// The limits of every host.
#[derive(Debug)]
pub(crate) struct Throttle {
    at_once: usize,
    hosts: Mutex<HashMap<String, Host>>,
    budgets: Mutex<HashMap<String, HostBudget>>,
}

#[derive(Debug, Clone)]
struct Host {
    slots: Arc<Semaphore>,
    /// Slots of permits. They are separate, since the holder of a permit may have to send another
    /// request first.
    permitted: Arc<Semaphore>,
    not_before: Option<Instant>,
    /// The requests of the last minute, each with its time and cost, if the host has a budget.
    sent: VecDeque<(Instant, usize)>,
}

impl Throttle {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { at_once, hosts: Mutex::default(), budgets: Mutex::default() }
    }

    fn with_host<T>(&self, authority: &str, act: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(authority) {
            return act(host);
        }
        let slots = Arc::new(Semaphore::new(self.at_once));
        let permitted = Arc::new(Semaphore::new(self.at_once));
        let host = Host { slots, permitted, not_before: None, sent: VecDeque::new() };
        act(hosts.entry(authority.to_owned()).or_insert(host))
    }

    /// Waits for a slot at this host, for the end of a pause that it asked for, and for its budget.
    pub(crate) async fn enter(
        &self,
        authority: &str,
        cost: RequestCost,
    ) -> Option<OwnedSemaphorePermit> {
        let slots = self.with_host(authority, |host| Arc::clone(&host.slots));
        let slot = slots.acquire_owned().await.ok();
        self.unpaused(authority).await;
        self.within_budget(authority, &[cost]).await;
        slot
    }

    /// Waits for everything that may delay these requests, so that they can be sent later without
    /// waiting. [`paused`](Self::paused) tells whether the host has asked for a pause since.
    pub(crate) async fn permission(&self, authority: &str, costs: &[RequestCost]) -> SendPermit {
        let permitted = self.with_host(authority, |host| Arc::clone(&host.permitted));
        let slot = permitted.acquire_owned().await.ok();
        self.within_budget(authority, costs).await;
        self.unpaused(authority).await;
        SendPermit { _slot: slot }
    }

    async fn unpaused(&self, authority: &str) {
        while let Some(wait) = self.paused(authority) {
            tokio::time::sleep(wait).await;
        }
    }

    /// The rest of a pause that the host asked for, if there is one.
    pub(crate) fn paused(&self, authority: &str) -> Option<Duration> {
        let until = self.with_host(authority, |host| host.not_before)?;
        let left = until.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some(left)
    }

    /// Limits the requests to a host per minute, so that it does not have to refuse any.
    pub(crate) fn limit(&self, authority: &str, budget: HostBudget) {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        budgets.insert(authority.to_owned(), budget);
    }

    fn budget(&self, authority: &str) -> Option<HostBudget> {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner).get(authority).copied()
    }

    async fn within_budget(&self, authority: &str, costs: &[RequestCost]) {
        const MINUTE: Duration = Duration::from_mins(1);
        let Some(budget) = self.budget(authority) else {
            return;
        };
        let cost: usize = costs.iter().map(|cost| budget.points(*cost)).sum();
        if cost == 0 {
            return;
        }
        loop {
            let now = Instant::now();
            let wait = self.with_host(authority, |host| {
                while host.sent.front().is_some_and(|(sent, _)| now.duration_since(*sent) >= MINUTE)
                {
                    host.sent.pop_front();
                }
                let spent: usize = host.sent.iter().map(|(_, cost)| cost).sum();
                if spent + cost <= budget.per_minute || host.sent.is_empty() {
                    host.sent.push_back((now, cost));
                    return None;
                }
                host.sent.front().map(|(sent, _)| *sent + MINUTE)
            });
            match wait {
                None => return,
                Some(until) => tokio::time::sleep_until(until).await,
            }
        }
    }

    /// Sends nothing to this host for a while, since it asked for a pause.
    pub(crate) fn pause(&self, authority: &str, delay: Duration) {
        let until = Instant::now() + delay;
        self.with_host(authority, |host| {
            if host.not_before.is_none_or(|known| known < until) {
                host.not_before = Some(until);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_with_a_budget_gets_no_more_requests_in_a_minute() {
        let throttle = Throttle::new(8);
        throttle.limit("api.example", HostBudget { per_minute: 3, change: 1 });
        let start = Instant::now();
        for _ in 0..3 {
            drop(throttle.enter("api.example", RequestCost::Read).await);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(throttle.enter("api.example", RequestCost::Read).await);
        assert_eq!(start.elapsed(), Duration::from_mins(1));
        for _ in 0..10 {
            drop(throttle.enter("other.example", RequestCost::Read).await);
        }
        assert_eq!(start.elapsed(), Duration::from_mins(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_costs_more_where_the_budget_says_so() {
        let throttle = Throttle::new(8);
        throttle.limit("api.example", HostBudget { per_minute: 11, change: 5 });
        let start = Instant::now();
        for cost in [RequestCost::Change, RequestCost::Free, RequestCost::Read, RequestCost::Change]
        {
            drop(throttle.enter("api.example", cost).await);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop(throttle.enter("api.example", RequestCost::Read).await);
        assert_eq!(start.elapsed(), Duration::from_mins(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_permission_waits_for_everything_and_uses_no_slot_of_other_requests() {
        let throttle = Throttle::new(1);
        throttle.limit("api.example", HostBudget { per_minute: 6, change: 5 });
        throttle.pause("api.example", Duration::from_secs(5));
        let start = Instant::now();
        let first =
            throttle.permission("api.example", &[RequestCost::Read, RequestCost::Change]).await;
        assert_eq!(start.elapsed(), Duration::from_secs(5));
        assert_eq!(throttle.paused("api.example"), None);
        drop(throttle.enter("api.example", RequestCost::Free).await);
        assert_eq!(start.elapsed(), Duration::from_secs(5));
        drop(first);
        drop(throttle.permission("api.example", &[RequestCost::Read, RequestCost::Change]).await);
        assert_eq!(start.elapsed(), Duration::from_mins(1));
        throttle.pause("api.example", Duration::from_secs(2));
        assert_eq!(throttle.paused("api.example"), Some(Duration::from_secs(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_delays_every_request() {
        let throttle = Throttle::new(8);
        throttle.pause("a.example", Duration::from_secs(5));
        throttle.pause("a.example", Duration::from_secs(2));
        let start = Instant::now();
        let (_a, _b) = tokio::join!(
            throttle.enter("a.example", RequestCost::Free),
            throttle.enter("a.example", RequestCost::Free)
        );
        assert_eq!(start.elapsed(), Duration::from_secs(5));
    }
}
