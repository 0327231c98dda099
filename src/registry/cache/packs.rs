//! Packs: files that hold many contents each. A file for each content would cost more time than asking a
//! near registry for it.
//!
//! A pack is written whole and never changed: contents, then for each the first 32 bytes of its digest
//! and its length, then how many there are, and [`MAGIC`]; numbers are little-endian. Processes can write
//! and merge packs at the same time: what one of them removes counts as missing for the others.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LARGEST;
use crate::cache_file;
use crate::model::Digest;
use crate::secrets::Secrets;

/// The end of every pack.
const MAGIC: &[u8; 8] = b"tagspak1";
/// A pack is written when there are this many bytes for it.
const ENOUGH: usize = 4 << 20;
/// A pack of fewer bytes is small; when there are [`TOO_MANY`], they are merged.
const SMALL: u64 = 1 << 20;
const TOO_MANY: usize = 32;

/// What identifies a content: the first 32 bytes of its digest. Whoever reads a content checks the whole
/// digest.
type Key = [u8; 32];

/// Where a content is.
#[derive(Clone, Copy)]
struct Location {
    pack: u32,
    length: u32,
    offset: u64,
}

/// The packs of a directory, and the contents that are not written yet.
#[derive(Default)]
pub(super) struct Packs {
    paths: Vec<PathBuf>,
    written: HashMap<Key, Location>,
    waiting: HashMap<Key, Arc<[u8]>>,
    waiting_bytes: usize,
    /// A pack could not be written: what is waiting stays in memory.
    failed: bool,
}

impl Packs {
    /// Reads which contents the packs of a directory have. A file that is not a whole pack has none.
    pub(super) fn open(directory: &Path) -> Self {
        let mut packs = Self::default();
        for path in files(directory) {
            if let Ok(entries) = entries(&path) {
                packs.add(path, entries);
            }
        }
        packs
    }

    fn add(&mut self, path: PathBuf, entries: Vec<(Key, u32)>) {
        let Ok(pack) = u32::try_from(self.paths.len()) else { return };
        self.paths.push(path);
        let mut offset = 0;
        for (key, length) in entries {
            self.written.insert(key, Location { pack, length, offset });
            offset += u64::from(length);
        }
    }

    /// The bytes under a digest. The caller checks them.
    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        let key = key(digest)?;
        if let Some(bytes) = self.waiting.get(&key) {
            return Some(Arc::clone(bytes));
        }
        let location = self.written.get(&key)?;
        read(self.paths.get(location.pack as usize)?, *location).ok().map(Into::into)
    }

    /// Whether the content of this digest can be kept in a pack.
    pub(super) fn can_hold(digest: &Digest) -> bool {
        key(digest).is_some()
    }

    /// Adds a content; whether it is time to [`write`](Self::write).
    pub(super) fn put(&mut self, digest: &Digest, bytes: &Arc<[u8]>) -> bool {
        if let Some(key) = key(digest) {
            self.waiting_bytes += bytes.len();
            self.waiting.insert(key, Arc::clone(bytes));
        }
        self.waiting_bytes >= ENOUGH && !self.failed
    }

    /// Writes the contents that are waiting as a pack. If that fails, they stay in memory.
    ///
    /// # Errors
    /// [`io::Error`] when the pack cannot be written.
    pub(super) fn write(&mut self, directory: &Path, secrets: &Secrets) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = write_pack(directory, &self.waiting, secrets);
        self.failed = written.is_err();
        let (path, entries) = written?;
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.add(path, entries);
        Ok(())
    }
}

/// Makes one pack of the small ones when there are too many: a job that runs every night adds one each time.
///
/// # Errors
/// [`io::Error`] when the pack cannot be written; nothing is removed then.
pub(super) fn merge_small(directory: &Path, secrets: &Secrets) -> io::Result<()> {
    let is_small = |path: &PathBuf| path.metadata().is_ok_and(|file| file.len() < SMALL);
    let small: Vec<PathBuf> = files(directory).filter(is_small).collect();
    if small.len() < TOO_MANY {
        return Ok(());
    }
    let mut contents = HashMap::new();
    for path in &small {
        let Ok(entries) = entries(path) else { continue };
        let mut offset = 0;
        for (key, length) in entries {
            if let Ok(bytes) = read(path, Location { pack: 0, length, offset }) {
                contents.insert(key, Arc::from(bytes));
            }
            offset += u64::from(length);
        }
    }
    let (merged, _) = write_pack(directory, &contents, secrets)?;
    for path in small.iter().filter(|path| **path != merged) {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn files(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let all = std::fs::read_dir(directory).into_iter().flatten().flatten();
    all.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|name| name == "pack"))
}

fn key(digest: &Digest) -> Option<Key> {
    let mut key = Key::default();
    for (byte, digits) in key.iter_mut().zip(digest.encoded().as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    matches!(digest.algorithm(), "sha256" | "sha512").then_some(key)
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// Writes a pack, named by the digest of its bytes, with the contents by their digests.
fn write_pack(
    directory: &Path,
    contents: &HashMap<Key, Arc<[u8]>>,
    secrets: &Secrets,
) -> io::Result<(PathBuf, Vec<(Key, u32)>)> {
    let mut contents: Vec<(&Key, &Arc<[u8]>)> = contents.iter().collect();
    contents.sort_by_key(|(key, _)| *key);
    let mut pack = Vec::new();
    for (_, bytes) in &contents {
        pack.extend_from_slice(bytes);
    }
    let entries: Vec<(Key, u32)> =
        contents.into_iter().map(|(key, bytes)| (*key, length(bytes))).collect();
    for (key, length) in &entries {
        pack.extend_from_slice(key);
        pack.extend_from_slice(&length.to_le_bytes());
    }
    pack.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    pack.extend_from_slice(MAGIC);
    let path = directory.join(format!("{}.pack", Digest::of(&pack).encoded()));
    cache_file::write(&path, &pack, secrets)?;
    Ok((path, entries))
}

/// The digests and lengths of the contents of a pack, in their order.
fn entries(path: &Path) -> io::Result<Vec<(Key, u32)>> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut end = [0; 16];
    file.seek(SeekFrom::Start(size.checked_sub(16).ok_or_else(damaged)?))?;
    file.read_exact(&mut end)?;
    let (count, magic) = end.split_at(8);
    let count = u64::from_le_bytes(count.try_into().map_err(|_| damaged())?);
    let index = count.checked_mul(36).filter(|_| magic == MAGIC).ok_or_else(damaged)?;
    let contents = (size - 16).checked_sub(index).ok_or_else(damaged)?;
    file.seek(SeekFrom::Start(contents))?;
    let mut bytes = vec![0; usize::try_from(index).map_err(|_| damaged())?];
    file.read_exact(&mut bytes)?;
    let mut entries = Vec::with_capacity(bytes.len() / 36);
    for entry in bytes.chunks_exact(36) {
        let (key, length) = entry.split_at(32);
        let key = key.try_into().map_err(|_| damaged())?;
        let length = u32::from_le_bytes(length.try_into().map_err(|_| damaged())?);
        entries.push((key, length));
    }
    let is_too_long =
        |(_, length): &(Key, u32)| usize::try_from(*length).is_ok_and(|n| n > LARGEST);
    if entries.iter().any(is_too_long) {
        return Err(damaged());
    }
    let named: u64 = entries.iter().map(|(_, length)| u64::from(*length)).sum();
    if named == contents { Ok(entries) } else { Err(damaged()) }
}

fn read(path: &Path, location: Location) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(location.offset))?;
    let mut bytes = vec![0; location.length as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
