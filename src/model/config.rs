//! An image config: when the image was built, from which revision, for which platform.
//!
//! <https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md>. All fields are optional, and
//! the publisher may write anything into them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Descriptor, Platform, media_type};

/// The bytes are not an image config.
#[derive(Debug, thiserror::Error)]
#[error("not an image config")]
pub struct ConfigError(#[from] serde_json::Error);

/// The fields of an image config that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageConfig {
    /// The build time.
    pub created: Option<DateTime<Utc>>,
    /// The label `org.opencontainers.image.revision`.
    pub revision: Option<String>,
    /// The platform it runs on.
    pub platform: Option<Platform>,
}

#[derive(Deserialize)]
struct ConfigWire {
    created: Option<String>,
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
    config: Option<ConfigSettingsWire>,
}

#[derive(Deserialize)]
struct ConfigSettingsWire {
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, Option<String>>>,
}

impl ImageConfig {
    /// Whether a descriptor points to an image config, not to the config of another artifact.
    #[must_use]
    pub fn is_described_by(descriptor: &Descriptor) -> bool {
        matches!(descriptor.media_type.as_str(), media_type::OCI_CONFIG | media_type::DOCKER_CONFIG)
    }

    /// Parses a config. A `created` that is not a date is ignored.
    ///
    /// # Errors
    /// [`ConfigError`] when the bytes are not JSON of this shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConfigError> {
        let wire: ConfigWire = serde_json::from_slice(bytes)?;
        let created = wire
            .created
            .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
            .map(|time| time.to_utc());
        let revision = wire
            .config
            .and_then(|settings| settings.labels)
            .and_then(|mut labels| labels.remove("org.opencontainers.image.revision"))
            .flatten();
        let platform = (!wire.os.is_empty() && !wire.architecture.is_empty()).then_some(Platform {
            os: wire.os,
            architecture: wire.architecture,
            variant: wire.variant.filter(|text| !text.is_empty()),
        });
        Ok(Self { created, revision, platform })
    }
}
