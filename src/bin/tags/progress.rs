//! Draws progress on stderr, only where that is a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tags::collect::{NoProgress, Progress};

use super::args::Global;
use super::sink;

/// A bar that goes away when it is dropped.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn expect(&self, steps: usize, what: &str) {
        self.0.inc_length(steps as u64);
        self.0.set_message(sink::secrets().redact_text(what).into_owned());
    }

    fn advance(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// What tells how far it is: a bar on a terminal, nobody elsewhere or when the log is wanted.
pub(crate) fn new(global: &Global) -> Box<dyn Progress> {
    if !std::io::stderr().is_terminal() || global.verbose > 0 {
        return Box::new(NoProgress);
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    Box::new(Bar(bar))
}
