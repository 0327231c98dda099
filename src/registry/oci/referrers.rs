//! Lists the referrers of a manifest, if the registry has the referrers API.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers>.
//! Redirects are not followed: a registry without this API was seen to redirect to a web page.

use std::collections::BTreeSet;

use super::{OciRegistry, api, wire};
use crate::http::{Reply, RequestError, next_referrers};
use crate::model::{Descriptor, Digest, RepositoryPath, media_type};
use crate::registry::auth::Scope;

/// More pages than any manifest has.
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
        Err(super::list::endless_listing(&call))
    }
}

/// Whether this is the answer of a registry without the referrers API. With it the answer is 200 and an
/// index, which is empty if there are no referrers.
fn lacks_api(reply: &Reply) -> bool {
    let kind = reply.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match reply.status.as_u16() {
        200 => !kind.eq_ignore_ascii_case(media_type::OCI_INDEX),
        300..=399 | 400 | 404 | 405 | 406 => true,
        _ => false,
    }
}
