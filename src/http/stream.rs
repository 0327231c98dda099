//! Bodies that are not kept in memory: a layer is read piece by piece, and sent on while it is read.
//!
//! A layer may take hours, so the whole transfer has no time limit. It fails if no byte moves for as long
//! as any other request may take in total.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Response};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use super::attempt::{HOPS, Responder, at_redirect_target, redirect_target, too_many_redirects};
use super::call::{Call, Reply};
use super::client::Http;
use super::error::{ErrorKind, RequestError};
use super::{authority, failure, redacted_url};

/// Longer than any layer takes: only a lack of progress ends a transfer.
const WHOLE_BODY: Duration = Duration::from_hours(24);

/// A registry may take this many times the usual timeout to store a body that it has received.
const STORING: u32 = 10;

/// An answer: the body of a 200 not yet read, or another answer already read.
#[expect(clippy::large_enum_variant, reason = "it lives for a moment")]
pub(crate) enum Opened {
    /// 200, and its body.
    Body(BodyStream),
    /// Another answer.
    Reply(Reply),
}

/// A body that is read piece by piece.
pub(crate) struct BodyStream {
    response: Response,
    /// The request, for messages.
    call: Call,
    idle: Duration,
    _place: Option<OwnedSemaphorePermit>,
}

/// Inspects each piece of a relayed body, and decides at its end whether the last piece may be sent.
pub(crate) trait Inspector: Send {
    /// The next bytes.
    fn inspect(&mut self, bytes: &[u8]);
    /// All bytes were seen.
    ///
    /// # Errors
    /// Why the body is not what it should be.
    fn finish(&self) -> Result<(), String>;
}

/// Why a body was not relayed completely.
#[derive(Debug)]
pub(crate) enum RelayError {
    /// The source failed.
    Source(RequestError),
    /// The target failed.
    Target(RequestError),
}

impl BodyStream {
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// [`RequestError`] when the connection broke, or nothing came for too long.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        match timeout(self.idle, self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| failure::transport(&self.call, &error)),
            Err(_) => Err(stalled(&self.call, "sent nothing for", self.idle)),
        }
    }
}

impl Http {
    /// Sends a call and returns its answer with the body still to be read; retried as any other call
    /// until there is an answer.
    ///
    /// # Errors
    /// [`RequestError`] when there was no answer.
    pub(crate) async fn open(&self, call: &Call) -> Result<Opened, RequestError> {
        let call = call.clone().timeout(WHOLE_BODY);
        self.retried(call.retry_policy, || self.open_once(&call)).await
    }

    async fn open_once(&self, call: &Call) -> Result<Opened, RequestError> {
        let place = self.throttle.enter(&authority(&call.url), call.cost).await;
        let mut asked = call.clone();
        for hop in 0..=HOPS {
            let redirected = hop > 0;
            let responder =
                if redirected { Responder::RedirectTarget } else { Responder::Registry };
            let idle = self.settings.timeout;
            let Ok(response) = timeout(idle, self.respond(&asked, None, responder)).await else {
                return Err(stalled(&asked, "did not answer for", idle));
            };
            let response = response?;
            let (status, headers) = (response.status(), response.headers());
            if let Some(target) = redirect_target(&asked.url, status, headers)? {
                asked = at_redirect_target(call, &target);
                continue;
            }
            if status.as_u16() == 200 {
                let body = BodyStream { response, call: asked, idle, _place: place };
                return Ok(Opened::Body(body));
            }
            let mut reply = self.receive(&asked, response).await?;
            reply.redirected = redirected;
            return match failure::refusal(&asked, &reply) {
                Some(error) => Err(error),
                None => Ok(Opened::Reply(reply)),
            };
        }
        Err(too_many_redirects(call))
    }

    /// Sends a call whose body is read from another answer, and keeps only a few pieces of it in memory.
    /// The last piece is sent only if the inspector agrees, so that a damaged body never arrives
    /// completely. There are no retries: the caller must open the source again.
    ///
    /// # Errors
    /// [`RelayError`], which says which side failed.
    pub(crate) async fn relay(
        &self,
        call: &Call,
        (source, length): (BodyStream, u64),
        inspector: &mut dyn Inspector,
    ) -> Result<Reply, RelayError> {
        let place = self.throttle.enter(&authority(&call.url), call.cost).await;
        let (sender, receiver) = mpsc::channel(2);
        let call = sized(call, length);
        let target = async {
            let response = self.respond(&call, Some(body(receiver)), Responder::Registry).await?;
            let reply = self.receive(&call, response).await?;
            failure::refusal(&call, &reply).map_or(Ok(reply), Err)
        };
        let idle = self.settings.timeout;
        let pump = Pump { source, sender, inspector, idle };
        tokio::pin!(target);
        let reply = tokio::select! {
            // An answer before the end of the body is a refusal.
            reply = &mut target => reply,
            end = pump.run() => match end {
                PumpEnd::Sent | PumpEnd::Unwanted => {
                    let storing = idle * STORING;
                    let answer = timeout(storing, target).await;
                    answer.unwrap_or_else(|_| Err(stalled(&call, "did not answer for", storing)))
                }
                PumpEnd::Stuck => Err(stalled(&call, "accepted no data for", idle)),
                PumpEnd::Broken(error) => return Err(RelayError::Source(error)),
            },
        };
        drop(place);
        reply.map_err(RelayError::Target)
    }
}

/// Reads from the source and passes the pieces on to the target's request.
struct Pump<'a> {
    source: BodyStream,
    sender: mpsc::Sender<io::Result<Bytes>>,
    inspector: &'a mut dyn Inspector,
    idle: Duration,
}

/// How the transfer ended.
enum PumpEnd {
    /// Everything was handed over.
    Sent,
    /// The target accepts no more: its answer says why.
    Unwanted,
    /// The target neither accepts more nor answers.
    Stuck,
    /// The source failed, or is not what it should be.
    Broken(RequestError),
}

impl Pump<'_> {
    async fn run(mut self) -> PumpEnd {
        // One piece is held back until another one follows, or the inspector has agreed to the whole.
        let mut held: Option<Bytes> = None;
        loop {
            let next = match self.source.chunk().await {
                Ok(next) => next,
                Err(error) => return self.break_off(error).await,
            };
            let Some(next) = next else { break };
            self.inspector.inspect(&next);
            if let Some(piece) = held.replace(next)
                && let Some(end) = self.hand_over(piece).await
            {
                return end;
            }
        }
        if let Err(problem) = self.inspector.finish() {
            let message = format!("{}: {problem}", redacted_url(&self.source.call.url));
            let error = RequestError::new(ErrorKind::BadAnswer, message)
                .with_hint("the source is damaged, or a proxy on the way changes the content");
            return self.break_off(error).await;
        }
        match held {
            Some(piece) => self.hand_over(piece).await.unwrap_or(PumpEnd::Sent),
            None => PumpEnd::Sent,
        }
    }

    /// Hands over a piece; returns how the transfer ended, if it did.
    async fn hand_over(&self, piece: Bytes) -> Option<PumpEnd> {
        match timeout(self.idle, self.sender.send(Ok(piece))).await {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(PumpEnd::Unwanted),
            Err(_) => Some(PumpEnd::Stuck),
        }
    }

    /// Makes the request fail, so that the target does not take a part for the whole body.
    async fn break_off(&self, error: RequestError) -> PumpEnd {
        let end = io::Error::new(io::ErrorKind::UnexpectedEof, "the source stopped sending");
        let _ = timeout(self.idle, self.sender.send(Err(end))).await;
        PumpEnd::Broken(error)
    }
}

/// The call with the length and type of its body.
fn sized(call: &Call, length: u64) -> Call {
    let mut headers = HeaderMap::clone(&call.headers);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Call { headers, ..call.clone() }.timeout(WHOLE_BODY)
}

fn body(receiver: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    Body::wrap_stream(stream::unfold(receiver, |mut receiver| async {
        Some((receiver.recv().await?, receiver))
    }))
}

fn stalled(call: &Call, what: &str, time: Duration) -> RequestError {
    let target = redacted_url(&call.url);
    let message = format!("{target} {what} {}", humantime::format_duration(time));
    RequestError::new(ErrorKind::Timeout, message)
        .with_hint("try again, or give it more time with --timeout")
}
