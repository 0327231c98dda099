//! Image references as workflows write them, with symbols in any part.

use super::position::Position;
use super::symbol::{SymbolKind, Symbols, WHOLE_SHA, is_known, is_symbol};

/// The registry that a reference without a host means.
pub(crate) const DOCKER_HUB: &str = "docker.io";

/// A reference and its position.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) at: Position,
    pub(crate) host: String,
    pub(crate) path: String,
    /// The tag as written; none if there is none, or if a symbol may contain it.
    pub(crate) tag: Option<String>,
    pub(crate) kind: TagKind,
    /// The normalised reference, kept because it is compared often.
    text: String,
}

/// What a tag names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TagKind {
    /// A commit: it has a whole SHA.
    FullSha,
    /// A commit, by the first digits of its SHA.
    ShortSha,
    /// A version or a git tag, which never moves.
    Version,
    /// Whatever was pushed last: any other text, or no tag.
    Moving,
    /// Not known: it depends on a symbol.
    Unknown,
    /// The reference has a digest.
    Digest,
}

impl TagKind {
    /// Whether the tag names a commit.
    pub(crate) fn names_commit(self) -> bool {
        matches!(self, Self::FullSha | Self::ShortSha)
    }

    /// Whether it surely stays where it is.
    pub(crate) fn is_immutable(self) -> bool {
        matches!(self, Self::FullSha | Self::ShortSha | Self::Version | Self::Digest)
    }

    /// Whether it may turn out to be any kind.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Digest)
    }
}

/// Transports of other tools that read or write no registry.
const LOCAL_TRANSPORTS: [&str; 8] = [
    "oci:",
    "ocidir:",
    "dir:",
    "oci-archive:",
    "docker-archive:",
    "docker-daemon:",
    "containers-storage:",
    "tarball:",
];

/// Whether a name stands for an archive, a directory or the local daemon.
pub(crate) fn is_local_transport(text: &str) -> bool {
    LOCAL_TRANSPORTS.iter().any(|transport| text.starts_with(transport))
}

impl Reference {
    /// Parses a reference; none if the text cannot be one.
    pub(crate) fn parse(text: &str, at: Position, symbols: &Symbols) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("docker://").unwrap_or(text);
        if is_local_transport(text) {
            return None;
        }
        let wrong = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '=' | '$');
        if text.is_empty() || text.contains(wrong) || text.starts_with(['-', '/', '.']) {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, _)) => (name, true),
            None => (text, false),
        };
        let (name, tag) = split_tag(name);
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (host, path) = split_host(name);
        let kind = match tag {
            _ if digest => TagKind::Digest,
            Some(tag) => tag_kind(tag, symbols),
            None if may_contain_tag(&name[last.min(name.len())..], symbols) => TagKind::Unknown,
            None => TagKind::Moving,
        };
        let tag = tag.map(str::to_owned);
        let text = match (&tag, kind) {
            (None, TagKind::Unknown | TagKind::Digest) => repository(&host, &path),
            (tag, _) => {
                format!("{}:{}", repository(&host, &path), tag.as_deref().unwrap_or("latest"))
            }
        };
        Some(Self { at, host, path, tag, kind, text })
    }

    /// The same image by a digest that is not known.
    pub(crate) fn by_digest(self) -> Self {
        let text = if self.tag.is_some() { self.text } else { repository(&self.host, &self.path) };
        Self { kind: TagKind::Digest, text, ..self }
    }

    /// The repository: host and path.
    pub(crate) fn repository(&self) -> String {
        repository(&self.host, &self.path)
    }

    /// The owner of the repository: the first part of the path.
    pub(crate) fn namespace(&self) -> &str {
        namespace(&self.path)
    }

    /// The tag; `latest` if there is none.
    pub(crate) fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }

    /// The normalised reference.
    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    /// Whether both are surely equal.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.text == other.text && self.kind == other.kind
    }

    /// Whether the registry is this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_local_host(&self.host)
    }

    /// The image: the last part of the repository's path.
    pub(crate) fn image(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether a shell could not resolve the repository.
    pub(crate) fn is_unresolved(&self, symbols: &Symbols) -> bool {
        let unresolved = |c| symbols.get(c).is_some_and(|symbol| symbol.unresolved);
        self.host.chars().chain(self.path.chars()).any(unresolved)
    }
}

/// The owner of a repository: the first part of its path.
pub(crate) fn namespace(path: &str) -> &str {
    path.split_once('/').map_or(path, |(namespace, _)| namespace)
}

/// Whether a registry is this machine, or a container beside the job.
pub(crate) fn is_local_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let beside = port.is_some() && is_known(name) && !name.contains('.');
    matches!(name, "localhost" | "registry" | "[::1]")
        || name.starts_with("127.")
        || beside
        || host.starts_with("[::1]")
}

/// Splits the tag from the name: after the first colon that does not belong to a port.
fn split_tag(name: &str) -> (&str, Option<&str>) {
    let from = name.find('/').map_or(0, |slash| {
        let first = &name[..slash];
        let port = first.split_once(':').map(|(_, port)| port);
        // In `app:feature/x` the colon begins a tag that registries refuse.
        let is_tag = port.is_some_and(|port| !port.bytes().all(|b| b.is_ascii_digit()));
        if is_tag && !first.starts_with('[') { 0 } else { slash }
    });
    match name[from..].find(':') {
        Some(colon) => (&name[..from + colon], Some(&name[from + colon + 1..])),
        None => (name, None),
    }
}

/// Host and path; without a host, an unknown name may contain one.
fn repository(host: &str, path: &str) -> String {
    if host.is_empty() { path.to_owned() } else { format!("{host}/{path}") }
}

/// Splits the registry from the path, by Docker's rule.
fn split_host(name: &str) -> (String, String) {
    let hub = |path: &str| match path {
        _ if path.contains('/') => (DOCKER_HUB.to_owned(), path.to_owned()),
        _ => (DOCKER_HUB.to_owned(), format!("library/{path}")),
    };
    let Some((first, rest)) = name.split_once('/') else {
        // The symbol may contain a host as well.
        return if is_known(name) { hub(name) } else { (String::new(), name.to_owned()) };
    };
    if matches!(first, "docker.io" | "index.docker.io" | "registry-1.docker.io") {
        return hub(rest);
    }
    let is_host =
        first.contains(['.', ':']) || first == "localhost" || first.chars().any(is_symbol);
    if is_host { (first.to_ascii_lowercase(), rest.to_owned()) } else { hub(name) }
}

/// Whether a symbol in the last part of a name may contain a tag.
fn may_contain_tag(name: &str, symbols: &Symbols) -> bool {
    name.chars().any(|c| symbols.get(c).is_some_and(|symbol| symbol.kind == SymbolKind::Any))
}

/// What a tag names, if that is the same for all that it may be.
fn tag_kind(tag: &str, symbols: &Symbols) -> TagKind {
    let mut kinds = symbols.possibilities(tag).into_iter().map(|tag| kind_of(&tag, symbols));
    let first = kinds.next().unwrap_or(TagKind::Unknown);
    if kinds.all(|kind| kind == first) { first } else { TagKind::Unknown }
}

fn kind_of(tag: &str, symbols: &Symbols) -> TagKind {
    let kinds = || tag.chars().filter_map(|c| symbols.get(c)).map(|symbol| symbol.kind);
    let sha = kinds().find_map(|kind| match kind {
        SymbolKind::Sha(length, _) => Some(length),
        _ => None,
    });
    match sha {
        Some(Some(WHOLE_SHA..)) => TagKind::FullSha,
        Some(_) => TagKind::ShortSha,
        // In other events than this one, a value may stand there.
        None if tag.is_empty() => TagKind::Unknown,
        None if tag == "latest" || tag.ends_with("-latest") => TagKind::Moving,
        None if kinds().any(|kind| kind == SymbolKind::Version) => TagKind::Version,
        None => literal_kind(tag),
    }
}

fn literal_kind(tag: &str) -> TagKind {
    let last = tag.rsplit(['-', '_', '.']).next().unwrap_or_default();
    let hex = last.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let letter = last.bytes().any(|b| b.is_ascii_alphabetic());
    let digit = last.bytes().any(|b| b.is_ascii_digit());
    match last.len() {
        40 if hex => TagKind::FullSha,
        7..=39 if hex && letter && digit => TagKind::ShortSha,
        _ if has_version(tag) => TagKind::Version,
        _ if is_known(tag) => TagKind::Moving,
        _ => TagKind::Unknown,
    }
}

/// Whether a text is a version, or a name and a version: `1.2`, `v1.2.3-rc.1`, `app-2.0.1`.
fn has_version(tag: &str) -> bool {
    let starts = std::iter::once(0).chain(tag.match_indices(['-', '_']).map(|(at, _)| at + 1));
    starts.into_iter().any(|start| is_version(&tag[start..]))
}

fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers = text.split(['-', '+', '_']).next().unwrap_or_default();
    let mut parts = numbers.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next().is_some_and(number) && parts.next().is_some_and(number)
}
