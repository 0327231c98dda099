//! The basic types: digests, tags, manifests, repositories, releases, and what was read of them.
//!
//! Nothing here performs I/O or reads a clock, or imports another module of this crate.

mod clock;
mod collection;
mod config;
mod content;
mod contents;
mod contradiction;
mod deployment;
mod diagnosis;
mod digest;
mod first_seen;
mod hex;
mod image_id;
mod inconsistency;
mod inventory;
mod loopback;
mod manifest;
mod manifest_copy;
mod manifest_read;
pub mod media_type;
mod moment;
mod name;
mod observation;
mod push_times;
mod record;
mod release;
mod repository;
mod restored_manifest;
mod run;
mod scheme;
mod severity;
mod sha;
mod stored;
mod tag;
mod type_class;
mod unfinished;
mod version;

pub use clock::{ClockReading, ClockSample, ClockWarning, now_by_servers};
pub use collection::{Collection, CollectionKind, CollectionState, IndexAtRisk};
pub use config::{ConfigError, ImageConfig};
pub use content::{ContentReport, ContentRole, ContentTree, MissingContent};
pub use contents::{
    Capabilities, Contents, ContentsCoverage, ManifestRecord, References, RepositoryContents,
    SingleTags, TagAgreement, TagPush,
};
pub use contradiction::{Contradiction, StatementSource, TagStatement};
pub use deployment::{Deployment, DeploymentResult, DeploymentSource, Deployments, UnreadRun};
pub use diagnosis::{
    CredentialFact, Diagnosis, HostAnswer, Probe, RateLimit, ServerClock, TokenKind,
};
pub use digest::{ByteCheck, Digest, DigestState, InvalidDigest};
pub use first_seen::FirstSeen;
pub use image_id::ImageId;
pub use inconsistency::Inconsistency;
pub use inventory::{
    Coverage, GitHistory, Inventory, RepositoryInventory, TagRecord, TagState, Unread, UnreadCause,
};
pub use loopback::is_loopback;
pub use manifest::{Descriptor, ImageManifest, Index, Manifest, ManifestError, Platform};
pub use manifest_copy::ManifestCopy;
pub use manifest_read::ManifestRead;
pub use moment::{CLOCK_SKEW, Moment, ReleaseOrder, TimeSource, is_plausible};
pub use name::{EnvironmentName, ImageName, InvalidName, RegistryName};
pub use observation::{PlaceObservation, TagObservation};
pub use push_times::PushTimes;
pub use record::{
    KeptRecord, MovedTag, RecordKind, RecordOrigin, RecordedImage, RecordedState, ReleaseRecord,
};
pub use release::{Place, Release, ReleaseCopy};
pub use repository::{InvalidRepositoryPath, Repository, RepositoryPath, TagReference};
pub use restored_manifest::RestoredManifest;
pub use run::{Conclusion, Job, JobId, Run, RunId, RunState};
pub use scheme::{InvalidPattern, TagKind, TagPattern, TagScheme};
pub use severity::Severity;
pub use sha::{InvalidSha, Sha};
pub use stored::StoredContent;
pub use tag::{InvalidTag, TagName};
pub use type_class::TypeClass;
pub use unfinished::Unfinished;
pub use version::VersionId;
