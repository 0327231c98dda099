//! Checks that only this user can have written a file: the user owns it, and nobody else may write to
//! it or replace it.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Why somebody else could have written a file.
#[derive(Debug, thiserror::Error)]
pub enum OwnershipError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is a link, a device or a pipe.
    #[error("it is not a regular file")]
    NotRegularFile,
    /// It belongs to another user.
    #[error("it belongs to another user (uid {0})")]
    Owner(u32),
    /// Others may write to it.
    #[error("others may write to it (mode {0:03o})")]
    Mode(u32),
    /// Others may write to its directory.
    #[error("others may put files into its directory (mode {0:03o})")]
    Directory(u32),
    /// Its directory belongs to another user.
    #[error("its directory belongs to another user (uid {0})")]
    DirectoryOwner(u32),
}

impl OwnershipError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_)
            | Self::NotRegularFile
            | Self::Owner(_)
            | Self::DirectoryOwner(_) => {
                "if you know where it comes from, copy it as this user; otherwise remove it"
            }
            Self::Mode(_) => "if you know what is in it, `chmod go-w` it; otherwise remove it",
            Self::Directory(_) => "`chmod go-w` the directory, if you know who wrote to it",
        }
    }
}

/// Opens a file for reading if only this user can have written it; `None` if there is no file.
///
/// On systems without owners and modes only the type of the file is checked.
///
/// # Errors
/// [`OwnershipError`] when somebody else could have written it.
pub fn open(path: &Path) -> Result<Option<File>, OwnershipError> {
    let listed = match std::fs::symlink_metadata(path) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Checked before it is opened, since opening a pipe would block.
    if !listed.file_type().is_file() {
        return Err(OwnershipError::NotRegularFile);
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    if !opened.file_type().is_file() || !is_same(&listed, &opened) {
        return Err(OwnershipError::NotRegularFile);
    }
    check(&opened)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    check_directory(&std::fs::metadata(directory.unwrap_or(Path::new(".")))?)?;
    Ok(Some(file))
}

/// Reads a file if only this user can have written it; `None` if there is no file.
///
/// # Errors
/// [`OwnershipError`] when somebody else could have written it, or it cannot be read.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, OwnershipError> {
    let Some(mut file) = open(path)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Creates a directory and its parents, accessible to this user only.
///
/// # Errors
/// If it cannot be created.
pub fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(unix)]
fn check(file: &Metadata) -> Result<(), OwnershipError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = file.mode() & 0o7777;
    if file.uid() != rustix::process::geteuid().as_raw() {
        Err(OwnershipError::Owner(file.uid()))
    } else if mode & 0o022 != 0 {
        Err(OwnershipError::Mode(mode & 0o777))
    } else {
        Ok(())
    }
}

/// In a directory with the sticky bit nobody can replace another user's file.
#[cfg(unix)]
fn check_directory(directory: &Metadata) -> Result<(), OwnershipError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = directory.mode() & 0o7777;
    let (owner, user) = (directory.uid(), rustix::process::geteuid().as_raw());
    if owner != user && owner != 0 {
        Err(OwnershipError::DirectoryOwner(owner))
    } else if mode & 0o022 != 0 && mode & 0o1000 == 0 {
        Err(OwnershipError::Directory(mode & 0o777))
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn is_same(_one: &Metadata, _other: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn check(_file: &Metadata) -> Result<(), OwnershipError> {
    Ok(())
}

#[cfg(not(unix))]
fn check_directory(_directory: &Metadata) -> Result<(), OwnershipError> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    fn outcome(path: &Path) -> String {
        read(path).map_or_else(|error| error.to_string(), |bytes| format!("{bytes:?}"))
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn only_what_the_user_alone_can_write_is_read() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("file");
        assert!(read(&path).expect("nothing").is_none());
        std::fs::write(&path, "x").expect("written");
        for (mode, bytes) in [(0o600, "[120]"), (0o644, "[120]"), (0o444, "[120]")] {
            set_mode(&path, mode);
            assert_eq!(outcome(&path), format!("Some({bytes})"), "{mode:o}");
        }
        for mode in [0o666, 0o660, 0o602] {
            set_mode(&path, mode);
            assert!(outcome(&path).contains("others may write to it"), "{mode:o}");
        }
        set_mode(&path, 0o600);
        for (mode, good) in [(0o777, false), (0o775, false), (0o1777, true), (0o755, true)] {
            set_mode(home.path(), mode);
            assert_eq!(outcome(&path).contains("directory"), !good, "{mode:o}");
        }
        let link = home.path().join("link");
        symlink(&path, &link).expect("a link");
        assert!(outcome(&link).contains("not a regular file"));
        assert!(outcome(Path::new("/dev/null")).contains("not a regular file"));
    }

    #[test]
    fn what_belongs_to_somebody_else_is_not_read() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("file");
        std::fs::write(&path, "x").expect("written");
        // Only root can change the owner of a file; other users read one that belongs to root.
        match chown(&path, Some(65_534), None) {
            Ok(()) => assert!(outcome(&path).contains("another user (uid 65534)")),
            Err(_) => assert!(outcome(Path::new("/etc/passwd")).contains("another user (uid 0)")),
        }
    }

    #[test]
    fn a_directory_is_made_for_the_user_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("one/two");
        create_directory(&path).expect("a directory");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
