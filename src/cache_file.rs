//! Writes a file of the cache: another process sees the whole file or none, and no secret is in it.

use std::io::{self, Write as _};
use std::path::Path;

use crate::secrets::Secrets;

/// Writes a file, and the directories that it is in.
///
/// # Errors
/// [`io::Error`] when it cannot be written, or would hold a secret: redacting it would change its meaning.
pub(crate) fn write(path: &Path, bytes: &[u8], secrets: &Secrets) -> io::Result<()> {
    if secrets.occur_in(bytes) {
        return Err(io::Error::other("it contains a secret"));
    }
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}
