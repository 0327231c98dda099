//! The HTTP clients of the process: one for remote hosts, one for this machine.
//!
//! Requests to this machine never go through a proxy. Where the machine has no CA certificates, the
//! built-in public ones are used, so that the program works in an empty container image.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use url::Url;

use super::authority;
use super::call::{Call, Redirects};
use super::clocks::{Clocks, LocalTime};
use super::error::{ErrorKind, RequestError};
use super::meter::Meter;
use super::throttle::{HostBudget, Throttle};
use super::trust::Trust;
use crate::model::{ClockSample, is_loopback};
use crate::secrets::Secrets;

/// The settings of the transport; the defaults suit CI jobs and interactive use.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one request may take, its body included.
    pub timeout: Duration,
    /// How long one request may be retried, with the waits in between.
    pub retry_within: Duration,
    /// How many requests are sent to one host at once.
    pub at_once: usize,
    /// The hosts that credentials may be sent to.
    pub trust: Trust,
    /// The secrets to redact; tokens that are received are added.
    pub secrets: Secrets,
    /// This machine's clock, to compare those of the hosts with; without it they are not compared.
    pub local_time: Option<LocalTime>,
    /// The only authority (PEM) that may have signed the certificates of hosts; by default every one
    /// that this machine trusts.
    pub only_authority: Option<Vec<u8>>,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            retry_within: Duration::from_secs(30),
            at_once: 32,
            trust: Trust::default(),
            secrets: Secrets::default(),
            local_time: None,
            only_authority: None,
        }
    }
}

/// The transport of a process: connections, the limits of each host, counters.
#[derive(Debug)]
pub struct Http {
    pub(super) settings: TransportSettings,
    pub(super) throttle: Throttle,
    pub(super) meter: Arc<Meter>,
    pub(super) clocks: Clocks,
    remote: OnceLock<Client>,
    loopback: OnceLock<Client>,
}

impl Http {
    /// A transport; nothing is opened before the first request.
    #[must_use]
    pub fn new(settings: TransportSettings) -> Self {
        Self {
            throttle: Throttle::new(settings.at_once),
            clocks: Clocks::compared_with(settings.local_time.clone()),
            settings,
            meter: Arc::default(),
            remote: OnceLock::new(),
            loopback: OnceLock::new(),
        }
    }

    /// Limits the requests to a host per minute.
    pub(crate) fn limit(&self, url: &Url, budget: HostBudget) {
        self.throttle.limit(&authority(url), budget);
    }

    /// The hosts that credentials may be sent to.
    pub(crate) fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// The secrets to redact.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.settings.secrets
    }

    /// The counters.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The clocks of the hosts that answered so far.
    #[must_use]
    pub fn clock_samples(&self) -> Vec<ClockSample> {
        self.clocks.samples()
    }

    /// Reads a registry's clock, unless an earlier answer contained it. Any answer contains the time,
    /// so a failure is neither reported nor retried.
    pub(crate) async fn read_server_clock(&self, registry: &Url) {
        let Ok(url) = registry.join("/v2/") else { return };
        if !self.clocks.knows(&authority(&url)) {
            let call = Call::get(url).redirects(Redirects::Refuse);
            if let Err(error) = self.attempt(&call).await {
                tracing::debug!(%error, "the registry's clock could not be read");
            }
        }
    }

    /// The client for a URL.
    pub(super) fn client(&self, url: &Url) -> Result<&Client, RequestError> {
        let local = is_loopback(url);
        let cell = if local { &self.loopback } else { &self.remote };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        choose_cryptography();
        let build = || {
            let builder = self.builder();
            if local { builder.no_proxy() } else { builder }
        };
        let client = match &self.settings.only_authority {
            Some(authority) => Certificate::from_pem_bundle(authority)
                .and_then(|certificates| build().tls_certs_only(certificates).build()),
            None => build().build().or_else(|_| build().tls_certs_merge(public_roots()).build()),
        };
        let client = client.map_err(|error| {
            let message = format!("cannot set up a connection to {}", authority(url));
            RequestError::new(ErrorKind::Client, message)
                .with_source(error)
                .with_hint("check the proxy variables and SSL_CERT_FILE")
        })?;
        Ok(cell.get_or_init(|| client))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .user_agent(concat!("tags/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.settings.connect_timeout)
            .timeout(self.settings.timeout)
            .redirect(redirect::Policy::none())
            .referer(false)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(self.settings.at_once)
    }
}

/// Sets the cryptography that TLS uses, once for the process. If the program that uses this library
/// has set one already, that one is kept.
fn choose_cryptography() {
    let provider = rustls::crypto::ring::default_provider();
    if provider.install_default().is_err() {
        tracing::trace!("the cryptography that TLS uses is set already");
    }
}

fn public_roots() -> Vec<Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect()
}
