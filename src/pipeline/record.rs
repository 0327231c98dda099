//! A record as JSON: a line of a file, or the payload of a deployment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{
    Digest, EnvironmentName, ImageName, Place, RecordKind, RecordedImage, RegistryName,
    ReleaseRecord, Repository, RepositoryPath, Sha, TagName, TagReference,
};

/// The longest record that is read, in bytes.
pub const LONGEST: usize = 256 << 10;
/// The most images in one record.
const MOST_IMAGES: usize = 1000;
/// The longest address of a run, and the longest host, in bytes.
const LONGEST_URL: usize = 2048;
const LONGEST_HOST: usize = 255;

/// The text is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a record of a release")]
pub struct InvalidRecord;

/// A record in writing. Fields that are not known here are accepted: a later version may add some.
#[derive(Serialize, Deserialize)]
struct RecordText {
    version: u32,
    environment: String,
    sha: String,
    time: String,
    run: Option<String>,
    images: Vec<ImageText>,
    /// In a file: the task that a deployment would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ImageText {
    image: String,
    registry: String,
    reference: String,
    digest: String,
}

/// The record as the payload of a deployment, whose task says what kind it is.
///
/// # Errors
/// [`InvalidRecord`] never; it is the error of the conversion to JSON.
pub fn to_payload(record: &ReleaseRecord) -> Result<serde_json::Value, InvalidRecord> {
    serde_json::to_value(RecordText::new(record, None)).map_err(|_| InvalidRecord)
}

/// The record as a line of a file, with the line break.
///
/// # Errors
/// As [`to_payload`].
pub fn to_line(record: &ReleaseRecord, kind: RecordKind) -> Result<String, InvalidRecord> {
    let text = RecordText::new(record, Some(kind.task().to_owned()));
    serde_json::to_string(&text).map(|line| line + "\n").map_err(|_| InvalidRecord)
}

/// Reads the payload of a deployment: an object, or its text.
///
/// # Errors
/// [`InvalidRecord`] for anything else than a record of this version.
pub fn of_payload(payload: &serde_json::Value) -> Result<ReleaseRecord, InvalidRecord> {
    match payload {
        serde_json::Value::String(text) => of_text(text.as_bytes()).map(|(record, _)| record),
        value => RecordText::deserialize(value).map_err(|_| InvalidRecord)?.read(),
    }
}

/// Reads a line of a file. Without a task it says no more than that the release was built.
///
/// # Errors
/// [`InvalidRecord`] for anything else than a record of this version.
pub fn of_line(line: &[u8]) -> Result<(ReleaseRecord, RecordKind), InvalidRecord> {
    let (record, task) = of_text(line)?;
    let kind = match task.as_deref() {
        None => RecordKind::Built,
        Some(task) => RecordKind::of_task(task).ok_or(InvalidRecord)?,
    };
    Ok((record, kind))
}

fn of_text(text: &[u8]) -> Result<(ReleaseRecord, Option<String>), InvalidRecord> {
    if text.len() > LONGEST {
        return Err(InvalidRecord);
    }
    let mut read: RecordText = serde_json::from_slice(text).map_err(|_| InvalidRecord)?;
    let task = read.task.take();
    Ok((read.read()?, task))
}

impl RecordText {
    fn new(record: &ReleaseRecord, task: Option<String>) -> Self {
        let images = record.images.iter().map(|image| ImageText {
            image: image.place.image.to_string(),
            registry: image.place.registry.to_string(),
            reference: image.reference.to_string(),
            digest: image.digest.to_string(),
        });
        Self {
            version: 1,
            environment: record.environment.to_string(),
            sha: record.sha.to_string(),
            time: record.time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            run: record.run.clone(),
            images: images.collect(),
            task,
        }
    }

    fn read(self) -> Result<ReleaseRecord, InvalidRecord> {
        if self.version != 1 || self.images.is_empty() || self.images.len() > MOST_IMAGES {
            return Err(InvalidRecord);
        }
        if self.run.as_ref().is_some_and(|run| !is_url(run)) {
            return Err(InvalidRecord);
        }
        let images = self.images.iter().map(ImageText::read);
        let images = images.collect::<Option<Vec<RecordedImage>>>().ok_or(InvalidRecord)?;
        let record = ReleaseRecord {
            environment: EnvironmentName::parse(&self.environment).map_err(|_| InvalidRecord)?,
            sha: Sha::parse(&self.sha).map_err(|_| InvalidRecord)?,
            time: DateTime::parse_from_rfc3339(&self.time)
                .map_err(|_| InvalidRecord)?
                .with_timezone(&Utc),
            run: self.run,
            images,
        };
        // Two digests for one repository would be two records.
        let is_once = |image: &RecordedImage| {
            record
                .image_in(&image.reference.repository)
                .is_some_and(|first| std::ptr::eq(first, image))
        };
        if record.images.iter().all(is_once) { Ok(record) } else { Err(InvalidRecord) }
    }
}

fn is_url(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && text.len() <= LONGEST_URL && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl ImageText {
    fn read(&self) -> Option<RecordedImage> {
        let registry = RegistryName::parse(&self.registry).ok()?;
        let reference = reference(&registry, &self.reference)?;
        let image = ImageName::parse(&self.image).ok()?;
        let digest = Digest::parse(&self.digest).ok()?;
        Some(RecordedImage { place: Place { image, registry }, reference, digest })
    }
}

/// Reads `host/path:tag`.
fn reference(registry: &RegistryName, text: &str) -> Option<TagReference> {
    let (repository, tag) = text.rsplit_once(':')?;
    let (host, path) = repository.split_once('/')?;
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    if host.is_empty() || host.len() > LONGEST_HOST || !host.bytes().all(is_host) {
        return None;
    }
    let (registry, host) = (registry.clone(), host.to_owned());
    let path = RepositoryPath::parse(path).ok()?;
    let repository = Repository { registry, host, path };
    Some(TagReference { repository, tag: TagName::parse(tag).ok()? })
}
