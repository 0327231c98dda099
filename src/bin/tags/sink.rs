//! Everything that this program writes goes through here, where secrets are replaced by `***`.
//!
//! The secrets are a global: stdout and stderr are global too, a panic hook takes no arguments, and
//! passing the secrets to each writer could be forgotten.

use std::borrow::Cow;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write};
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tags::secrets::Secrets;

static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::default);

/// The secrets of this run. Whoever reads a new secret adds it here.
pub(crate) fn secrets() -> &'static Secrets {
    &SECRETS
}

/// Writes what `make` writes to stdout.
pub(crate) fn stdout(make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    redacted(&mut anstream::stdout().lock(), make).map(|_| ())
}

/// Prints on stderr. A closed stderr is ignored.
pub(crate) fn stderr(text: &str) {
    let _ = anstream::stderr().lock().write_all(&SECRETS.redact(text.as_bytes()));
}

/// Appends to a file, which is created if it does not exist.
pub(crate) fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(&SECRETS.redact(text.as_bytes()))
}

/// How long a file that another process holds is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Appends what `line` makes of a file's content, which is created if it does not exist. Other
/// processes that append in this way wait meanwhile. A last line without its end is ended first, so
/// that the new one stands alone. Refuses a line with a secret in it.
pub(crate) fn append_line(
    path: &Path,
    line: &mut dyn FnMut(&[u8]) -> Option<String>,
) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).read(true).append(true).open(path)?;
    lock(&file)?;
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    let Some(mut text) = line(&content) else { return Ok(()) };
    if SECRETS.redact(text.as_bytes()).as_ref() != text.as_bytes() {
        return Err(io::Error::other("the line has a secret of this run in it"));
    }
    if content.last().is_some_and(|byte| *byte != b'\n') {
        text.insert(0, '\n');
    }
    // Closing the file ends the lock.
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn lock(file: &File) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another process has locked it for more than 10 seconds",
                ));
            }
        }
    }
}

/// Writes a file that must not exist yet. Refuses a text with a secret in it, as [`replace`] does.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    if SECRETS.redact(text.as_bytes()).as_ref() != text.as_bytes() {
        return Err(io::Error::other("it would have a secret of this run in it"));
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = write(&mut file, text).and_then(|()| file.sync_all());
    if written.is_err() {
        // A part of a policy could pass for a whole one.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Replaces the text of a file that exists. Refuses a text with a secret in it, which could not be
/// written as it is.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    if SECRETS.redact(text.as_bytes()).as_ref() != text.as_bytes() {
        return Err(io::Error::other("it has a secret of this run in it"));
    }
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Writes a text to an open writer.
pub(crate) fn write(to: &mut dyn Write, text: &str) -> io::Result<()> {
    to.write_all(&SECRETS.redact(text.as_bytes()))
}

/// Writes what `make` writes to an open writer. Returns whether it contained a secret.
pub(crate) fn redacted(
    to: &mut dyn Write,
    make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<bool> {
    let mut lines = Lines { to, secrets: &SECRETS, pending: Vec::new(), whole: 0, found: false };
    make(&mut lines)?;
    lines.finish()
}

/// Writes text in blocks of whole lines: a secret that is split between two blocks would not be
/// recognised.
struct Lines<'a> {
    to: &'a mut dyn Write,
    secrets: &'a Secrets,
    /// What is not written yet.
    pending: Vec<u8>,
    /// How many bytes of `pending` are whole lines.
    whole: usize,
    /// Whether a secret was replaced.
    found: bool,
}

impl Lines<'_> {
    /// How many bytes are collected before a block is written.
    const BLOCK: usize = 1 << 16;

    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let block = self.secrets.redact(&self.pending[..end]);
        self.found |= matches!(block, Cow::Owned(_));
        self.to.write_all(&block)?;
        self.pending.drain(..end);
        self.whole = 0;
        Ok(())
    }

    fn finish(mut self) -> io::Result<bool> {
        self.pass_on(self.pending.len())?;
        self.to.flush()?;
        Ok(self.found)
    }
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.whole = self.pending.len() + at + 1;
        }
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= Self::BLOCK && self.whole > 0 && !self.secrets.may_span_lines() {
            self.pass_on(self.whole)?;
        }
        Ok(bytes.len())
    }

    /// Does nothing: only blocks of whole lines are written.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log, an event at a time.
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // A closed stderr is ignored.
        let _ = io::stderr().lock().write_all(&SECRETS.redact(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The exit code that Rust uses for a panic.
const PANICKED: i32 = 101;

/// Sets a panic hook that shows the panic without secrets and ends the program, whatever thread it
/// happened in: nothing must be sent after a bug, and an abort could write secrets to a core dump.
#[expect(
    clippy::exit,
    reason = "release builds abort on a panic, and other builds must end as well"
)]
pub(crate) fn redact_panics(show: fn(&str)) {
    std::panic::set_hook(Box::new(move |panic| {
        let trace = std::backtrace::Backtrace::capture();
        let trace = match trace.status() {
            std::backtrace::BacktraceStatus::Captured => format!("{trace}\n"),
            _ => String::new(),
        };
        show(&format!("error: this is a bug in the program: {panic}\n{trace}"));
        std::process::exit(PANICKED);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ghp_0123456789abcdefghij";

    /// What comes out of a text that is written in pieces of a size.
    fn written(secrets: &Secrets, text: &str, size: usize) -> (String, bool) {
        let mut to = Vec::new();
        let mut lines = Lines { to: &mut to, secrets, pending: Vec::new(), whole: 0, found: false };
        for piece in text.as_bytes().chunks(size) {
            lines.write_all(piece).expect("written");
        }
        let found = lines.finish().expect("finished");
        (String::from_utf8(to).expect("text"), found)
    }

    #[test]
    fn a_secret_is_replaced_in_whatever_pieces_a_text_comes() {
        let secrets = Secrets::default();
        secrets.add(SECRET);
        let escaped: String = SECRET.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let lines = (0..4000).map(|number| match number % 7 {
            0 => format!("  \"message\": \"{number} with {SECRET} in it\",\n"),
            3 => format!("  \"message\": \"{number} with {escaped}\",\n"),
            _ => format!("  \"digest\": \"{number}\",\n"),
        });
        let text: String = lines.collect::<String>() + SECRET;
        let whole = secrets.redact_text(&text).into_owned();
        assert!(text.len() > 2 * Lines::BLOCK && !whole.contains(SECRET));
        for size in [1, 7, SECRET.len(), 4096, Lines::BLOCK, text.len()] {
            assert_eq!(written(&secrets, &text, size), (whole.clone(), true), "{size}");
        }
        assert_eq!(written(&secrets, "nothing\nin it", 3), ("nothing\nin it".to_owned(), false));
    }

    /// Writes JSON as plans are written, with the secret in every entry.
    fn write_plan(out: &mut dyn Write) -> io::Result<()> {
        let entry = |number: u32| {
            serde_json::json!({
                "digest": format!("sha256:{number:064x}"),
                "message": format!("\"{SECRET}\"\n{number}"),
            })
        };
        let entries: Vec<serde_json::Value> = (0..1000).map(entry).collect();
        Ok(serde_json::to_writer_pretty(out, &entries)?)
    }

    #[test]
    fn a_plan_that_is_written_as_it_is_made_has_no_secret() {
        let secrets = Secrets::default();
        secrets.add(SECRET);
        let mut raw = Vec::new();
        write_plan(&mut raw).expect("written");
        let raw = String::from_utf8(raw).expect("text");
        assert!(raw.matches(SECRET).count() == 1000 && raw.len() > 2 * Lines::BLOCK);
        let whole = secrets.redact_text(&raw).into_owned();
        assert!(!whole.contains(SECRET) && whole.matches("***").count() == 1000);
        for size in [1, 13, 4096, raw.len()] {
            assert_eq!(written(&secrets, &raw, size), (whole.clone(), true), "{size}");
        }
        let mut to = Vec::new();
        let mut lines =
            Lines { to: &mut to, secrets: &secrets, pending: Vec::new(), whole: 0, found: false };
        write_plan(&mut lines).expect("written");
        assert!(lines.finish().expect("finished"));
        assert_eq!(String::from_utf8(to).expect("text"), whole);
    }

    #[test]
    fn a_secret_of_several_lines_is_replaced_too() {
        let secrets = Secrets::default();
        secrets.add("first line of a key\nsecond line of it");
        let text = "-\n".repeat(Lines::BLOCK / 2 - 5) + "first line of a key\nsecond line of it\n";
        for size in [1, 5, Lines::BLOCK] {
            let (safe, found) = written(&secrets, &text, size);
            assert!(found && safe.ends_with("-\n***\n"), "{size}");
        }
    }
}
