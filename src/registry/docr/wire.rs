//! Reads answers of DigitalOcean's registry API.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::super::ListedTag;
use super::super::error::{ErrorKind, RegistryError};
use super::super::http::{Reply, shown};
use crate::model::{Digest, TagName};

/// A page of tags, and how many there are in all.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) tags: Vec<ListedTag>,
    pub(super) total: usize,
}

#[derive(Deserialize)]
struct TagsWire {
    tags: Option<Vec<TagWire>>,
    meta: MetaWire,
}

#[derive(Deserialize)]
struct MetaWire {
    total: usize,
}

#[derive(Deserialize)]
struct TagWire {
    tag: String,
    manifest_digest: String,
    updated_at: Option<DateTime<Utc>>,
}

pub(super) fn tags(url: &Url, reply: &Reply) -> Result<Page, RegistryError> {
    let broken =
        || RegistryError::new(ErrorKind::BadAnswer, format!("{} is no list of tags", shown(url)));
    let wire: TagsWire =
        serde_json::from_slice(&reply.body).map_err(|error| broken().with_source(error))?;
    let read = |tag: TagWire| {
        let digest =
            Digest::parse(&tag.manifest_digest).map_err(|error| broken().with_source(error))?;
        let name = TagName::parse(&tag.tag).map_err(|error| broken().with_source(error))?;
        Ok(ListedTag { tag: name, digest: Some(digest), pushed: tag.updated_at })
    };
    let tags = wire.tags.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page { tags, total: wire.meta.total })
}
