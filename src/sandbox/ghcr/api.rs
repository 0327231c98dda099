//! The packages API: routes, authorization, deletion and restoration.
//!
//! <https://docs.github.com/en/rest/packages/packages>

use axum::http::{Method, StatusCode, header};
use serde_json::json;

use super::super::auth::{Credentials, credentials};
use super::super::call::{Answer, Call};
use super::super::page::parts;
use super::super::quirk::Quirk;
use super::super::rate_limit::RateLimit;
use super::super::shared::Shared;
use super::listing;
use super::request::{OwnerPath, Package, Request};
use super::settings::{GhcrSettings, MissingRight, OwnerKind, PackageScope, TokenKind};
use super::versions::Version;
use super::wire::{self, Problem};
use crate::model::RepositoryPath;

/// Versions of public packages with more downloads cannot be deleted.
const MANY_DOWNLOADS: u64 = 5000;

/// Answers a request, with scopes and rate limit in its headers.
pub(super) fn answer(shared: &Shared, ghcr: &GhcrSettings, call: &Call) -> Answer {
    let request = Request { shared, ghcr, call };
    let costs = u32::from(call.path != "/rate_limit");
    let rate_limit = shared.rate_limiter.count(ghcr.hourly_limit, costs, shared.clock);
    let answer = request.dispatch(rate_limit).unwrap_or_else(|problem| problem.answer());
    wire::with_api_headers(answer, ghcr, rate_limit)
}

impl Request<'_> {
    fn dispatch(&self, rate_limit: RateLimit) -> Result<Answer, Problem> {
        self.check_client(rate_limit)?;
        let nothing = || Problem::of(StatusCode::NOT_FOUND);
        let path = self.call.path.strip_prefix('/').and_then(parts).ok_or_else(nothing)?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match *path.as_slice() {
            ["rate_limit"] => self.require_method(&Method::GET).map(|()| rate_limit.overview()),
            ["user"] => self.own_user(),
            ["users", login] => self.account(login),
            ["orgs", org, "packages", ref rest @ ..] => self.packages(OwnerPath::Orgs, org, rest),
            ["users", user, "packages", ref rest @ ..] => {
                self.packages(OwnerPath::Users, user, rest)
            }
            ["user", "packages", ref rest @ ..] => {
                self.packages(OwnerPath::User, &self.ghcr.owner, rest)
            }
            _ => Err(nothing()),
        }
    }

    /// Checks user agent, token and rate limit.
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent>
    fn check_client(&self, rate_limit: RateLimit) -> Result<(), Problem> {
        if self.call.header(&header::USER_AGENT).is_none_or(str::is_empty) {
            let message = "Request forbidden by administrative rules: there is no User-Agent";
            return Err(Problem::new(StatusCode::FORBIDDEN, message));
        }
        match credentials(self.call) {
            Credentials::Bearer(token) if token == self.ghcr.token => {}
            Credentials::Absent => return Err(Problem::of(StatusCode::UNAUTHORIZED)),
            _ => return Err(Problem::new(StatusCode::UNAUTHORIZED, "Bad credentials")),
        }
        if rate_limit.exceeded() {
            return Err(Problem::new(StatusCode::FORBIDDEN, "API rate limit exceeded"));
        }
        Ok(())
    }

    /// `GET /user`; a workflow's token has no user.
    fn own_user(&self) -> Result<Answer, Problem> {
        self.require_method(&Method::GET)?;
        if self.ghcr.token_kind == TokenKind::Actions {
            return Err(not_for_integrations());
        }
        let login = match self.ghcr.owner_kind {
            OwnerKind::User => self.ghcr.owner.as_str(),
            OwnerKind::Organization => "octocat",
        };
        Ok(Answer::json(StatusCode::OK, &json!({"login": login, "id": 1, "type": "User"})))
    }

    /// `GET /users/{login}`, which answers for organizations as well.
    fn account(&self, login: &str) -> Result<Answer, Problem> {
        self.require_method(&Method::GET)?;
        if !login.eq_ignore_ascii_case(&self.ghcr.owner) {
            return Err(Problem::of(StatusCode::NOT_FOUND));
        }
        let kind = match self.ghcr.owner_kind {
            OwnerKind::Organization => "Organization",
            OwnerKind::User => "User",
        };
        let body = json!({"login": self.ghcr.owner, "id": 2, "type": kind});
        Ok(Answer::json(StatusCode::OK, &body))
    }

    fn packages(&self, root: OwnerPath, login: &str, rest: &[&str]) -> Result<Answer, Problem> {
        let fits = match (root, self.ghcr.owner_kind) {
            (OwnerPath::Orgs, OwnerKind::Organization) | (OwnerPath::Users, OwnerKind::User) => {
                true
            }
            (OwnerPath::User, OwnerKind::User) => self.ghcr.token_kind == TokenKind::Classic,
            _ => false,
        };
        if !fits || !login.eq_ignore_ascii_case(&self.ghcr.owner) {
            return Err(Problem::of(StatusCode::NOT_FOUND));
        }
        self.require_scope(PackageScope::Read)?;
        let place = |name| self.place(root, name);
        match (&self.call.method, rest) {
            (&Method::GET, []) if self.ghcr.token_kind == TokenKind::Actions => {
                Err(not_for_integrations())
            }
            (&Method::GET, []) => listing::packages(self, root),
            (&Method::GET, ["container", name]) => {
                Ok(Answer::json(StatusCode::OK, &listing::package(self, &place(name)?)))
            }
            (&Method::GET, ["container", name, "versions"]) => {
                listing::versions(self, &place(name)?)
            }
            (method, ["container", name, "versions", id, rest @ ..]) => {
                let id = id.parse().map_err(|_| Problem::no_version())?;
                let place = place(name)?;
                match (method, rest) {
                    (&Method::GET, []) => listing::version(self, &place, id),
                    (&Method::DELETE, []) => self.delete(&place, id),
                    (&Method::POST, ["restore"]) => self.restore(&place, id),
                    _ => Err(Problem::of(StatusCode::NOT_FOUND)),
                }
            }
            _ => Err(Problem::of(StatusCode::NOT_FOUND)),
        }
    }

    /// The package of this name, if it has or had versions.
    fn place(&self, root: OwnerPath, name: &str) -> Result<Package, Problem> {
        let path = RepositoryPath::parse(&format!("{}/{name}", self.ghcr.owner));
        let path = path.map_err(|_| Problem::no_package())?;
        if self.shared.store.tags(&path).is_none() {
            return Err(Problem::no_package());
        }
        Ok(Package { root, name: name.to_owned(), path })
    }

    /// Deletes a version with all its tags; it can be restored.
    fn delete(&self, package: &Package, id: u64) -> Result<Answer, Problem> {
        self.require_scope(PackageScope::Delete)?;
        let live = self.shared.versions.live(&self.shared.store, &package.path);
        let tagged = live.iter().filter(|version| !version.tags.is_empty()).count();
        let version = live.into_iter().find(|version| version.id == id);
        let version = version.ok_or_else(Problem::no_version)?;
        if self.ghcr.public && self.downloads(package, &version) > MANY_DOWNLOADS {
            return Err(Problem::many_downloads());
        }
        if tagged == 1 && !version.tags.is_empty() {
            return Err(Problem::last_tagged_version());
        }
        if let Some(status) = self.shared.quirks.locked(&version.digest) {
            return Err(Problem::new(status, "This version is locked"));
        }
        let now = self.shared.clock.now();
        if !self.shared.quirks.has(&Quirk::DeleteDoesNothing) {
            self.shared.versions.delete(&self.shared.store, &package.path, version, now);
        }
        Ok(Answer::new(StatusCode::NO_CONTENT))
    }

    fn downloads(&self, package: &Package, version: &Version) -> u64 {
        let before = self.ghcr.downloads.get(&version.digest).copied().unwrap_or(0);
        before.saturating_add(self.shared.versions.downloads(&package.path, &version.digest))
    }

    fn restore(&self, package: &Package, id: u64) -> Result<Answer, Problem> {
        self.require_scope(PackageScope::Write)?;
        let tags = self.ghcr.restores_tags;
        if self.shared.versions.restore(&self.shared.store, &package.path, id, tags) {
            Ok(Answer::new(StatusCode::NO_CONTENT))
        } else {
            Err(Problem::no_version())
        }
    }

    fn require_scope(&self, scope: PackageScope) -> Result<(), Problem> {
        match self.ghcr.missing_right {
            _ if self.ghcr.scopes.contains(&scope) => Ok(()),
            MissingRight::NotFound => Err(Problem::no_package()),
            MissingRight::Forbidden => Err(Problem::of(StatusCode::FORBIDDEN)),
        }
    }

    fn require_method(&self, method: &Method) -> Result<(), Problem> {
        if self.call.method == *method { Ok(()) } else { Err(Problem::of(StatusCode::NOT_FOUND)) }
    }
}

fn not_for_integrations() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "Resource not accessible by integration")
}
