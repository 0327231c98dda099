//! A file that is opened when a run begins and written when it ends: a file that cannot be written
//! ends the run before anything is deleted.
//!
//! A regular file is replaced as a whole or not at all. A device or a pipe is written to directly.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::exit::Failure;
use super::sink;

/// An open file with its name.
pub(crate) struct Destination {
    path: PathBuf,
    target: Target,
}

enum Target {
    /// A temporary file, and the path of the file that it replaces.
    Replacement(NamedTempFile, PathBuf),
    /// A device or a pipe.
    Opened(File),
    /// This process's own stdout, which must not be opened a second time.
    Stdout,
    /// This process's own stderr.
    Stderr,
}

impl Destination {
    /// Opens it, in another thread: opening a pipe waits for its reader, and Ctrl-C must work meanwhile.
    pub(crate) async fn open(path: &Path) -> Result<Self, Failure> {
        let refused = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("cannot write to {}: {error}", path.display()))
                .hint("name a file in a directory that you can write to; nothing was changed")
        };
        let owned = path.to_owned();
        match tokio::task::spawn_blocking(move || open_target(&owned)).await {
            Ok(Ok(target)) => Ok(Self { path: path.to_owned(), target }),
            Ok(Err(error)) => Err(refused(&error)),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Lets others read a file that is made, as the umask allows: a page is for more than one person.
    pub(crate) fn share(mut self) -> io::Result<Self> {
        if let Target::Replacement(file, target) = &mut self.target {
            *file = shared_file(directory_of(target))?;
        }
        Ok(self)
    }

    /// Whether it is this process's own stdout.
    pub(crate) fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Checks that this many bytes fit on the disk. Devices and pipes are not checked.
    pub(crate) fn check_space(&mut self, size: u64) -> Result<(), Failure> {
        let Target::Replacement(file, _) = &mut self.target else {
            return Ok(());
        };
        let filled = io::copy(&mut io::repeat(b' ').take(size), file.as_file_mut());
        filled.and_then(|_| file.as_file().sync_data()).map_err(|error| {
            Failure::usage(format!("cannot write to {}: {error}", self.path.display()))
                .hint("free disk space or name another file; nothing was changed")
        })
    }

    /// Writes what `make` writes, with secrets replaced. Returns whether it contained a secret.
    pub(crate) fn write(
        self,
        make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<bool> {
        match self.target {
            Target::Replacement(mut file, target) => {
                file.as_file().set_len(0)?;
                file.rewind()?;
                let found = sink::redacted(&mut file, make)?;
                file.persist(target).map_err(|error| error.error)?;
                Ok(found)
            }
            Target::Opened(mut file) => sink::redacted(&mut file, make),
            Target::Stdout => sink::redacted(&mut io::stdout().lock(), make),
            Target::Stderr => sink::redacted(&mut io::stderr().lock(), make),
        }
    }
}

/// Opens what a path names.
fn open_target(path: &Path) -> io::Result<Target> {
    match path.to_str() {
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => return Ok(Target::Stdout),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => return Ok(Target::Stderr),
        _ => {}
    }
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let target = if is_link { std::fs::canonicalize(path)? } else { path.to_owned() };
    match std::fs::metadata(&target) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            Ok(Target::Opened(OpenOptions::new().write(true).open(&target)?))
        }
        Ok(_) => replacement(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => replacement(target),
        Err(error) => Err(error),
    }
}

/// Replaces a file, or makes it, so that every user of this machine can read it. Anything else than a
/// regular file is left alone.
pub(crate) fn replace_for_all(path: &Path, text: &str) -> io::Result<()> {
    let is_other = std::fs::metadata(path).is_ok_and(|found| !found.is_file());
    if is_other {
        return Err(io::Error::other("it is not a regular file"));
    }
    let Target::Replacement(mut file, target) = open_target(path)? else {
        return Err(io::Error::other("it is not a regular file"));
    };
    sink::write(&mut file, text)?;
    readable_by_all(file.as_file())?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

/// Whatever the umask is: who collects metrics is another user.
#[cfg(unix)]
fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn readable_by_all(_: &File) -> io::Result<()> {
    Ok(())
}

fn replacement(target: PathBuf) -> io::Result<Target> {
    let file = NamedTempFile::new_in(directory_of(&target))?;
    Ok(Target::Replacement(file, target))
}

#[cfg(unix)]
fn shared_file(directory: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(mode).tempfile_in(directory)
}

#[cfg(not(unix))]
fn shared_file(directory: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(directory)
}

fn directory_of(target: &Path) -> &Path {
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    async fn written(path: &Path, text: &str) -> Result<(), String> {
        let destination =
            Destination::open(path).await.map_err(|failure| format!("{failure:?}"))?;
        let written = destination.write(|out| out.write_all(text.as_bytes()));
        written.map(|_| ()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_a_regular_file_is_replaced() {
        let home = tempfile::tempdir().expect("a directory");
        let (file, link) = (home.path().join("plan"), home.path().join("link"));
        std::fs::write(&file, "before").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        written(&link, "after").await.expect("written");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "after");
        assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
        // A pipe that the test makes: a faulty program could replace a real device.
        let pipe = home.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        let reader = pipe.clone();
        let read = std::thread::spawn(move || std::fs::read_to_string(reader).expect("text"));
        written(&pipe, "through").await.expect("written");
        assert_eq!(read.join().expect("read"), "through");
        assert!(!std::fs::symlink_metadata(&pipe).expect("there").is_file());
        std::os::unix::fs::symlink("nowhere", home.path().join("loose")).expect("a link");
        for other in
            [home.path().to_owned(), home.path().join("no/plan"), home.path().join("loose")]
        {
            assert!(written(&other, "x").await.is_err(), "{}", other.display());
        }
    }

    #[tokio::test]
    async fn what_is_not_written_in_the_end_leaves_the_file_as_it_was() {
        let home = tempfile::tempdir().expect("a directory");
        let file = home.path().join("plan");
        std::fs::write(&file, "before").expect("written");
        let mut destination = Destination::open(&file).await.expect("opened");
        destination.check_space(1 << 20).expect("room");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "before");
        destination.write(|out| out.write_all(b"after")).expect("written");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "after");
        assert_eq!(std::fs::read_dir(home.path()).expect("a directory").count(), 1);
    }
}
