//! Somebody else's registry, Debian's `docker-registry`, passes the suite that the embedded one
//! passes; and images that somebody else's tool, `skopeo`, has copied are understood.
//!
//! Without the packages everything here is skipped, unless `TAGS_REQUIRE_REAL_REGISTRY=1` is set.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as tests do")]

#[allow(dead_code, unused_macros, reason = "some statements are about what this one cannot do")]
mod contract;
#[path = "real_registry/debian.rs"]
mod debian;
#[path = "real_registry/layout.rs"]
mod layout;
#[path = "real_registry/packages.rs"]
mod packages;
#[path = "real_registry/skopeo.rs"]
mod skopeo;
#[path = "real_registry/token_server.rs"]
mod token_server;

mod deletion_off {
    crate::contract::deletion_off!(crate::debian::with_deletion_off());
}

mod open {
    crate::contract::plain_registry!(crate::debian::open());
    crate::contract::whole_manifests!(crate::debian::open());
    crate::contract::referrers_unknown!(crate::debian::open());
}

mod password {
    crate::contract::plain_registry!(crate::debian::with_password());
    crate::contract::whole_manifests!(crate::debian::with_password());
    crate::contract::referrers_unknown!(crate::debian::with_password());
    crate::contract::guarded_registry!(crate::debian::with_password());
}

mod token {
    crate::contract::plain_registry!(crate::debian::with_tokens());
    crate::contract::whole_manifests!(crate::debian::with_tokens());
    crate::contract::referrers_unknown!(crate::debian::with_tokens());
    crate::contract::guarded_registry!(crate::debian::with_tokens());
    crate::contract::token_registry!(crate::debian::with_tokens());
}
