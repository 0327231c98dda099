//! All that this program writes goes through here, and loses its secrets on the way.
//!
//! The one global of the program besides the signal to stop: stdout and stderr are global too, a
//! panic asks for no arguments, and a writer that had to be handed the secrets could be forgotten.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

use tags::secrets::Secrets;

static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::default);

/// The secrets of this run; who learns one adds it here.
pub(crate) fn secrets() -> &'static Secrets {
    &SECRETS
}

/// Data, on stdout, as it is made.
pub(crate) fn stdout(make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    redacted(&mut anstream::stdout().lock(), make).map(|_| ())
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

/// Text into whatever is open already, as it is made. Says whether there was a secret in it.
pub(crate) fn redacted(
    to: &mut dyn Write,
    make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<bool> {
    let mut lines = Lines { to, secrets: &SECRETS, held: Vec::new(), whole: 0, found: false };
    make(&mut lines)?;
    lines.finish()
}

/// Passes text on in whole lines: a secret that is cut in two is not recognised.
struct Lines<'a> {
    to: &'a mut dyn Write,
    secrets: &'a Secrets,
    /// What is not passed on yet.
    held: Vec<u8>,
    /// How much of that is whole lines.
    whole: usize,
    /// Whether a secret was replaced.
    found: bool,
}

impl Lines<'_> {
    /// As much is held before the whole lines of it are passed on.
    const BLOCK: usize = 1 << 16;

    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let block = self.secrets.redact(&self.held[..end]);
        self.found |= matches!(block, Cow::Owned(_));
        self.to.write_all(&block)?;
        self.held.drain(..end);
        self.whole = 0;
        Ok(())
    }

    fn finish(mut self) -> io::Result<bool> {
        self.pass_on(self.held.len())?;
        self.to.flush()?;
        Ok(self.found)
    }
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.whole = self.held.len() + at + 1;
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() >= Self::BLOCK && self.whole > 0 && !self.secrets.span_lines() {
            self.pass_on(self.whole)?;
        }
        Ok(bytes.len())
    }

    /// Only whole lines leave it, so there is nothing to hurry.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use tags::model::{Digest, RegistryName, Repository, RepositoryPath};
    use tags::report::json;
    use tags::retention::{Decision, KeepCode, Plan, PlanEntry, Reason, ReasonCode};

    use super::*;

    const SECRET: &str = "ghp_0123456789abcdefghij";

    /// What comes out of a text that is written in pieces of a size.
    fn written(secrets: &Secrets, text: &str, size: usize) -> (String, bool) {
        let mut to = Vec::new();
        let mut lines = Lines { to: &mut to, secrets, held: Vec::new(), whole: 0, found: false };
        for piece in text.as_bytes().chunks(size) {
            lines.write_all(piece).expect("written");
        }
        let found = lines.finish().expect("finished");
        (String::from_utf8(to).expect("text"), found)
    }

    #[test]
    fn a_secret_is_replaced_in_whatever_pieces_a_text_comes() {
        let secrets = Secrets::default();
        secrets.learn(SECRET);
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

    /// A plan in which a registry said the secret, in every entry.
    fn plan() -> Plan {
        let host = "registry.example".to_owned();
        let registry = RegistryName::parse("east").expect("a name");
        let path = RepositoryPath::parse("acme/backend").expect("a path");
        let repository = Repository { registry, host, path };
        let entry = |number: u32| PlanEntry {
            image: None,
            repository: repository.clone(),
            digest: Digest::of(&number.to_le_bytes()),
            tags: Vec::new(),
            decision: Decision::Keep,
            reason: Reason {
                code: ReasonCode::Keep(KeepCode::Unreadable),
                rule: None,
                message: format!("\"{SECRET}\"\n{number}"),
            },
            bytes: None,
            time: None,
        };
        Plan {
            created: chrono::DateTime::UNIX_EPOCH,
            policy: Digest::of(b""),
            coverage: Vec::new(),
            entries: (0..500).map(entry).collect(),
            environments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_plan_that_is_written_as_it_is_made_has_no_secret() {
        let secrets = Secrets::default();
        secrets.learn(SECRET);
        let mut raw = Vec::new();
        json::plan(&plan(), &mut raw).expect("written");
        let raw = String::from_utf8(raw).expect("text");
        assert!(raw.matches(SECRET).count() == 500 && raw.len() > 2 * Lines::BLOCK);
        let whole = secrets.redact_text(&raw).into_owned();
        assert!(!whole.contains(SECRET) && whole.matches("***").count() == 500);
        for size in [1, 13, 4096, raw.len()] {
            assert_eq!(written(&secrets, &raw, size), (whole.clone(), true), "{size}");
        }
        let mut to = Vec::new();
        let mut lines =
            Lines { to: &mut to, secrets: &secrets, held: Vec::new(), whole: 0, found: false };
        json::plan(&plan(), &mut lines).expect("written");
        assert!(lines.finish().expect("finished"));
        assert_eq!(String::from_utf8(to).expect("text"), whole);
    }

    #[test]
    fn a_secret_of_several_lines_is_replaced_too() {
        let secrets = Secrets::default();
        secrets.learn("first line of a key\nsecond line of it");
        let text = "-\n".repeat(Lines::BLOCK / 2 - 5) + "first line of a key\nsecond line of it\n";
        for size in [1, 5, Lines::BLOCK] {
            let (safe, found) = written(&secrets, &text, size);
            assert!(found && safe.ends_with("-\n***\n"), "{size}");
        }
    }
}
