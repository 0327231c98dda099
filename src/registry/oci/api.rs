//! Builds the calls of the OCI distribution API; sends nothing.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_RANGE, HeaderValue, RANGE};
use url::Url;

use super::super::ManifestSelector;
use crate::http::{Call, Redirects, RetryPolicy};
use crate::model::{Digest, RepositoryPath, media_type};

/// By the specification manifests of up to 4 MiB must work; the limit here is twice that.
const MANIFEST_LIMIT: usize = 8 << 20;
/// The largest page of a listing.
const LISTING_LIMIT: usize = 32 << 20;

/// The URLs of one registry.
#[derive(Debug, Clone)]
pub(super) struct Api {
    base: Url,
}

impl Api {
    pub(super) fn new(url: &Url) -> Self {
        Self { base: url.clone() }
    }

    /// The root of the API.
    pub(super) fn root(&self) -> Call {
        let mut url = self.base.clone();
        url.set_path("/v2/");
        Call::get(url)
    }

    fn url(&self, repository: &RepositoryPath, rest: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{repository}/{rest}"));
        url
    }

    /// A page of the tags.
    pub(super) fn tags(&self, repository: &RepositoryPath, page: PageRequest<'_>) -> Call {
        let mut url = self.url(repository, "tags/list");
        page.add_to(&mut url);
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// A page of the repositories.
    ///
    /// <https://distribution.github.io/distribution/spec/api/#listing-repositories>
    pub(super) fn catalog(&self, page: PageRequest<'_>) -> Call {
        let mut url = self.base.clone();
        url.set_path("/v2/_catalog");
        page.add_to(&mut url);
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    /// A page at a URL from the registry's answer.
    pub(super) fn tags_at(url: Url) -> Call {
        Call::get(url).body_limit(LISTING_LIMIT)
    }

    pub(super) fn manifest_head(
        &self,
        repository: &RepositoryPath,
        of: ManifestSelector<'_>,
    ) -> Call {
        Call::head(self.url(repository, &format!("manifests/{of}")))
            .header(ACCEPT, media_type::ACCEPT)
    }

    pub(super) fn manifest_get(
        &self,
        repository: &RepositoryPath,
        of: ManifestSelector<'_>,
    ) -> Call {
        Call::get(self.url(repository, &format!("manifests/{of}")))
            .header(ACCEPT, media_type::ACCEPT)
            .body_limit(MANIFEST_LIMIT)
    }

    /// Deletes a tag, or a manifest with its tags. Redirects are not followed.
    pub(super) fn manifest_delete(
        &self,
        repository: &RepositoryPath,
        of: ManifestSelector<'_>,
    ) -> Call {
        let url = self.url(repository, &format!("manifests/{of}"));
        Call::new(Method::DELETE, url).redirects(Redirects::Refuse)
    }

    /// Pushes a manifest under a tag or its digest. Redirects are not followed. Under a digest it may be sent
    /// again; under a tag it may not, since someone else may have set the tag meanwhile.
    pub(super) fn manifest_put(
        &self,
        repository: &RepositoryPath,
        to: ManifestSelector<'_>,
        (media_type, bytes): (HeaderValue, Arc<[u8]>),
    ) -> Call {
        let url = self.url(repository, &format!("manifests/{to}"));
        let retry_policy = match to {
            ManifestSelector::Digest(_) => RetryPolicy::Always,
            ManifestSelector::Tag(_) => RetryPolicy::IfNoEffect,
        };
        Call::new(Method::PUT, url)
            .content(media_type, bytes)
            .redirects(Redirects::Refuse)
            .retry_policy(retry_policy)
    }

    /// Begins an upload; the answer contains the URL to continue at.
    pub(super) fn upload_begin(&self, repository: &RepositoryPath) -> Call {
        Call::new(Method::POST, self.url(repository, "blobs/uploads/"))
            .redirects(Redirects::Refuse)
            .retry_policy(RetryPolicy::IfNoEffect)
    }

    /// Asks the registry to mount a blob from another repository; begins an upload if it does not.
    pub(super) fn mount(
        &self,
        repository: &RepositoryPath,
        digest: &Digest,
        from: &RepositoryPath,
    ) -> Call {
        let mut call = self.upload_begin(repository);
        let mut query = call.url.query_pairs_mut();
        query.append_pair("mount", &digest.to_string()).append_pair("from", from.as_str());
        drop(query);
        call
    }

    /// Ends an upload. Its bytes are the body of this request, or were sent before.
    pub(super) fn upload_put(mut url: Url, digest: &Digest) -> Call {
        url.query_pairs_mut().append_pair("digest", &digest.to_string());
        Call::new(Method::PUT, url).redirects(Redirects::Refuse)
    }

    /// Sends a part of an upload: `first` is the position of its first byte in the blob.
    pub(super) fn upload_chunk(url: Url, first: u64, bytes: Arc<[u8]>) -> Call {
        const TIME: Duration = Duration::from_mins(10);
        let last = first + (bytes.len() as u64).saturating_sub(1);
        let content_type = HeaderValue::from_static("application/octet-stream");
        let mut call = Call::new(Method::PATCH, url)
            .content(content_type, bytes)
            .redirects(Redirects::Refuse)
            .retry_policy(RetryPolicy::IfNoEffect)
            .timeout(TIME);
        // Without the unit `bytes`, as the specification requires:
        // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
        if let Ok(range) = HeaderValue::from_str(&format!("{first}-{last}")) {
            call.headers.insert(CONTENT_RANGE, range);
        }
        call
    }

    /// Cancels an upload.
    pub(super) fn upload_cancel(url: Url) -> Call {
        Call::new(Method::DELETE, url).redirects(Redirects::Refuse)
    }

    /// Requests a blob of any size without a content encoding, which would change its bytes.
    pub(super) fn blob_open(&self, repository: &RepositoryPath, digest: &Digest) -> Call {
        Call::get(self.url(repository, &format!("blobs/{digest}")))
            .header(ACCEPT_ENCODING, "identity")
    }

    /// Ends an upload with all its bytes, at the URL from the registry's answer.
    pub(super) fn upload_end(mut url: Url, digest: &Digest, bytes: Arc<[u8]>) -> Call {
        url.query_pairs_mut().append_pair("digest", &digest.to_string());
        Call::new(Method::PUT, url)
            .content(HeaderValue::from_static("application/octet-stream"), bytes)
            .redirects(Redirects::Refuse)
            .retry_policy(RetryPolicy::IfNoEffect)
    }

    /// The first page of the referrers of a manifest.
    pub(super) fn referrers(&self, repository: &RepositoryPath, subject: &Digest) -> Call {
        Self::referrers_at(self.url(repository, &format!("referrers/{subject}")))
    }

    /// A page at a URL from the registry's answer.
    pub(super) fn referrers_at(url: Url) -> Call {
        Call::get(url)
            .header(ACCEPT, media_type::OCI_INDEX)
            .redirects(Redirects::Refuse)
            .body_limit(LISTING_LIMIT)
    }

    pub(super) fn blob_head(&self, repository: &RepositoryPath, digest: &Digest) -> Call {
        Call::head(self.url(repository, &format!("blobs/{digest}")))
    }

    pub(super) fn blob_get(&self, repository: &RepositoryPath, digest: &Digest) -> Call {
        Call::get(self.url(repository, &format!("blobs/{digest}"))).body_limit(MANIFEST_LIMIT)
    }

    /// Requests one byte of a blob. If the server ignores the range, the body limit ends the answer.
    pub(super) fn blob_first_byte(&self, repository: &RepositoryPath, digest: &Digest) -> Call {
        Call::get(self.url(repository, &format!("blobs/{digest}"))).header(RANGE, "bytes=0-0")
    }
}

/// Which page of a listing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageRequest<'a> {
    /// The page size; by default the registry's.
    pub(super) size: Option<usize>,
    /// Only names after this one.
    pub(super) after: Option<&'a str>,
}

impl PageRequest<'_> {
    fn add_to(self, url: &mut Url) {
        if let Some(size) = self.size {
            url.query_pairs_mut().append_pair("n", &size.to_string());
        }
        if let Some(last) = self.after {
            url.query_pairs_mut().append_pair("last", last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TagName;

    #[test]
    fn every_manifest_request_accepts_all_four_media_types() {
        let api = Api::new(&Url::parse("https://reg.example:5000").expect("a URL"));
        let repository = RepositoryPath::parse("acme/backend").expect("a path");
        let tag = TagName::parse("prod-latest").expect("a tag");
        for call in [
            api.manifest_head(&repository, ManifestSelector::Tag(&tag)),
            api.manifest_get(&repository, ManifestSelector::Tag(&tag)),
        ] {
            assert_eq!(
                call.url.as_str(),
                "https://reg.example:5000/v2/acme/backend/manifests/prod-latest"
            );
            let accept = call.headers[ACCEPT].to_str().expect("text");
            assert_eq!(accept.matches("application/vnd.").count(), 4);
        }
    }
}
