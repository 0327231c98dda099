//! What the management APIs of DigitalOcean and GitHub have in common: a bearer token, addresses
//! with encoded names, and refusals to explain.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use reqwest::header::HeaderValue;
use url::Url;

use super::error::{ErrorKind, RegistryError};
use super::http::{Call, Http, Redirects, Reply, shown};
use super::{ListedManifest, ListedTag};
use crate::model::{Digest, RepositoryPath, TagName};

/// Sends calls with a token; a redirect is an answer, since the token may not follow it.
pub(super) struct Caller<'a> {
    pub(super) http: &'a Http,
    pub(super) token: HeaderValue,
}

impl Caller<'_> {
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, RegistryError> {
        self.http.send(&self.prepared(call.clone())).await
    }

    /// A call with all that it is sent with.
    pub(super) fn prepared(&self, call: Call) -> Call {
        let call = call.authorization(Some(self.token.clone()));
        call.on_budget().redirects(Redirects::Refuse)
    }
}

/// Keeps a listed tag. One that comes twice with two digests moved while the pages were read: its
/// digest has to be asked for.
pub(super) fn keep(seen: &mut BTreeMap<TagName, ListedTag>, tag: ListedTag) {
    match seen.entry(tag.tag.clone()) {
        Entry::Vacant(vacant) => {
            vacant.insert(tag);
        }
        Entry::Occupied(mut known) => {
            if known.get().digest != tag.digest {
                known.get_mut().digest = None;
                known.get_mut().pushed = None;
            }
        }
    }
}

/// Adds what is told of a manifest to what is known of it: every tag that was named for it once,
/// with the time if one was told, and the newer of two times.
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
pub(super) fn changed(repository: &RepositoryPath, how: &str) -> RegistryError {
    let message =
        format!("{repository} changed while it was listed, or its listing is broken: {how}");
    RegistryError::new(ErrorKind::BadAnswer, message).with_hint("try again")
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
pub(super) fn refused(url: &Url, reply: &Reply, origin: &str) -> RegistryError {
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
    RegistryError::new(kind, format!("{} answered {status}{who}{said}", shown(url)))
        .with_status(status.as_u16())
}
