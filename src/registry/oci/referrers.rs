//! Lists what refers to a manifest, where the registry keeps account of it.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>.
//! Redirects are not followed: a registry without this API was seen to lead to a web page.

use std::collections::BTreeSet;

use super::{OciRegistry, api, wire};
use crate::http::{Call, ErrorKind, Reply, RequestError, next_referrers, redacted_url};
use crate::model::{Descriptor, Digest, RepositoryPath, media_type};
use crate::registry::auth::Scope;

/// More pages than anything has referrers.
const MOST_PAGES: usize = 1_000;

impl OciRegistry {
    pub(in crate::registry) async fn referrer_list(
        &self,
        repository: &RepositoryPath,
        subject: &Digest,
    ) -> Result<Option<Vec<Descriptor>>, RequestError> {
        let scope = Scope::pull(repository);
        let mut call = self.api.referrers(repository, subject);
        let mut reply = self.send(call.clone(), &scope).await?;
        if lacks_api(&reply) {
            return Ok(None);
        }
        let (mut found, mut known) = (Vec::new(), BTreeSet::new());
        for _ in 0..MOST_PAGES {
            if reply.status.as_u16() != 200 {
                return Err(wire::unexpected(&call.url, &reply));
            }
            let page = wire::referrers(&call.url, &reply)?;
            let before = known.len();
            found.extend(page.into_iter().filter(|one| known.insert(one.digest.clone())));
            match next_referrers(&call.url, &reply.headers)? {
                None => return Ok(Some(found)),
                Some(_) if known.len() == before => break,
                Some(url) => call = api::Api::referrers_at(url),
            }
            reply = self.send(call.clone(), &scope).await?;
        }
        Err(endless_listing(&call))
    }
}

/// Whether this is how a registry answers that does not know the API. One that knows it answers
/// 200 and an index, an empty one where nothing refers.
fn lacks_api(reply: &Reply) -> bool {
    let kind = reply.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match reply.status.as_u16() {
        200 => !kind.eq_ignore_ascii_case(media_type::OCI_INDEX),
        300..=399 | 400 | 404 | 405 | 406 => true,
        _ => false,
    }
}

fn endless_listing(call: &Call) -> RequestError {
    let message = format!("{} leads on, but to nothing new", redacted_url(&call.url));
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("the list is incomplete; the registry's administrator can mend its paging")
}
