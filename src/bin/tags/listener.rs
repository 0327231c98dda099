//! Prints the messages of a command on stderr, and its progress: a line that is drawn again and again if
//! stderr is a terminal, else a line now and then.

use std::io::IsTerminal as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tags::command::{Listener, Message, Progress, Stage};

use super::args::Global;
use super::messages::{self, Label};
use super::progress::Tally;

/// How often the line on a terminal changes at most.
const REDRAW: Duration = Duration::from_millis(100);

/// Prints messages and progress on stderr.
pub(crate) struct Terminal {
    /// Whether a line is drawn: not into a pipe, nor between the lines of a log.
    draws: bool,
    /// How often a line is printed otherwise.
    every: Duration,
    tally: Arc<Mutex<Tally>>,
    shown: Mutex<Option<Shown>>,
}

/// How progress is shown while there is some.
enum Shown {
    Drawn(ProgressBar, Instant),
    /// Lines are printed until this is dropped.
    Printed(#[expect(dead_code, reason = "it is dropped to end the lines")] Sender<()>),
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let draws = std::io::stderr().is_terminal() && global.verbose == 0;
        let every = global.progress_every;
        Self { draws, every, tally: Arc::default(), shown: Mutex::default() }
    }

    /// Counts, and shows the result.
    fn count(&self, call: impl FnOnce(&mut Tally, Instant)) {
        // Whoever reads lines of JSON reads messages, not how far it is.
        if messages::are_json() {
            return;
        }
        let now = Instant::now();
        let line = {
            let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
            call(&mut tally, now);
            if self.draws { tally.line(now) } else { None }
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *shown {
            None if self.draws => {
                let bar = new_bar();
                bar.set_message(line.unwrap_or_default());
                *shown = Some(Shown::Drawn(bar, now));
            }
            None => *shown = Some(Shown::Printed(print_lines(self.tally.clone(), self.every))),
            Some(Shown::Drawn(bar, last)) if now.saturating_duration_since(*last) >= REDRAW => {
                bar.set_message(line.unwrap_or_default());
                *last = now;
            }
            Some(_) => {}
        }
    }
}

impl Progress for Terminal {
    fn expect(&self, steps: usize, stage: Stage) {
        if steps > 0 {
            self.count(|tally, now| tally.expect(stage, steps, now));
        }
    }

    fn advance(&self, stage: Stage) {
        self.count(|tally, _| tally.advance(stage));
    }

    fn expect_bytes(&self, bytes: u64) {
        if bytes > 0 {
            self.count(|tally, now| tally.expect_bytes(bytes, now));
        }
    }

    fn advance_bytes(&self, bytes: u64) {
        self.count(|tally, _| tally.advance_bytes(bytes));
    }
}

impl Listener for Terminal {
    fn message(&self, message: &Message) {
        let (label, text, hint) = match message {
            Message::Status(text) => (Label::Status, text, None),
            Message::Note { text, hint } => (Label::Note, text, hint.as_deref()),
            Message::Warning { text, hint } => (Label::Warning, text, hint.as_deref()),
        };
        let print = || messages::say(label, text, hint);
        match &*self.shown.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Shown::Drawn(bar, _)) => bar.suspend(print),
            Some(Shown::Printed(_)) | None => print(),
        }
    }

    fn finish_progress(&self) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Shown::Drawn(bar, _)) = shown {
            bar.finish_and_clear();
        }
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner) = Tally::default();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.finish_progress();
    }
}

/// Prints a line now and then, until the sender is dropped.
fn print_lines(tally: Arc<Mutex<Tally>>, every: Duration) -> Sender<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        while receiver.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let line = tally.lock().unwrap_or_else(PoisonError::into_inner).line(Instant::now());
            if let Some(line) = line {
                messages::say(Label::Status, &line, None);
            }
        }
    });
    sender
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
