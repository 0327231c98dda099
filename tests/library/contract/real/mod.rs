//! Somebody else's registry, Debian's `docker-registry`, passes the suite that the embedded one
//! passes; and images that somebody else's tool, `skopeo`, has copied are understood.
//!
//! Without the packages everything here is skipped, unless `TAGS_REQUIRE_REAL_REGISTRY=1` is set.

mod debian;
mod layout;
mod skopeo;
mod token_server;

mod deletion_off {
    crate::contract::deletion_off!(super::debian::with_deletion_off());
}

mod open {
    crate::contract::plain_registry!(super::debian::open());
    crate::contract::whole_manifests!(super::debian::open());
    crate::contract::referrers_unknown!(super::debian::open());
}

mod password {
    crate::contract::plain_registry!(super::debian::with_password());
    crate::contract::whole_manifests!(super::debian::with_password());
    crate::contract::referrers_unknown!(super::debian::with_password());
    crate::contract::guarded_registry!(super::debian::with_password());
}

mod token {
    crate::contract::plain_registry!(super::debian::with_tokens());
    crate::contract::whole_manifests!(super::debian::with_tokens());
    crate::contract::referrers_unknown!(super::debian::with_tokens());
    crate::contract::guarded_registry!(super::debian::with_tokens());
    crate::contract::token_registry!(super::debian::with_tokens());
}
