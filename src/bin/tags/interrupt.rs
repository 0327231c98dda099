//! Ctrl-C, and the order to end that a container gets: at once, unless something is being deleted.
//!
//! Then the first asks to finish what is under way, for which there are some seconds, and only the
//! second ends at once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tags::command::Stop;

use super::exit::Exit;
use super::output;

/// What the first signal asks to stop, while something is being deleted.
static STOP: Mutex<Option<Arc<Stop>>> = Mutex::new(None);

/// How long a run may go on at most after the first signal. What is under way and the report take
/// less; a pipe that nobody reads, or a disk that does not answer, may take for ever.
const LAST: Duration = Duration::from_secs(18);

/// As long as this lives, the first interruption only asks to stop.
pub(crate) struct GracefulShutdown(Arc<Stop>);

impl GracefulShutdown {
    /// From now on the first interruption only asks.
    pub(crate) fn begin() -> Self {
        let stop = Arc::new(Stop::default());
        set(Some(Arc::clone(&stop)));
        Self(stop)
    }

    /// What is asked.
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

/// Returns when the program is to end at once.
pub(crate) async fn interrupted() {
    loop {
        signal().await;
        match current() {
            Some(stop) if !stop.is_asked() => {
                stop.ask();
                end_at_last();
                output::talk(
                    "interrupted; finishing what is under way, a second Ctrl-C ends at once\n",
                );
            }
            _ => return,
        }
    }
}

/// Ends the process in a while, whatever holds up the thread that everything else runs on.
#[expect(clippy::exit, reason = "a thread that hangs in the system cannot be asked to return")]
fn end_at_last() {
    std::thread::spawn(|| {
        std::thread::sleep(LAST);
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
}

/// The next signal; where none can be listened for, the system's own way remains.
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

#[cfg(not(unix))]
async fn signal() {
    ctrl_c().await;
}

async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
