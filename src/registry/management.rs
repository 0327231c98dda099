//! What the management APIs of DigitalOcean and GitHub have in common: a bearer token, addresses
//! with encoded names, and refusals to explain.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::HeaderValue;
use url::Url;

use super::{ListedManifest, ListedTag, TagListing};
use crate::http::{Call, ErrorKind, Http, Redirects, Reply, RequestError, redacted_url};
use crate::model::{Contradiction, Digest, RepositoryPath, StatementSource, TagName, TagStatement};

/// Sends calls with a token; a redirect is an answer, since the token may not follow it.
pub(super) struct ManagementClient<'a> {
    pub(super) http: &'a Http,
    pub(super) token: HeaderValue,
}

impl ManagementClient<'_> {
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, RequestError> {
        self.http.send(&self.prepared(call.clone())).await
    }

    /// A call with all that it is sent with.
    pub(super) fn prepared(&self, call: Call) -> Call {
        let call = call.authorization(Some(self.token.clone()));
        call.on_budget().redirects(Redirects::Refuse)
    }
}

/// The tags of a list so far. A tag that is listed with two digests has none: it is in doubt.
pub(super) struct TagCollector {
    source: StatementSource,
    seen: BTreeMap<TagName, (ListedTag, BTreeSet<Digest>)>,
}

impl TagCollector {
    pub(super) fn new(source: StatementSource) -> Self {
        Self { source, seen: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, tag: ListedTag) {
        let digest = tag.digest.clone();
        let (known, digests) =
            self.seen.entry(tag.tag.clone()).or_insert_with(|| (tag, BTreeSet::new()));
        digests.extend(digest);
        if digests.len() > 1 {
            known.digest = None;
            known.pushed = None;
        }
    }

    pub(super) fn into_listing(self, broken: Option<RequestError>) -> TagListing {
        let source = self.source;
        let mut contradictions = Vec::new();
        let mut tags = Vec::with_capacity(self.seen.len());
        for (tag, (listed, digests)) in self.seen {
            if digests.len() > 1 {
                let said =
                    digests.into_iter().map(|digest| (source, TagStatement::PointsTo(digest)));
                contradictions.push(Contradiction { tag, statements: said.collect() });
            }
            tags.push(listed);
        }
        TagListing { tags, contradictions, broken }
    }
}

/// The tags that a list of manifests has on several of them.
pub(super) fn shared_tags(
    source: StatementSource,
    manifests: &BTreeMap<Digest, ListedManifest>,
) -> Vec<Contradiction> {
    let mut on: BTreeMap<&TagName, Vec<&Digest>> = BTreeMap::new();
    for manifest in manifests.values() {
        for tag in &manifest.tags {
            on.entry(&tag.name).or_default().push(&manifest.digest);
        }
    }
    let several = on.into_iter().filter(|(_, digests)| digests.len() > 1);
    let contradiction = |(tag, digests): (&TagName, Vec<&Digest>)| Contradiction {
        tag: tag.clone(),
        statements: digests
            .into_iter()
            .map(|digest| (source, TagStatement::of(Some(digest))))
            .collect(),
    };
    several.map(contradiction).collect()
}

/// The error of a list with an entry of another repository in it.
pub(super) fn another_repository(url: &Url, name: &str) -> RequestError {
    let message = format!(
        "{} lists {name}, which is another repository than was asked for",
        redacted_url(url)
    );
    RequestError::new(ErrorKind::BadAnswer, message).with_hint(
        "check the repository's name and `namespace` in the policy, and whether a proxy answers in the registry's place",
    )
}

/// Adds an entry to what is known of its manifest: each tag once, with the newer of two times.
pub(super) fn add(known: &mut BTreeMap<Digest, ListedManifest>, told: ListedManifest) {
    let Some(manifest) = known.get_mut(&told.digest) else {
        known.insert(told.digest.clone(), told);
        return;
    };
    for tag in told.tags {
        match manifest.tags.iter_mut().find(|known| known.name == tag.name) {
            Some(known) => known.pushed = known.pushed.max(tag.pushed),
            None => manifest.tags.push(tag),
        }
    }
    manifest.pushed = manifest.pushed.max(told.pushed);
    manifest.bytes = manifest.bytes.or(told.bytes);
    // One digest with two numbers is nothing that can be deleted by its number.
    manifest.version = match (manifest.version, told.version) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    };
}

/// The error of a listing whose pages do not fit together.
pub(super) fn changed(repository: &RepositoryPath, how: &str) -> RequestError {
    let message =
        format!("{repository} changed while it was listed, or its listing is broken: {how}");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again")
}

/// An address below a base that may have a path of its own (`https://ghe.example/api/v3`).
pub(super) fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let below = base.path().trim_end_matches('/');
    url.set_path(&format!("{below}/{path}"));
    url
}

/// A name as one segment of a path: `team/backend` is `team%2Fbackend`.
pub(super) fn encoded(name: &str) -> String {
    name.replace('/', "%2F")
}

/// The hint for a redirect, which the token does not follow.
pub(super) const MOVED: &str = "the owner may have a new name, or the API a new address; check `namespace` and `api-url` in the policy";

/// A refusal, by what its status is about.
pub(super) fn refused(url: &Url, reply: &Reply, origin: &str) -> RequestError {
    let said = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
    let status = reply.status;
    let kind = match status.as_u16() {
        401 | 403 => ErrorKind::Credentials,
        404 => ErrorKind::NotFound,
        _ => ErrorKind::Status,
    };
    let who = match kind {
        ErrorKind::Credentials => format!(" to the token from {origin}"),
        _ => String::new(),
    };
    RequestError::new(kind, format!("{} answered {status}{who}{said}", redacted_url(url)))
        .with_status(status.as_u16())
}
