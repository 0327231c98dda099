//! The routes of the API, and what the token may do.

use axum::http::{Method, StatusCode, header};

use super::super::auth::{Credentials, credentials};
use super::super::call::{Answer, Call};
use super::super::page::parts;
use super::super::rate_limit::RateLimit;
use super::super::shared::Shared;
use super::settings::{GitHubSettings, Right, Visibility};
use super::wire::Problem;
use super::{Request, actions, deployments};

/// Answers a request, with the rate limit in its headers.
pub(in super::super) fn answer(shared: &Shared, github: &GitHubSettings, call: &Call) -> Answer {
    let request = Request { shared, github, call };
    let costs = u32::from(call.path != "/rate_limit");
    let rate_limit = shared.rate_limiter.count(github.hourly_limit, costs, shared.clock);
    let answer = request.dispatch(rate_limit).unwrap_or_else(|problem| problem.answer());
    rate_limit.with_headers(answer)
}

impl Request<'_> {
    fn dispatch(&self, rate_limit: RateLimit) -> Result<Answer, Problem> {
        let has_token = self.check_client(rate_limit)?;
        let path =
            self.call.path.strip_prefix('/').and_then(parts).ok_or_else(Problem::not_found)?;
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let rest = match *path.as_slice() {
            ["rate_limit"] if self.call.method == Method::GET => return Ok(rate_limit.overview()),
            ["repos", owner, name, ref rest @ ..] => {
                self.check_repository(&format!("{owner}/{name}"), has_token)?;
                rest
            }
            _ => return Err(Problem::not_found()),
        };
        match (&self.call.method, rest) {
            (&Method::GET, ["actions", rest @ ..]) => {
                self.require(Right::ActionsRead, has_token)?;
                self.actions(rest, has_token)
            }
            (&Method::GET, ["deployments", rest @ ..]) => {
                self.require(Right::DeploymentsRead, has_token)?;
                self.deployments(rest)
            }
            (&Method::POST, ["deployments", rest @ ..]) => {
                if !has_token {
                    return Err(Problem::of(StatusCode::UNAUTHORIZED));
                }
                self.require(Right::DeploymentsWrite, true)?;
                match rest {
                    [] => deployments::create(self),
                    [id, "statuses"] => deployments::create_status(self, number(id)?),
                    _ => Err(Problem::not_found()),
                }
            }
            _ => Err(Problem::not_found()),
        }
    }

    fn actions(&self, rest: &[&str], has_token: bool) -> Result<Answer, Problem> {
        match rest {
            ["workflows"] => actions::workflows(self),
            ["workflows", file, "runs"] => actions::runs(self, file),
            ["runs", id] => actions::run(self, number(id)?, None),
            ["runs", id, "attempts", attempt] => {
                actions::run(self, number(id)?, Some(number(attempt)?))
            }
            ["runs", id, "jobs"] => actions::jobs(self, number(id)?, None),
            ["runs", id, "attempts", attempt, "jobs"] => {
                actions::jobs(self, number(id)?, Some(number(attempt)?))
            }
            ["jobs", id] => actions::job(self, number(id)?),
            ["jobs", id, "logs"] if has_token => actions::log(self, number(id)?),
            ["jobs", _, "logs"] => {
                Err(Problem::new(StatusCode::FORBIDDEN, "Must have admin rights to Repository."))
            }
            _ => Err(Problem::not_found()),
        }
    }

    fn deployments(&self, rest: &[&str]) -> Result<Answer, Problem> {
        match rest {
            [] => deployments::list(self),
            [id] => deployments::single(self, number(id)?),
            [id, "statuses"] => deployments::statuses(self, number(id)?),
            _ => Err(Problem::not_found()),
        }
    }

    /// Checks user agent, token and rate limit; returns whether there is a token.
    ///
    /// <https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent>
    fn check_client(&self, rate_limit: RateLimit) -> Result<bool, Problem> {
        if self.call.header(&header::USER_AGENT).is_none_or(str::is_empty) {
            let message = "Request forbidden by administrative rules: there is no User-Agent";
            return Err(Problem::new(StatusCode::FORBIDDEN, message));
        }
        let has_token = match credentials(self.call) {
            Credentials::Bearer(token) if token == self.github.token => true,
            Credentials::Absent => false,
            _ => return Err(Problem::new(StatusCode::UNAUTHORIZED, "Bad credentials")),
        };
        if rate_limit.exceeded() {
            return Err(Problem::new(StatusCode::FORBIDDEN, "API rate limit exceeded"));
        }
        Ok(has_token)
    }

    fn check_repository(&self, name: &str, has_token: bool) -> Result<(), Problem> {
        let is_visible = match self.github.visibility {
            Visibility::Public => true,
            Visibility::Private => has_token,
            Visibility::Hidden => false,
        };
        if is_visible && name.eq_ignore_ascii_case(&self.github.repository) {
            return Ok(());
        }
        Err(Problem::not_found())
    }

    /// Checks a right of the token; without one, what is public may be read.
    fn require(&self, right: Right, has_token: bool) -> Result<(), Problem> {
        if !has_token || self.github.rights.contains(&right) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "Resource not accessible by integration"))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
