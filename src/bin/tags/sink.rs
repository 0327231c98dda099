//! All that this program writes goes through here, and loses its secrets on the way.
//!
//! The one global of the program besides the signal to stop: stdout and stderr are global too, a
//! panic asks for no arguments, and a writer that had to be handed the secrets could be forgotten.

use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

use tags::secrets::Secrets;

static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::default);

/// The secrets of this run; who learns one adds it here.
pub(crate) fn secrets() -> &'static Secrets {
    &SECRETS
}

/// Data, on stdout: whole texts, since a secret that is cut in two is not recognised.
pub(crate) fn stdout(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(&SECRETS.redact(text.as_bytes()))?;
    stdout.flush()
}

/// Talk, on stderr; nothing can be done about a stderr that is gone.
pub(crate) fn stderr(text: &str) {
    let _ = anstream::stderr().lock().write_all(&SECRETS.redact(text.as_bytes()));
}

/// More at the end of a file, which is made where there is none.
pub(crate) fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(&SECRETS.redact(text.as_bytes()))
}

/// Text into whatever is open already.
pub(crate) fn write(to: &mut dyn Write, text: &str) -> io::Result<()> {
    to.write_all(&SECRETS.redact(text.as_bytes()))
}

/// The log, an event at a time.
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // Nothing is missed of a stderr that is closed.
        let _ = io::stderr().lock().write_all(&SECRETS.redact(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on a panic says what it says without the secrets.
pub(crate) fn hear_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let trace = std::backtrace::Backtrace::capture();
        let trace = match trace.status() {
            std::backtrace::BacktraceStatus::Captured => format!("{trace}\n"),
            _ => String::new(),
        };
        stderr(&format!("error: this is a mistake in the program: {panic}\n{trace}"));
    }));
}
