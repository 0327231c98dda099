//! Which addresses are on this machine.

use url::{Host, Url};

/// Whether a URL certainly points to this machine: `localhost` or a loopback address. Subdomains of
/// `localhost` do not count, since some systems ask a name server for them.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
