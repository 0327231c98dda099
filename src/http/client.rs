//! The HTTP clients of the process: one for other hosts, one for this machine.
//!
//! Requests to this machine never go through a proxy. Without any CA certificates on the machine the
//! usual public ones are built in, so that the program works in an empty container image.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use url::Url;

use super::authority;
use super::call::{Call, Redirects};
use super::clocks::{Clocks, LocalTime};
use super::error::{ErrorKind, RegistryError};
use super::meter::Meter;
use super::throttle::{HostBudget, Throttle};
use super::trust::Trust;
use crate::model::{ClockSample, is_loopback};
use crate::secrets::Secrets;

/// How the transport behaves; the defaults suit CI and people.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long one request may take, its body included.
    pub timeout: Duration,
    /// How long retries of one request may go on, waiting included.
    pub retry_within: Duration,
    /// How many requests one host gets at once.
    pub at_once: usize,
    /// To which hosts credentials may go.
    pub trust: Trust,
    /// What is a secret; tokens that come in are added.
    pub secrets: Secrets,
    /// This machine's clock, beside which those of the hosts are held; without it they are not.
    pub local_time: Option<LocalTime>,
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
        }
    }
}

/// The transport of a process: connections, places at each host, counters.
#[derive(Debug)]
pub struct Http {
    pub(super) settings: TransportSettings,
    pub(super) throttle: Throttle,
    pub(super) meter: Arc<Meter>,
    pub(super) clocks: Clocks,
    world: OnceLock<Client>,
    loopback: OnceLock<Client>,
}

impl Http {
    /// A transport; nothing is opened before the first request.
    #[must_use]
    pub fn new(settings: TransportSettings) -> Self {
        Self {
            throttle: Throttle::new(settings.at_once),
            clocks: Clocks::beside(settings.local_time.clone()),
            settings,
            meter: Arc::default(),
            world: OnceLock::new(),
            loopback: OnceLock::new(),
        }
    }

    /// Keeps within what a host takes in a minute.
    pub(crate) fn limit(&self, url: &Url, budget: HostBudget) {
        self.throttle.limit(&authority(url), budget);
    }

    /// To which hosts credentials may go.
    pub(crate) fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// What is a secret.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.settings.secrets
    }

    /// The counters.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// What the clocks of the hosts showed that answered so far.
    #[must_use]
    pub fn clock_samples(&self) -> Vec<ClockSample> {
        self.clocks.samples()
    }

    /// Asks a registry for its time, unless an earlier answer had it. Any answer will do, so a
    /// failure is neither reported nor retried.
    pub(crate) async fn clock_ask(&self, registry: &Url) {
        let Ok(url) = registry.join("/v2/") else { return };
        if !self.clocks.knows(&authority(&url)) {
            let call = Call::get(url).redirects(Redirects::Refuse);
            if let Err(error) = self.attempt(&call).await {
                tracing::debug!(%error, "no time was told");
            }
        }
    }

    /// The client for a URL.
    pub(super) fn client(&self, url: &Url) -> Result<&Client, RegistryError> {
        let local = is_loopback(url);
        let cell = if local { &self.loopback } else { &self.world };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        choose_cryptography();
        let build = || {
            let builder = self.builder();
            if local { builder.no_proxy() } else { builder }
        };
        let client = build().build().or_else(|_| build().tls_certs_merge(public_roots()).build());
        let client = client.map_err(|error| {
            let message = format!("cannot set up a connection to {}", authority(url));
            RegistryError::new(ErrorKind::Client, message)
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

/// Sets what TLS computes with, once for the process; what a program around this library has set
/// already stays.
fn choose_cryptography() {
    let provider = rustls::crypto::ring::default_provider();
    if provider.install_default().is_err() {
        tracing::trace!("the cryptography of TLS is set already");
    }
}

fn public_roots() -> Vec<Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect()
}
