//! A move in a journal: its goal, and each latest tag with what it pointed to, in one record. It is
//! whole on disk before the first tag moves, or nothing has moved.

use serde::{Deserialize, Serialize};

use crate::change::goal::{Backwards, MoveCommand, MoveGoal, WhileRunning};
use crate::model::{
    Digest, EnvironmentName, ImageName, ManifestCopy, Place, RegistryName, Repository,
    RepositoryPath, Sha, TagName, TagReference,
};

/// A move, with all that is needed to finish it and to undo it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRecord {
    /// What it is for.
    pub goal: MoveGoal,
    /// The release that the latest tags pointed to, if they agreed.
    pub from: Option<Sha>,
    /// The latest tags.
    pub places: Vec<RecordedPlace>,
}

/// One latest tag of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPlace {
    /// The image and the registry.
    pub place: Place,
    /// The latest tag.
    pub latest: TagReference,
    /// What it pointed to; none where there was no such tag.
    pub before: Option<ManifestCopy>,
    /// What it was to point to.
    pub after: ManifestCopy,
}

/// A move in writing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MoveLine {
    command: String,
    environment: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    from: Option<String>,
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    backwards: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    while_running: bool,
    places: Vec<PlaceLine>,
}

/// A latest tag in writing.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct PlaceLine {
    image: String,
    registry: String,
    host: String,
    repository: String,
    tag: String,
    before: Option<ManifestLine>,
    after: ManifestLine,
}

/// A manifest in writing.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ManifestLine {
    digest: String,
    media_type: String,
    size: u64,
    manifest: String,
}

impl MoveLine {
    pub(super) fn new(record: &MoveRecord) -> Self {
        let goal = &record.goal;
        Self {
            command: goal.command.as_str().to_owned(),
            environment: goal.environment.to_string(),
            source: goal.source.as_ref().map(ToString::to_string),
            from: record.from.as_ref().map(Sha::to_string),
            to: goal.to.to_string(),
            steps: goal.steps,
            backwards: goal.backwards == Backwards::Allow,
            while_running: goal.while_running == WhileRunning::Allow,
            places: record.places.iter().map(PlaceLine::new).collect(),
        }
    }

    /// The move, checked: names by their grammar, manifests by their digests.
    pub(super) fn read(self) -> Result<MoveRecord, String> {
        let command = MoveCommand::named(&self.command)
            .ok_or_else(|| format!("`{}` is not a command that moves tags", self.command))?;
        let environment = |text: &str| EnvironmentName::parse(text).map_err(said);
        let goal = MoveGoal {
            command,
            environment: environment(&self.environment)?,
            source: self.source.as_deref().map(environment).transpose()?,
            to: Sha::parse(&self.to).map_err(said)?,
            steps: self.steps,
            backwards: if self.backwards { Backwards::Allow } else { Backwards::Refuse },
            while_running: if self.while_running {
                WhileRunning::Allow
            } else {
                WhileRunning::Refuse
            },
        };
        Ok(MoveRecord {
            goal,
            from: self.from.map(|text| Sha::parse(&text).map_err(said)).transpose()?,
            places: self.places.into_iter().map(PlaceLine::read).collect::<Result<_, _>>()?,
        })
    }
}

impl PlaceLine {
    fn new(place: &RecordedPlace) -> Self {
        let TagReference { repository, tag } = &place.latest;
        Self {
            image: place.place.image.to_string(),
            registry: repository.registry.to_string(),
            host: repository.host.clone(),
            repository: repository.path.to_string(),
            tag: tag.to_string(),
            before: place.before.as_ref().map(ManifestLine::new),
            after: ManifestLine::new(&place.after),
        }
    }

    fn read(self) -> Result<RecordedPlace, String> {
        let registry = RegistryName::parse(&self.registry).map_err(said)?;
        let image = ImageName::parse(&self.image).map_err(said)?;
        let path = RepositoryPath::parse(&self.repository).map_err(said)?;
        let repository = Repository { registry: registry.clone(), host: self.host, path };
        Ok(RecordedPlace {
            place: Place { image, registry },
            latest: TagReference { repository, tag: TagName::parse(&self.tag).map_err(said)? },
            before: self.before.map(ManifestLine::read).transpose()?,
            after: self.after.read()?,
        })
    }
}

impl ManifestLine {
    fn new(manifest: &ManifestCopy) -> Self {
        Self {
            digest: manifest.digest.to_string(),
            media_type: manifest.media_type.clone(),
            size: manifest.text.len() as u64,
            manifest: manifest.text.clone(),
        }
    }

    fn read(self) -> Result<ManifestCopy, String> {
        let digest = Digest::parse(&self.digest).map_err(said)?;
        let copy = ManifestCopy { digest, media_type: self.media_type, text: self.manifest };
        if copy.is_intact() && self.size == copy.text.len() as u64 {
            Ok(copy)
        } else {
            Err(format!("the manifest is not that of {}", copy.digest.short()))
        }
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
