//! Ctrl-C, and SIGTERM, which stops a container (on Windows Ctrl-Break). Both end the program at
//! once, unless something is being deleted or restored.
//!
//! Then the first signal lets the requests under way finish, for at most 18 seconds; a second signal
//! ends the program at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tags::command::Stop;

use super::exit::Exit;
use super::messages::{self, Label};

/// What the first signal stops, while something is being deleted or restored.
static STOP: Mutex<Option<Arc<Stop>>> = Mutex::new(None);

/// How long a run may go on after the first signal. The requests under way and the report take less;
/// a pipe that nobody reads, or a disk that does not answer, would block for ever.
const LAST: Duration = Duration::from_secs(18);

/// While this value exists, the first signal stops the run gracefully.
pub(crate) struct GracefulShutdown(Arc<Stop>);

impl GracefulShutdown {
    /// From now on the first signal stops the run gracefully.
    pub(crate) fn begin() -> Self {
        let stop = Arc::new(Stop::default());
        set(Some(Arc::clone(&stop)));
        Self(stop)
    }

    /// The request to stop, for the run to check.
    pub(crate) fn stop(&self) -> &Stop {
        &self.0
    }
}

impl Drop for GracefulShutdown {
    fn drop(&mut self) {
        set(None);
    }
}

fn set(stop: Option<Arc<Stop>>) {
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = stop;
}

fn current() -> Option<Arc<Stop>> {
    STOP.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Returns when the program must end at once.
pub(crate) async fn interrupted() {
    loop {
        signal().await;
        match current() {
            Some(stop) if !stop.is_requested() => {
                stop.request();
                end_after_limit();
                let what =
                    "interrupted; finishing the requests under way, a second Ctrl-C ends at once";
                messages::say(Label::Status, what, None);
            }
            _ => return,
        }
    }
}

/// Ends the process after the limit, even if the main thread is blocked.
#[expect(clippy::exit, reason = "a thread that hangs in the system cannot be asked to return")]
fn end_after_limit() {
    std::thread::spawn(|| {
        std::thread::sleep(LAST);
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// Waits for the next signal. Where no handler can be set, the system's default action applies.
#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return ctrl_c().await;
    };
    tokio::select! {
        () = ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// CI services end a step by Ctrl-Break; closing the console window ends the program too.
#[cfg(windows)]
async fn signal() {
    use tokio::signal::windows::{ctrl_break, ctrl_close};
    let (Ok(mut broken), Ok(mut closed)) = (ctrl_break(), ctrl_close()) else {
        return ctrl_c().await;
    };
    tokio::select! {
        () = ctrl_c() => {}
        _ = broken.recv() => {}
        _ = closed.recv() => {}
    }
}

async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
