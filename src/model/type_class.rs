//! The kind of manifest that a media type declares.

use super::media_type;

/// The kind of manifest that a media type declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeClass {
    /// A list of manifests.
    Index,
    /// One image.
    Image,
    /// An OCI artifact manifest.
    Artifact,
    /// Docker's schema 1.
    Schema1,
}

impl TypeClass {
    /// The class of a media type; none for one that is not a known manifest type.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            media_type::OCI_INDEX | media_type::DOCKER_LIST => Some(Self::Index),
            media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST => Some(Self::Image),
            media_type::OCI_ARTIFACT => Some(Self::Artifact),
            media_type::DOCKER_SCHEMA_1 | media_type::DOCKER_SCHEMA_1_SIGNED => Some(Self::Schema1),
            _ => None,
        }
    }

    /// The words used in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "an index",
            Self::Image => "an image manifest",
            Self::Artifact => "an artifact manifest",
            Self::Schema1 => "a manifest of schema 1",
        }
    }
}
