//! Prints the messages of a command on stderr, and a progress bar if stderr is a terminal.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tags::command::{Listener, Message, Progress};
use tags::report::escape;

use super::args::Global;
use super::{output, sink};

/// Prints messages and progress on stderr.
pub(crate) struct Terminal {
    /// Whether a progress bar is drawn: not into a pipe, nor between the lines of a log.
    draws: bool,
    bar: Mutex<Option<ProgressBar>>,
    bytes: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let draws = std::io::stderr().is_terminal() && global.verbose == 0;
        Self { draws, bar: Mutex::default(), bytes: Mutex::default() }
    }

    /// Ends the bar that counts steps: one bar is drawn at a time.
    fn clear_steps(&self) {
        if let Some(bar) = self.with_bar(Option::take) {
            bar.finish_and_clear();
        }
    }

    /// Calls with the bar that counts bytes, if one is drawn.
    fn with_bytes<T>(&self, call: impl FnOnce(&mut Option<ProgressBar>) -> T) -> T {
        call(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls with the progress bar, if one is drawn.
    fn with_bar<T>(&self, call: impl FnOnce(&mut Option<ProgressBar>) -> T) -> T {
        call(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Terminal {
    fn expect(&self, steps: usize, what: &str) {
        if !self.draws {
            return;
        }
        self.with_bar(|bar| {
            let bar = bar.get_or_insert_with(new_bar);
            bar.inc_length(steps as u64);
            bar.set_message(sink::secrets().redact_text(what).into_owned());
        });
    }

    fn advance(&self) {
        self.with_bar(|bar| {
            if let Some(bar) = bar {
                bar.inc(1);
            }
        });
    }

    fn expect_bytes(&self, bytes: u64) {
        if self.draws && bytes > 0 {
            self.clear_steps();
            self.with_bytes(|bar| bar.get_or_insert_with(new_bytes_bar).inc_length(bytes));
        }
    }

    fn advance_bytes(&self, bytes: u64) {
        self.with_bytes(|bar| {
            if let Some(bar) = bar {
                bar.inc(bytes);
            }
        });
    }
}

impl Listener for Terminal {
    fn message(&self, message: &Message) {
        let (kind, text, hint) = match message {
            Message::Status(text) => ("", text, None),
            Message::Note { text, hint } => ("note: ", text, hint.as_deref()),
            Message::Warning { text, hint } => ("warning: ", text, hint.as_deref()),
        };
        let mut lines = format!("{kind}{}\n", escape::terminal(text));
        if let Some(hint) = hint {
            lines.push_str(&format!("  hint: {}\n", escape::terminal(hint)));
        }
        let print = || output::status(&lines);
        self.with_bytes(|bytes| match bytes {
            Some(bytes) => bytes.suspend(print),
            None => self.with_bar(|bar| match bar {
                Some(bar) => bar.suspend(print),
                None => print(),
            }),
        });
    }

    fn finish_progress(&self) {
        self.clear_steps();
        if let Some(bar) = self.with_bytes(Option::take) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.finish_progress();
    }
}

fn new_bytes_bar() -> ProgressBar {
    let template = "{spinner} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}";
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
