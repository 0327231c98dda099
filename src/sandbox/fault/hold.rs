//! A request that is held, so that a test can end the client at that very moment.
//!
//! What it is held before or after is the server's; here it is only counted down to and waited
//! for. Not for the command line: nobody would be there to let go.

use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

/// At which side of its work a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldPoint {
    /// It is not carried out.
    Before,
    /// It is carried out, but never answered.
    After,
}

/// The handle of a request that is held or will be. Dropping it lets go: the connection is then
/// closed without an answer.
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

/// What is counted down with every request.
#[derive(Debug)]
pub(in crate::sandbox) struct PendingHold {
    left: usize,
    hold: RequestHold,
}

/// The request's own side.
#[derive(Debug)]
pub(in crate::sandbox) struct RequestHold {
    /// At which side of its work the request is held.
    pub(in crate::sandbox) moment: HoldPoint,
    reached: mpsc::Sender<()>,
    released: oneshot::Receiver<()>,
}

impl PendingHold {
    /// A hold of the `nth` request from now, the next one being the first.
    pub(in crate::sandbox) fn new(nth: usize, moment: HoldPoint) -> (Self, HoldHandle) {
        let (reached, is_reached) = mpsc::channel();
        let (release, released) = oneshot::channel();
        let hold = RequestHold { moment, reached, released };
        (Self { left: nth, hold }, HoldHandle { reached: is_reached, _release: release })
    }

    /// Counts a request: the hold if it is this one's, else itself again.
    pub(in crate::sandbox) fn counted(self) -> Result<RequestHold, Self> {
        match self.left {
            0 | 1 => Ok(self.hold),
            left => Err(Self { left: left - 1, ..self }),
        }
    }
}

impl RequestHold {
    /// Says that the request is held, and ends when it is let go.
    pub(in crate::sandbox) async fn wait_for_release(self) {
        // Nobody may be waiting any more.
        let _ = self.reached.send(());
        let _ = self.released.await;
    }
}
