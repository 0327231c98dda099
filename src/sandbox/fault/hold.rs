//! Holds a request, so that a test can kill the client at that moment.
//!
//! The command line has no option for it, since nobody would release the request.

use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

/// Whether a request is held before or after it is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldPoint {
    /// Before: the request has no effect.
    Before,
    /// After: the request has its effect, but is never answered.
    After,
}

/// The handle of a request that is or will be held. Dropping it releases the request: its
/// connection is closed without an answer.
#[derive(Debug)]
pub struct HoldHandle {
    reached: mpsc::Receiver<()>,
    _release: oneshot::Sender<()>,
}

impl HoldHandle {
    /// Waits until the request is held; false when that takes longer than this.
    #[must_use]
    pub fn wait(&self, at_most: Duration) -> bool {
        self.reached.recv_timeout(at_most).is_ok()
    }
}

/// A hold that is counted down with every request.
#[derive(Debug)]
pub(in crate::sandbox) struct PendingHold {
    left: usize,
    hold: RequestHold,
}

/// The hold of one request, on the side of the server.
#[derive(Debug)]
pub(in crate::sandbox) struct RequestHold {
    /// Whether it is held before or after it is handled.
    pub(in crate::sandbox) moment: HoldPoint,
    reached: mpsc::Sender<()>,
    released: oneshot::Receiver<()>,
}

impl PendingHold {
    /// A hold of the `nth` request from now; 1 is the next one.
    pub(in crate::sandbox) fn new(nth: usize, moment: HoldPoint) -> (Self, HoldHandle) {
        let (reached, is_reached) = mpsc::channel();
        let (release, released) = oneshot::channel();
        let hold = RequestHold { moment, reached, released };
        (Self { left: nth, hold }, HoldHandle { reached: is_reached, _release: release })
    }

    /// Counts a request: returns the hold if it is for this one, else `self` with one less.
    pub(in crate::sandbox) fn counted(self) -> Result<RequestHold, Self> {
        match self.left {
            0 | 1 => Ok(self.hold),
            left => Err(Self { left: left - 1, ..self }),
        }
    }
}

impl RequestHold {
    /// Reports that the request is held, and waits until it is released.
    pub(in crate::sandbox) async fn wait_for_release(self) {
        // The test may not be waiting any more.
        let _ = self.reached.send(());
        let _ = self.released.await;
    }
}
