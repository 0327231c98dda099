//! HTTP clients of the tests' own.

/// One that never uses a proxy.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    // The library sets it before its first request; another test may have set it as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}
