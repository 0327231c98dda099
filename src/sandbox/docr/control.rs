//! The control API: routes, authorization, and all answers but the lists.
//!
//! Paths below `/v2/registry/` are deprecated and still served, as by the real API.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::super::auth::{Credentials, credentials};
use super::super::call::{Answer, Call};
use super::super::page::parts;
use super::super::quirk::Quirk;
use super::super::shared::Shared;
use super::request::Request;
use super::settings::{DocrScope, DocrSettings};
use super::wire::{self, Problem};
use super::{collection, listing};
use crate::model::{Digest, RepositoryPath, TagName};

/// Answers a request, with the rate limit in its headers.
pub(super) fn answer(shared: &Shared, docr: &DocrSettings, call: &Call) -> Answer {
    let request = Request { shared, docr, call };
    let rate_limit = shared.rate_limiter.count(docr.hourly_limit, 1, shared.clock);
    let answer = match request.refusal() {
        Some(refusal) => Err(refusal),
        None if rate_limit.exceeded() => Err(Problem::of(StatusCode::TOO_MANY_REQUESTS)),
        None => request.dispatch(),
    };
    wire::with_rate_limit(answer.unwrap_or_else(|problem| problem.answer(call)), rate_limit)
}

impl Request<'_> {
    /// Why the client is not authorized; none if it is.
    fn refusal(&self) -> Option<Problem> {
        match credentials(self.call) {
            Credentials::Bearer(token) if token == self.docr.token => {}
            _ => return Some(Problem::of(StatusCode::UNAUTHORIZED)),
        }
        let needed = match self.call.method {
            Method::GET | Method::HEAD => DocrScope::Read,
            Method::DELETE => DocrScope::Delete,
            _ => DocrScope::Update,
        };
        let may = self.docr.scopes.contains(&needed);
        (!may).then(|| Problem::of(StatusCode::FORBIDDEN))
    }

    fn dispatch(&self) -> Result<Answer, Problem> {
        let no_such_page = || Problem::of(StatusCode::NOT_FOUND);
        let path = self.call.path.strip_prefix("/v2/").and_then(parts).ok_or_else(no_such_page)?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match *path.as_slice() {
            ["registries"] => {
                self.require_method(&[Method::GET]).map(|()| listing::registries(self))
            }
            ["registry"] => self.nameless(),
            [_, name] => {
                self.require_method(&[Method::GET])?;
                let name = self.known(name)?;
                let body = json!({"registry": listing::registry(self, name)});
                Ok(Answer::json(StatusCode::OK, &body))
            }
            [_, name, ref rest @ ..] => self.within(self.known(name)?, rest),
            [..] => Err(no_such_page()),
        }
    }

    fn within(&self, registry: &str, rest: &[&str]) -> Result<Answer, Problem> {
        let methods: &[Method] = match rest {
            ["garbage-collection"] => &[Method::GET, Method::POST],
            ["garbage-collection", _] => &[Method::PUT],
            ["repositories", _, _, _] => &[Method::DELETE],
            _ => &[Method::GET],
        };
        self.require_method(methods)?;
        match *rest {
            ["repositoriesV2"] => listing::repositories(self, registry),
            ["repositories", repository, "tags"] => listing::tags(self, registry, repository),
            ["repositories", repository, "digests"] => listing::digests(self, registry, repository),
            ["repositories", repository, "tags", tag] => {
                let path = self.repository(registry, repository)?;
                self.delete_tag(registry, &path, tag)
            }
            ["repositories", repository, "digests", digest] => {
                let path = self.repository(registry, repository)?;
                self.delete_digest(registry, &path, digest)
            }
            ["garbage-collection"] if self.call.method == Method::POST => {
                collection::begin(self, registry)
            }
            ["garbage-collection"] => collection::active(self, registry),
            ["garbage-collection", uuid] => collection::cancel(self, registry, uuid),
            ["garbage-collections"] => Ok(collection::all(self, registry)),
            _ => Err(Problem::of(StatusCode::NOT_FOUND)),
        }
    }

    /// `/v2/registry`: the only registry; refused if there are several.
    fn nameless(&self) -> Result<Answer, Problem> {
        if !self.docr.other_registries.is_empty() {
            return Err(Problem::several_registries());
        }
        self.require_method(&[Method::GET])?;
        let body = json!({"registry": listing::registry(self, &self.docr.registry)});
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// Deletes a tag but not its manifest.
    fn delete_tag(
        &self,
        registry: &str,
        repository: &RepositoryPath,
        tag: &str,
    ) -> Result<Answer, Problem> {
        self.may_delete(registry)?;
        let tag = TagName::parse(tag).map_err(|_| Problem::not_found("tag"))?;
        let ignored = self.shared.quirks.has(&Quirk::DeleteDoesNothing)
            && self.shared.store.resolve(repository, &tag).is_some();
        if ignored || self.shared.store.remove_tag(repository, &tag) {
            Ok(Answer::new(StatusCode::NO_CONTENT))
        } else {
            Err(Problem::not_found("tag"))
        }
    }

    /// Deletes a manifest with all its tags, even if an index lists it.
    fn delete_digest(
        &self,
        registry: &str,
        repository: &RepositoryPath,
        digest: &str,
    ) -> Result<Answer, Problem> {
        self.may_delete(registry)?;
        let digest = Digest::parse(digest).map_err(|_| Problem::not_found("manifest"))?;
        if let Some(status) = self.shared.quirks.locked(&digest) {
            return Err(Problem::new(status, "this manifest is locked"));
        }
        let ignored = self.shared.quirks.has(&Quirk::DeleteDoesNothing)
            && self.shared.store.manifest(repository, &digest).is_some();
        if ignored || self.shared.store.remove_manifest(repository, &digest) {
            Ok(Answer::new(StatusCode::NO_CONTENT))
        } else {
            Err(Problem::not_found("manifest"))
        }
    }

    fn may_delete(&self, registry: &str) -> Result<(), Problem> {
        let status = self.docr.assumptions.refuses_deletes_with;
        match status.and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) if self.shared.collections.is_active(self.docr, registry) => {
                Err(Problem::new(status, "a garbage collection is under way"))
            }
            _ => Ok(()),
        }
    }

    fn known(&self, name: &str) -> Result<&str, Problem> {
        let mut all = self.docr.registries();
        all.find(|known| *known == name).ok_or_else(|| Problem::not_found("registry"))
    }

    fn require_method(&self, methods: &[Method]) -> Result<(), Problem> {
        if methods.contains(&self.call.method) {
            Ok(())
        } else {
            Err(Problem::of(StatusCode::METHOD_NOT_ALLOWED))
        }
    }
}
