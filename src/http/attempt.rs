//! One attempt at a call: waits for the host's limits, sends the request, follows redirects and reads
//! the body up to its limit.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, LOCATION};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode};
use url::Url;

use super::call::{Call, Redirects, Reply};
use super::client::Http;
use super::error::{ErrorKind, RequestError};
use super::throttle::{RequestCost, SendPermit};
use super::{authority, failure, redacted_url};

pub(super) const HOPS: usize = 5;

/// Which server answers. Only a registry's clock is compared with this machine's, not that of the
/// storage behind a redirect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Responder {
    Registry,
    RedirectTarget,
}

impl Http {
    /// Sends a call once and follows its redirects.
    pub(super) async fn attempt(&self, call: &Call) -> Result<Reply, RequestError> {
        let mut reply = self.exchange(call, Responder::Registry).await?;
        if call.redirects == Redirects::Refuse || !call.is_read() {
            return answer(call, reply);
        }
        let mut url = call.url.clone();
        for _ in 0..HOPS {
            let Some(target) = redirect_target(&url, reply.status, &reply.headers)? else {
                return answer(call, reply);
            };
            url = target;
            let next = at_redirect_target(call, &url);
            reply = self.exchange(&next, Responder::RedirectTarget).await?;
            reply.redirected = true;
            let is_other_host = url.origin() != call.url.origin();
            reply.redirected_to = is_other_host.then(|| super::authority(&url));
        }
        Err(too_many_redirects(call))
    }

    async fn exchange(&self, call: &Call, responder: Responder) -> Result<Reply, RequestError> {
        let _slot = self.throttle.enter(&authority(&call.url), call.cost).await;
        self.exchange_now(call, responder).await
    }

    /// Waits for everything that may delay a call: a free slot at the host, the request budget for
    /// these costs, the end of a pause. Then the call can be sent without waiting.
    pub(crate) async fn permission(&self, call: &Call, costs: &[RequestCost]) -> SendPermit {
        self.throttle.permission(&authority(&call.url), costs).await
    }

    /// Sends a call once, without waiting. A redirect is returned as the reply.
    ///
    /// # Errors
    /// [`RequestError`] when there is no answer, or when the host asked for a pause after the
    /// permission was given; then nothing was sent.
    pub(crate) async fn send_now(
        &self,
        call: &Call,
        _permission: &SendPermit,
    ) -> Result<Reply, RequestError> {
        let authority = authority(&call.url);
        if let Some(wait) = self.throttle.paused(&authority) {
            let message = format!("{authority} asked to wait {}s", wait.as_secs().max(1));
            return Err(RequestError::new(ErrorKind::RateLimited, message)
                .with_retry_after(Some(wait))
                .with_hint("try again later, or less often"));
        }
        self.exchange_now(call, Responder::Registry).await
    }

    async fn exchange_now(&self, call: &Call, responder: Responder) -> Result<Reply, RequestError> {
        let authority = authority(&call.url);
        let response = self.respond(call, None, responder).await?;
        let reply = self.receive(call, response).await?;
        if let Some(error) = failure::refusal(call, &reply) {
            if let Some(delay) = error.retry_after()
                && delay <= self.settings.retry_within
            {
                self.throttle.pause(&authority, delay);
            }
            return Err(error);
        }
        Ok(reply)
    }

    /// Sends a call, with a streamed body if there is one, and waits for the headers of the answer.
    pub(super) async fn respond(
        &self,
        call: &Call,
        body: Option<Body>,
        responder: Responder,
    ) -> Result<Response, RequestError> {
        let request = self.request(call, body)?;
        self.meter.request();
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let error = failure::transport(call, &error);
                tracing::debug!(method = %call.method, url = %redacted_url(&call.url), %error, "request failed");
                return Err(error);
            }
        };
        if responder == Responder::Registry {
            self.clocks.record(&authority(&call.url), response.headers());
        }
        tracing::debug!(
            method = %call.method,
            url = %redacted_url(&call.url),
            status = response.status().as_u16(),
            "request"
        );
        Ok(response)
    }

    fn request(&self, call: &Call, body: Option<Body>) -> Result<RequestBuilder, RequestError> {
        let mut request = self
            .client(&call.url)?
            .request(call.method.clone(), call.url.clone())
            .headers(call.headers.clone());
        if let Some(value) = &call.authorization {
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        if let Some(form) = &call.form {
            request = request.form(form);
        }
        if let Some(text) = &call.json {
            request = request.body(text.clone());
        }
        if let Some(bytes) = &call.bytes {
            request = request.body(Bytes::from_owner(Arc::clone(bytes)));
        }
        Ok(match body {
            Some(body) => request.body(body),
            None => request,
        })
    }

    pub(super) async fn receive(
        &self,
        call: &Call,
        mut response: Response,
    ) -> Result<Reply, RequestError> {
        let status = response.status();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        if call.method != Method::HEAD {
            while let Some(chunk) =
                response.chunk().await.map_err(|error| failure::transport(call, &error))?
            {
                self.meter.received(chunk.len());
                if body.len() + chunk.len() > call.body_limit {
                    let limit = call.body_limit;
                    let message = format!(
                        "{} answered with more than {limit} bytes",
                        redacted_url(&call.url)
                    );
                    return Err(RequestError::new(ErrorKind::BadAnswer, message));
                }
                body.extend_from_slice(&chunk);
            }
        }
        let secrets = self.secrets().clone();
        Ok(Reply { status, headers, body, redirected: false, redirected_to: None, secrets })
    }
}

fn answer(call: &Call, reply: Reply) -> Result<Reply, RequestError> {
    if reply.status.is_redirection() && call.redirects == Redirects::Follow {
        let message = format!(
            "{} redirects without a valid `Location` ({})",
            redacted_url(&call.url),
            reply.status
        );
        return Err(RequestError::new(ErrorKind::BadAnswer, message));
    }
    Ok(reply)
}

/// The same call to the target of a redirect, without credentials and other additions.
pub(super) fn at_redirect_target(call: &Call, url: &Url) -> Call {
    Call {
        url: url.clone(),
        authorization: None,
        headers: accept_only(&call.headers),
        ..call.clone()
    }
}

pub(super) fn too_many_redirects(call: &Call) -> RequestError {
    let message = format!("{} redirects more than {HOPS} times", redacted_url(&call.url));
    RequestError::new(ErrorKind::BadAnswer, message)
}

pub(super) fn redirect_target(
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, RequestError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else {
        return Ok(None);
    };
    let target = location.to_str().ok().and_then(|text| from.join(text).ok());
    let Some(target) = target.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        let message = format!("{} redirects to an invalid address", redacted_url(from));
        return Err(RequestError::new(ErrorKind::BadAnswer, message));
    };
    if from.scheme() == "https" && target.scheme() == "http" {
        let message = format!(
            "{} redirects from https to plain http, to {}",
            redacted_url(from),
            authority(&target)
        );
        return Err(RequestError::new(ErrorKind::BadAnswer, message));
    }
    Ok(Some(target))
}

fn accept_only(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "accept" | "accept-encoding" | "range"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
