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
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let draws = std::io::stderr().is_terminal() && global.verbose == 0;
        Self { draws, bar: Mutex::default() }
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
        self.with_bar(|bar| match bar {
            Some(bar) => bar.suspend(|| output::status(&lines)),
            None => output::status(&lines),
        });
    }

    fn finish_progress(&self) {
        if let Some(bar) = self.with_bar(Option::take) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.finish_progress();
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
