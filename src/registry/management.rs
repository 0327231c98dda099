//! What the management APIs of DigitalOcean and GitHub have in common: a bearer token, URLs with encoded
//! names, contradictions in listings, and error answers.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::HeaderValue;
use url::Url;

use super::auth::Authenticator;
use super::{ListedManifest, ListedTag, TagListing};
use crate::http::{Call, ErrorKind, Http, Redirects, Reply, RequestError, redacted_url};
use crate::model::{Contradiction, Digest, RepositoryPath, StatementSource, TagName, TagStatement};

/// Sends calls with a token. Redirects are not followed, since the token must not be sent to their target.
pub(super) struct ManagementClient<'a> {
    pub(super) http: &'a Http,
    pub(super) token: HeaderValue,
}

impl<'a> ManagementClient<'a> {
    /// The client with the token for the API; none without such a token.
    ///
    /// # Errors
    /// [`RequestError`] when the credentials cannot be read.
    pub(super) async fn with_token(
        http: &'a Http,
        authenticator: &Authenticator,
    ) -> Result<Option<Self>, RequestError> {
        Ok(authenticator.api_token().await?.map(|token| Self { http, token }))
    }

    pub(super) async fn send(&self, call: &Call) -> Result<Reply, RequestError> {
        self.http.send(&self.prepared(call.clone())).await
    }

    /// The call as it is sent: with the token, and counted against the budget.
    pub(super) fn prepared(&self, call: Call) -> Call {
        let call = call.authorization(Some(self.token.clone()));
        call.on_budget().redirects(Redirects::Refuse)
    }
}

/// Collects the tags of a listing. A tag that is listed with two digests gets none, and is a
/// contradiction.
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

/// The tags that a listing has on several manifests, as contradictions.
pub(super) fn shared_tags(
    source: StatementSource,
    manifests: &BTreeMap<Digest, ListedManifest>,
) -> Vec<Contradiction> {
    let mut digests: BTreeMap<&TagName, Vec<&Digest>> = BTreeMap::new();
    for manifest in manifests.values() {
        for tag in &manifest.tags {
            digests.entry(&tag.name).or_default().push(&manifest.digest);
        }
    }
    let several = digests.into_iter().filter(|(_, digests)| digests.len() > 1);
    let contradiction = |(tag, digests): (&TagName, Vec<&Digest>)| Contradiction {
        tag: tag.clone(),
        statements: digests
            .into_iter()
            .map(|digest| (source, TagStatement::of(Some(digest))))
            .collect(),
    };
    several.map(contradiction).collect()
}

/// The error of a listing with an entry of another repository.
pub(super) fn another_repository(url: &Url, name: &str) -> RequestError {
    let message = format!(
        "{} lists {name}, which is another repository than the requested one",
        redacted_url(url)
    );
    RequestError::new(ErrorKind::BadAnswer, message).with_hint(
        "check the repository's name and `namespace` in the policy, and whether a proxy answers instead of the registry",
    )
}

/// Merges an entry into the known manifests: each tag once, with the newer of two times.
pub(super) fn add(known: &mut BTreeMap<Digest, ListedManifest>, entry: ListedManifest) {
    let Some(manifest) = known.get_mut(&entry.digest) else {
        known.insert(entry.digest.clone(), entry);
        return;
    };
    for tag in entry.tags {
        match manifest.tags.iter_mut().find(|known| known.name == tag.name) {
            Some(known) => known.pushed = known.pushed.max(tag.pushed),
            None => manifest.tags.push(tag),
        }
    }
    manifest.pushed = manifest.pushed.max(entry.pushed);
    manifest.bytes = manifest.bytes.or(entry.bytes);
    // A digest with two version numbers cannot be deleted by its number.
    manifest.version = match (manifest.version, entry.version) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    };
}

/// The error of a listing with inconsistent pages.
pub(super) fn changed(repository: &RepositoryPath, how: &str) -> RequestError {
    let message =
        format!("{repository} changed while it was listed, or its listing is broken: {how}");
    RequestError::new(ErrorKind::BadAnswer, message).with_hint("try again")
}

/// A name as one segment of a path: `team/backend` is `team%2Fbackend`.
pub(super) fn encoded(name: &str) -> String {
    name.replace('/', "%2F")
}

/// The hint for a redirect, which is not followed.
pub(super) const MOVED: &str = "the owner may have a new name, or the API a new address; check `namespace` and `api-url` in the policy";

/// The error of a reply that is not a success.
pub(super) fn refused(url: &Url, reply: &Reply, origin: &str) -> RequestError {
    let explanation = reply.explanation().map(|text| format!(" ({text})")).unwrap_or_default();
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
    RequestError::new(kind, format!("{} answered {status}{who}{explanation}", redacted_url(url)))
        .with_status(status.as_u16())
}
