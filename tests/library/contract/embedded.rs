//! The embedded registries pass the suite that the registries of others pass, whoever they let in; listings are understood in every way of giving them out that has been seen.

use tags::model::{Digest, RepositoryPath};
use tags::policy::RegistryKind;
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Auth, Listing, Sandbox, Settings, Store, StoredTag};

use crate::contract::{ALICE, Backdoor, Login, Subject};
use crate::support::registries;
use crate::support::{path, tag};

impl Backdoor for Sandbox {
    fn blob_remove(&self, repository: &RepositoryPath, digest: &Digest) {
        assert!(self.store().remove_blob(repository, digest));
    }

    fn manifest_remove(&self, repository: &RepositoryPath, digest: &Digest) {
        assert!(self.store().remove_manifest(repository, digest));
    }

    fn token_end(&self) {
        registries::fault(self, "401@/v2/acme/");
    }
}

async fn start(settings: Settings, store: Store) -> Subject {
    let login = (settings.auth != Auth::None).then_some(ALICE);
    let sandbox = registries::start_here_with(settings, store).await;
    let kind = RegistryKind::Oci;
    Subject { url: sandbox.url(), kind, login, backdoor: Box::new(sandbox) }
}

async fn letting_in(auth: Auth) -> Subject {
    start(Settings { auth, ..Settings::default() }, Store::new()).await
}

/// DigitalOcean's token is user and password.
const DOCR: Login = Login { user: "dop_v1_token", password: "dop_v1_token" };
/// GitHub takes any user with a token.
const GHCR: Login = Login { user: "token", password: "ghp_token" };

fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

async fn managed(kind: RegistryKind, login: Login, settings: Settings) -> Subject {
    let sandbox = registries::start_here(settings).await;
    Subject { url: sandbox.url(), kind, login: Some(login), backdoor: Box::new(sandbox) }
}

async fn docr() -> Subject {
    let settings = Settings::docr(DocrSettings::new("acme", DOCR.password), now());
    managed(RegistryKind::Docr, DOCR, settings).await
}

async fn ghcr() -> Subject {
    let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, GHCR.password);
    let ghcr = GhcrSettings { public: false, ..ghcr };
    managed(RegistryKind::Ghcr, GHCR, Settings::ghcr(ghcr, now())).await
}

async fn open() -> Subject {
    letting_in(Auth::None).await
}

async fn with_password() -> Subject {
    let (user, password) = (ALICE.user.to_owned(), ALICE.password.to_owned());
    letting_in(Auth::Basic { user, password }).await
}

async fn with_tokens() -> Subject {
    let (user, password) = (ALICE.user.to_owned(), ALICE.password.to_owned());
    letting_in(Auth::Token { user, password, expires_in: None, anonymous_pull: false }).await
}

async fn with_deletion_off() -> Subject {
    start(Settings { delete: false, ..Settings::default() }, Store::new()).await
}

mod deletion_off {
    crate::contract::deletion_off!(super::with_deletion_off());
}

mod open {
    crate::contract::plain_registry!(super::open());
    crate::contract::single_tags!(super::open());
    crate::contract::referrers_listed!(super::open());
}

mod password {
    crate::contract::plain_registry!(super::with_password());
    crate::contract::single_tags!(super::with_password());
    crate::contract::referrers_listed!(super::with_password());
    crate::contract::guarded_registry!(super::with_password());
}

mod docr {
    crate::contract::plain_registry!(super::docr());
    crate::contract::single_tags!(super::docr());
    crate::contract::manifests_listed!(super::docr());
    crate::contract::referrers_unknown!(super::docr());
    crate::contract::guarded_registry!(super::docr());
    crate::contract::token_registry!(super::docr());
}

mod ghcr {
    crate::contract::plain_registry!(super::ghcr());
    crate::contract::whole_manifests!(super::ghcr());
    crate::contract::manifests_listed!(super::ghcr());
    crate::contract::referrers_unknown!(super::ghcr());
    crate::contract::guarded_registry!(super::ghcr());
    crate::contract::token_registry!(super::ghcr());
}

mod token {
    crate::contract::plain_registry!(super::with_tokens());
    crate::contract::single_tags!(super::with_tokens());
    crate::contract::referrers_listed!(super::with_tokens());
    crate::contract::guarded_registry!(super::with_tokens());
    crate::contract::token_registry!(super::with_tokens());
}

/// How a listing may be given out, and how many tags make its pages come out even.
const LISTINGS: [(Listing, usize); 6] = [
    (Listing::Standard, 1000),
    (Listing::WithoutLink, 1000),
    (Listing::IgnoresPageSize, 1000),
    (Listing::NullWhenEmpty, 1000),
    (Listing::MaxPage(100), 100),
    (Listing::MaxPage(1), 1),
];

#[tokio::test]
async fn a_listing_is_whole_wherever_its_pages_end() {
    for (listing, page) in LISTINGS {
        for count in [0, 1, page - 1, page, page + 1, 2 * page, 2 * page + 1] {
            let subject = start(Settings { listing, ..Settings::default() }, holding(count)).await;
            let listed = subject.client().registry().tag_list(&path("acme/app")).await;
            assert!(listed.broken.is_none(), "{listing:?} of {count}: {:?}", listed.broken);
            let mut names: Vec<_> = listed.tags.into_iter().map(|listed| listed.tag).collect();
            names.sort();
            let expected = holding(count).tags(&path("acme/app")).unwrap();
            assert!(names.iter().eq(expected.keys()), "{listing:?} of {count}: {}", names.len());
        }
    }
}

/// A repository with so many tags, which once had one more.
fn holding(count: usize) -> Store {
    let (store, repository) = (Store::new(), path("acme/app"));
    for number in 0..=count {
        let stored = StoredTag { digest: Digest::of(b"any"), updated: None };
        store.set_tag(&repository, &tag(&format!("build-{number}")), stored);
    }
    store.remove_tag(&repository, &tag(&format!("build-{count}")));
    store
}
