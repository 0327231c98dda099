//! The registries, and the program that is measured.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tags::model::{Digest, Platform, RepositoryPath, TagName};
use tags::policy::Policy;
use tags::registry::{ConnectSettings, Connections, ContentCache, anonymous};
use tags::sandbox::content::{Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings, Store};

use crate::ROUNDS;

pub(crate) const REPOSITORY: &str = "acme/app";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
/// The tag of the image that is copied.
pub(crate) const TAG: &str = "prod-0123456789abcdef0123456789abcdef01234567";
/// The size of its layer in bytes.
const LAYER: usize = 48 << 20;

/// The latest tag, and SHA tags after it.
pub(crate) fn tag(number: usize) -> TagName {
    let text = match number {
        0 => "prod-latest".to_owned(),
        _ => format!("prod-{}", &Digest::of(&number.to_le_bytes()).encoded()[..40]),
    };
    TagName::parse(&text).unwrap()
}

fn repository() -> RepositoryPath {
    RepositoryPath::parse(REPOSITORY).unwrap()
}

fn image(text: String) -> BuiltImage {
    let platform =
        Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None };
    let created: DateTime<Utc> = "2026-07-01T12:00:00Z".parse().unwrap();
    let build = Build { created, revision: SHA.to_owned(), platform, text };
    BuiltImage::single(&build, Format::Oci)
}

fn registry() -> Sandbox {
    let listen = ([127, 0, 0, 1], 0).into();
    Sandbox::start_in_background(listen, Settings::default(), Store::new()).unwrap()
}

fn policy(urls: &[String]) -> String {
    let names: Vec<String> = (0..urls.len()).map(|number| format!("r{number}")).collect();
    let registries: String = names
        .iter()
        .zip(urls)
        .map(|(name, url)| format!("[registry.{name}]\nkind = \"oci\"\nurl = \"{url}\"\n"))
        .collect();
    let places: Vec<String> =
        names.iter().map(|name| format!("{name} = \"{REPOSITORY}\"")).collect();
    format!(
        "version = 1\n{registries}[image.app]\nrepositories = {{ {} }}\n[environment.prod]\n\
         sha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\norder = \"built\"\n",
        places.join(", ")
    )
}

/// A directory with a policy, in which the program is run.
struct Home(tempfile::TempDir);

impl Home {
    fn new(urls: &[String]) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("tags.toml"), policy(urls)).unwrap();
        Self(home)
    }

    fn tags(&self, words: &[&str]) {
        let run = Command::new(env!("CARGO_BIN_EXE_tags"))
            .args(words)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .stdout(Stdio::null())
            .output()
            .unwrap();
        let code = run.status.code();
        assert_eq!(code, Some(0), "{words:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

/// A registry with one image under many tags.
pub(crate) struct World {
    registry: Sandbox,
    home: Home,
}

impl World {
    pub(crate) fn with_tags(count: usize) -> Self {
        let registry = registry();
        let tags: Vec<TagName> = (0..count).map(tag).collect();
        registry.store().push(&repository(), &image("small".to_owned()), &tags, None);
        Self { home: Home::new(&[registry.url()]), registry }
    }

    pub(crate) fn url(&self) -> String {
        self.registry.url()
    }

    pub(crate) fn host(&self) -> String {
        self.registry.addr().to_string()
    }

    pub(crate) fn tags(&self, words: &[&str]) {
        self.home.tags(words);
    }

    pub(crate) fn library_list(&self, count: usize) {
        let policy: Policy = tags::policy::parse("tags.toml", &policy(&[self.url()])).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let settings = ConnectSettings {
            transport: tags::http::TransportSettings::default(),
            keychain: anonymous(),
            cache: ContentCache::in_memory(),
        };
        let connections = Connections::new(&policy, settings);
        let backend = connections.registry(policy.registries.keys().next().unwrap()).unwrap();
        let listing = runtime.block_on(backend.tag_list(&repository()));
        assert_eq!((listing.tags.len(), listing.broken.is_none()), (count, true));
    }
}

/// A registry that has an image, and one that gets it in each round.
pub(crate) struct Copying {
    from: Sandbox,
    to: Sandbox,
    home: Home,
}

impl Copying {
    pub(crate) fn new() -> Self {
        let (from, to) = (registry(), registry());
        // Without it the repository would be unknown to the target.
        let small = image("small".to_owned());
        let other = [TagName::parse("other").unwrap()];
        to.store().push(&repository(), &small, &other, None);
        let large = image("0123456789abcdef".repeat(LAYER / 16));
        from.store().push(&repository(), &large, &[TagName::parse(TAG).unwrap()], None);
        let home = Home::new(&[from.url(), to.url()]);
        Self { from, to, home }
    }

    pub(crate) fn from(&self) -> String {
        self.from.url()
    }

    pub(crate) fn to(&self) -> String {
        self.to.url()
    }

    pub(crate) fn tags(&self, words: &[&str]) {
        self.home.tags(&[words, &["--sha", SHA]].concat());
    }

    /// The median of several copies, each to a registry without the image.
    pub(crate) fn median(&self, mut work: impl FnMut(&Self)) -> Duration {
        let image = self.from.store().resolve(&repository(), &TagName::parse(TAG).unwrap());
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let begin = Instant::now();
                work(self);
                let took = begin.elapsed();
                let (store, tag) = (self.to.store(), TagName::parse(TAG).unwrap());
                assert_eq!(store.resolve(&repository(), &tag), image, "it was copied");
                store.remove_tag(&repository(), &tag);
                for digest in self.from.store().blobs(&repository()).keys() {
                    store.remove_blob(&repository(), digest);
                }
                for digest in store.manifests(&repository()).keys() {
                    store.remove_manifest(&repository(), digest);
                }
                took
            })
            .collect();
        times.sort();
        times[ROUNDS / 2]
    }
}
