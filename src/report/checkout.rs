//! Paths as GitHub reads them: it shows annotations and code scanning's findings at a path below the root
//! of the repository, wherever the command ran.

use std::path::{Component, Path, PathBuf};

/// A checkout, and the directory in it that relative paths begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkout {
    /// Its root, an absolute path.
    pub root: &'static str,
    /// The directory, an absolute path.
    pub directory: &'static str,
}

impl Checkout {
    /// The path of a file below the root, with `/` on every system. A file elsewhere keeps its path.
    #[must_use]
    pub fn path_of(self, file: &str) -> String {
        let whole = plain(&Path::new(self.directory).join(file));
        let Ok(below) = whole.strip_prefix(plain(Path::new(self.root))) else {
            return file.to_owned();
        };
        let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
        parts.collect::<Vec<_>>().join("/")
    }
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_at_the_root_of_the_checkout() {
        let checkout = Checkout { root: "/home/me/app", directory: "/home/me/app/services/api" };
        for (file, below) in [
            ("tags.toml", "services/api/tags.toml"),
            ("./tags.toml", "services/api/tags.toml"),
            ("../../.github/workflows/ci.yml", ".github/workflows/ci.yml"),
            ("/home/me/app/tags.toml", "tags.toml"),
            ("../../../other/tags.toml", "../../../other/tags.toml"),
            ("/etc/tags.toml", "/etc/tags.toml"),
        ] {
            assert_eq!(checkout.path_of(file), below, "{file}");
        }
    }
}
