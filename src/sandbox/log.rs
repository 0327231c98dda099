//! The requests that an embedded registry got, for tests that count them or check credentials.
//!
//! Only the newest records are kept, in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::request::Parts;
use axum::http::{StatusCode, header};

/// How many records are kept; the oldest are dropped first.
const CAPACITY: usize = 100_000;

/// The `Authorization` header of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The scheme, such as `Bearer`.
    pub scheme: String,
    /// What follows the scheme.
    pub value: String,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// The method.
    pub method: String,
    /// The path with the query.
    pub target: String,
    /// The credential that was sent with it.
    pub authorization: Option<Authorization>,
    /// The status of the answer; none while there is no answer, or if there never was one.
    pub status: Option<u16>,
}

impl RequestRecord {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }
}

/// A position in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry(u64);

#[derive(Debug, Default)]
struct Records {
    records: VecDeque<RequestRecord>,
    /// How many records were dropped from the front, so that an [`Entry`] keeps its meaning.
    dropped: u64,
}

/// All requests since the start or the last clearing.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Records>);

impl Log {
    /// Records a request when it comes in, before anything can go wrong with it.
    pub(super) fn begin(&self, parts: &Parts) -> Entry {
        let authorization = parts.headers.get(header::AUTHORIZATION).map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let (scheme, value) = text.split_once(' ').unwrap_or((&text, ""));
            Authorization { scheme: scheme.to_owned(), value: value.trim().to_owned() }
        });
        let record = RequestRecord {
            method: parts.method.to_string(),
            target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            authorization,
            status: None,
        };
        let mut log = self.lock();
        if log.records.len() >= CAPACITY {
            log.records.pop_front();
            log.dropped += 1;
        }
        log.records.push_back(record);
        Entry(log.dropped + log.records.len() as u64 - 1)
    }

    /// Adds the answer's status.
    pub(super) fn finish(&self, entry: Entry, status: StatusCode) {
        let mut log = self.lock();
        let place = entry.0.checked_sub(log.dropped).and_then(|at| usize::try_from(at).ok());
        if let Some(record) = place.and_then(|at| log.records.get_mut(at)) {
            record.status = Some(status.as_u16());
        }
    }

    /// A request that is under way, if its record was not dropped since.
    pub(super) fn record(&self, entry: Entry) -> Option<RequestRecord> {
        let log = self.lock();
        let at = usize::try_from(entry.0.checked_sub(log.dropped)?).ok()?;
        log.records.get(at).cloned()
    }

    pub(super) fn records(&self) -> Vec<RequestRecord> {
        self.lock().records.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        let mut log = self.lock();
        log.dropped += log.records.len() as u64;
        log.records.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
