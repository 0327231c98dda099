//! The nouns of the field: digests, tags, repositories, releases and what was read of them.
//!
//! Nothing here performs I/O or reads a clock; everything above imports from here and this
//! imports from nothing above.

mod clock;
mod collection;
mod config;
mod content;
mod contents;
mod contradiction;
mod diagnosis;
mod digest;
mod doubt;
mod first_seen;
mod image_id;
mod inventory;
mod manifest;
mod manifest_read;
mod moment;
mod name;
mod observation;
mod push_times;
mod put_back;
mod release;
mod repository;
mod scheme;
mod sha;
mod tag;
mod type_class;
mod unfinished;
mod version;

pub use clock::{ClockDoubt, ClockReading, ClockSighting, now_by_servers};
pub use collection::{Collection, CollectionKind, CollectionState, IndexAtRisk};
pub use config::{ConfigError, ImageConfig};
pub use content::{ContentReport, ContentTree, MissingContent, Role};
pub use contents::{
    Abilities, Claim, Contents, Links, ManifestRecord, Reach, RepositoryContents, SingleTags,
    TagPush,
};
pub use contradiction::{Contradiction, Said, Source};
pub use diagnosis::{Budget, CredentialFact, Diagnosis, HostAnswer, Probe, ServerClock, TokenKind};
pub use digest::{ByteCheck, Digest, InvalidDigest};
pub use doubt::Doubt;
pub use first_seen::FirstSeen;
pub use image_id::ImageId;
pub use inventory::{
    Coverage, GitHistory, Inventory, RepositoryInventory, TagRecord, TagState, Unread, UnreadCause,
};
pub use manifest::{
    Descriptor, ImageManifest, Index, Manifest, ManifestError, Platform, media_type,
};
pub use manifest_read::ManifestRead;
pub use moment::{CLOCK_SKEW, Moment, Order, TimeSource, is_plausible};
pub use name::{EnvironmentName, ImageName, InvalidName, RegistryName};
pub use observation::{PlaceObservation, TagObservation};
pub use push_times::PushTimes;
pub use put_back::PutBack;
pub use release::{Copy, Place, Release};
pub use repository::{InvalidRepositoryPath, Repository, RepositoryPath, TagReference};
pub use scheme::{InvalidPattern, TagKind, TagPattern, TagScheme};
pub use sha::{InvalidSha, Sha};
pub use tag::{InvalidTag, TagName};
pub use type_class::TypeClass;
pub use unfinished::Unfinished;
pub use version::VersionId;
