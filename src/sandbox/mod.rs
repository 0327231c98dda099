//! Embedded registries, and an embedded GitHub: HTTP servers in this process that behave as real ones do.
//!
//! The demo and the tests run against them, and users can try a policy with them. Everything is
//! in memory and lost when the [`Sandbox`] is dropped. There is no TLS.

mod access;
mod auth;
mod body;
mod call;
mod clock;
mod connection;
pub mod content;
pub mod docr;
mod fault;
pub mod ghcr;
pub mod github;
pub mod history;
mod log;
mod oci;
mod page;
mod quirk;
mod rate_limit;
mod reply;
mod response;
mod rest;
mod server;
mod settings;
mod shared;
mod store;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use access::{Access, Faults};
pub use auth::Auth;
pub use fault::{
    DigestMismatch, Fault, FaultKind, HoldHandle, HoldPoint, InvalidFault, Matcher, RetryAfter,
    Times,
};
pub use log::{Authorization, RequestRecord};
pub use page::Order;
pub use quirk::{Quirk, Quirks};
pub use reply::Reply;
pub use settings::{Imitation, Listing, Settings, TagDelete};
pub use store::{Store, StoredBlob, StoredManifest, StoredTag};

use connection::{ConnectionHandle, CountingListener};
use shared::Shared;

/// How long requests under way may take once the registry is stopped.
const GRACE: Duration = Duration::from_millis(500);

/// A running registry; it stops when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepted: Arc<AtomicUsize>,
    /// Dropping it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Starts a registry on the current tokio runtime. Port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(listen: SocketAddr, settings: Settings, store: Store) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let (sandbox, serving) = Self::prepare(listener, settings, store)?;
        tokio::spawn(serving);
        Ok(sandbox)
    }

    /// Starts a registry on a thread and runtime of its own, for callers without one.
    ///
    /// # Errors
    /// When the address cannot be listened on, or no thread can be had.
    pub fn start_in_background(
        listen: SocketAddr,
        settings: Settings,
        store: Store,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (sandbox, serving) = Self::prepare(listener, settings, store)?;
        std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || runtime.block_on(serving))?;
        Ok(sandbox)
    }

    /// The handle of a registry, and the future that runs it.
    fn prepare(
        listener: TcpListener,
        settings: Settings,
        store: Store,
    ) -> io::Result<(Self, impl Future<Output = ()> + Send + 'static)> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            clock: clock::Clock::starting_at(settings.now),
            quirks: Quirks::new(settings.quirks.clone()),
            settings: settings.with_imitated_settings(),
            store,
            faults: Faults::default(),
            log: log::Log::default(),
            tokens: auth::Tokens::default(),
            uploads: oci::Uploads::default(),
            concurrency: shared::Concurrency::default(),
            rate_limiter: rate_limit::RateLimiter::default(),
            collections: docr::Collections::default(),
            versions: ghcr::Versions::default(),
        });
        let accepted = Arc::new(AtomicUsize::new(0));
        let listener = CountingListener::new(listener, Arc::clone(&accepted));
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&shared), stopped);
        Ok((Self { address, shared, accepted, _stop: stop }, serving))
    }

    /// The address that it listens on, the port resolved.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The address as a URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The content of the registry.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// The faults; they can be added while it runs.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The quirks, to be switched on and off while it runs.
    #[must_use]
    pub fn quirks(&self) -> &Quirks {
        &self.shared.quirks
    }

    /// Direct access, without a request.
    #[must_use]
    pub fn access(&self) -> Access<'_> {
        self.shared.access()
    }

    /// All requests since the start or the last clearing, in the order in which they came.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.log.records()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// How many uploads were begun, and neither ended nor cancelled.
    #[must_use]
    pub fn unfinished_uploads(&self) -> usize {
        self.shared.uploads.unfinished()
    }

    /// How many connections were accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many requests were being answered at the same time, at most.
    #[must_use]
    pub fn peak_requests(&self) -> usize {
        self.shared.concurrency.peak()
    }
}

/// Serves until the sender of `stopped` is dropped, then waits up to [`GRACE`] for requests under
/// way.
async fn serve(listener: CountingListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let app = Router::new().fallback(server::handle).with_state(shared);
    let (stopping, is_stopping) = oneshot::channel::<()>();
    let stop = async move {
        let _ = stopped.await;
        drop(stopping);
    };
    let app = app.into_make_service_with_connect_info::<ConnectionHandle>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(stop);
    let grace_over = async move {
        let _ = is_stopping.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        _ = serving => {}
        () = grace_over => {}
    }
}
