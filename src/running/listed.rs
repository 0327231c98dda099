//! Lists of images as Docker and Kubernetes print them: reads each item as a reference or an ID.

use oci_distribution::Reference;

use crate::model::{Digest, ImageId, TagName};

/// The prefixes that container runtimes put before an image or its ID.
const RUNTIMES: [&str; 4] = ["docker-pullable://", "docker://", "containerd://", "cri-o://"];

/// One item of a list, not yet parsed.
pub(crate) struct ListedItem<'a> {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Its text, without the prefix of the container runtime.
    pub(crate) text: &'a str,
}

/// A parsed item.
pub(crate) enum Listed {
    /// An image by its reference.
    Reference(ListedReference),
    /// An image by its ID alone.
    Id(ImageId),
}

/// A parsed image reference.
pub(crate) struct ListedReference {
    pub(super) host: String,
    pub(super) path: String,
    /// Its tag; `latest` where it names neither tag nor digest.
    pub(crate) tag: Option<TagName>,
    /// Its digest, if it names one.
    pub(crate) digest: Option<Digest>,
}

/// The items of a list, separated by blanks or line ends.
pub(crate) fn listed(text: &str) -> impl Iterator<Item = ListedItem<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().flat_map(|(number, line)| {
        line.split_whitespace().map(move |item| ListedItem::new(number + 1, item))
    })
}

impl<'a> ListedItem<'a> {
    /// An item of a list.
    pub(crate) fn new(line: usize, item: &'a str) -> Self {
        let bare = RUNTIMES.into_iter().find_map(|prefix| item.strip_prefix(prefix));
        Self { line, text: bare.unwrap_or(item) }
    }

    /// Parses the item; `None` if it is neither a reference nor an ID.
    pub(crate) fn read(&self) -> Option<Listed> {
        if let Some(id) = ImageId::parse(self.text) {
            return Some(Listed::Id(id));
        }
        // A shortened ID would be parsed as an image `sha256` with a tag.
        if self.text.starts_with("sha256:") {
            return None;
        }
        let reference = Reference::try_from(self.text).ok()?;
        Some(Listed::Reference(ListedReference {
            host: authority(reference.registry()),
            path: reference.repository().to_owned(),
            tag: reference.tag().map(TagName::parse).transpose().ok()?,
            digest: reference.digest().map(Digest::parse).transpose().ok()?,
        }))
    }

    /// Its text for messages, shortened.
    pub(crate) fn shown(&self) -> String {
        self.text.chars().take(120).collect()
    }
}

/// A host for comparison: lower case, without a default port, and with one name for Docker Hub.
pub(super) fn authority(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let bare = [":443", ":80"].into_iter().find_map(|port| host.strip_suffix(port));
    match bare.unwrap_or(&host) {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        bare => bare.to_owned(),
    }
}
