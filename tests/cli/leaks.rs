//! A secret that a registry repeats, in whatever spelling and wherever it can, is in nothing that
//! any command leaves: output, log, files.
//!
//! The moods of the registry, the commands and the formats take turns. With `TAGS_EXHAUSTIVE=1`
//! every command meets every mood in every format.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tags::sandbox::content::{BuiltImage, Format, ManifestBytes};
use tags::sandbox::docr::DocrSettings;
use tags::sandbox::ghcr::{GhcrSettings, OwnerKind};
use tags::sandbox::{Auth, Sandbox, Settings, Store};

use crate::cleaning;
use crate::repeating::{Mood, Repeating, SECRET, USER, spellings, words};
use crate::support::{
    backend,
    program::{Home, Run, now},
    registries, tag,
};
use crate::world::{MID, NEW, OLD, build};

const OLDEST: &str = "dddddddddddddddddddddddddddddddddddddd00";
const MOODS: [Mood; 14] = [
    Mood::Friendly,
    Mood::Refusing("", "/v2/", 401),
    Mood::Refusing("", "/token", 403),
    Mood::Refusing("", "/manifests/", 403),
    Mood::Refusing("", "/manifests/", 418),
    Mood::Refusing("DELETE", "", 403),
    Mood::Refusing("PUT", "", 400),
    Mood::Refusing("", "/v2/registries", 429),
    Mood::Refusing("GET", "tags", 404),
    Mood::Refusing("GET", "/versions", 403),
    Mood::Refusing("", "garbage-collection", 403),
    Mood::Redirecting("/manifests/"),
    Mood::Garbled("tags"),
    Mood::Linking("/tags"),
];
const FORMATS: [&str; 4] = ["human", "json", "github", "markdown"];

/// One kind of registry behind the proxy, and all that was written so far.
struct Scene {
    kind: &'static str,
    registry: Sandbox,
    proxy: Repeating,
    home: Home,
    written: String,
    redacted: usize,
    turn: usize,
}

fn settings(kind: &str) -> Settings {
    let token = SECRET.to_owned();
    match kind {
        "docr" => Settings::docr(DocrSettings::new("acme", SECRET), now()),
        "ghcr" => {
            let ghcr = GhcrSettings::new("acme", OwnerKind::Organization, SECRET);
            Settings::ghcr(ghcr, now())
        }
        _ => {
            let user = USER.to_owned();
            let auth =
                Auth::Token { user, password: token, expires_in: None, anonymous_pull: false };
            Settings { auth, ..Settings::default() }
        }
    }
}

/// The same image with a text in its annotations.
fn annotated(image: BuiltImage, text: &str) -> BuiltImage {
    let mut value: Value = serde_json::from_slice(&image.root.bytes).expect("JSON");
    value["annotations"] = json!({ "org.example.note": text, text: "x" });
    let root = ManifestBytes::new(&image.root.media_type, value);
    BuiltImage { root, ..image }
}

fn fill(store: &Store, clock: DateTime<Utc>) {
    let path = backend();
    for (age, sha) in [(50, OLDEST), (40, OLD), (30, MID), (20, NEW)] {
        let mut image =
            BuiltImage::single(&build("backend", sha, TimeDelta::days(age)), Format::Oci);
        if sha == OLD {
            image = annotated(image, &words());
        }
        let mut tags = vec![tag(&format!("prod-{sha}"))];
        if sha == NEW {
            tags.push(tag("prod-latest"));
        }
        store.push(&path, &image, &tags, Some(clock - TimeDelta::days(age)));
        let signature = BuiltImage::artifact(&image.root, "application/x.sig", b"x");
        // What belongs to the oldest can be deleted.
        let note = if sha == OLDEST { "x" } else { SECRET };
        let signature = annotated(signature, note);
        store.push(&path, &signature, &[], Some(clock - TimeDelta::days(age)));
    }
}

/// A tag that is called like the secret.
fn add_tag(store: &Store, clock: DateTime<Utc>) {
    let path = backend();
    let other = BuiltImage::single(&build("x", NEW, TimeDelta::days(9)), Format::Oci);
    store.push(&path, &other, &[tag(SECRET)], Some(clock - TimeDelta::days(60)));
}

fn policy(kind: &str, addr: std::net::SocketAddr) -> String {
    let more = match kind {
        "docker" => String::new(),
        "oci" => "token-env = \"TOKEN\"\nusername-env = \"NAME\"\n".to_owned(),
        _ => format!("namespace = \"acme\"\napi-url = \"http://{addr}\"\n"),
    };
    let (repository, order) = match kind {
        "oci" | "docker" => ("acme/backend", "order = \"built\"\n"),
        _ => ("backend", ""),
    };
    let real = if kind == "docker" { "oci" } else { kind };
    format!(
        "version = 1\n[registry.it]\nkind = \"{real}\"\nurl = \"http://{addr}\"\n{more}\
         [image.backend]\nrepositories = {{ it = \"{repository}\" }}\n\
         [environment.prod]\nbranch = \"main\"\nsha-tag = \"prod-{{sha}}\"\n\
         latest-tag = \"prod-latest\"\n{order}\
         [[retention]]\nenvironments = [\"prod\"]\nkeep-last = 1\n\
         [[retention]]\ntags = [\"s3cr3t*\"]\nkeep-last = 1\nkeep-within = \"1d\"\n\
         [untagged]\nkeep-within = \"1d\"\n\
         [protect]\nrollback-depth = 1\n[limits]\nmax-share = 1.0\n"
    )
}

/// A workflow with the secret in a line that the linter shows.
fn workflow() -> String {
    format!(
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - run: docker login -u x -p {SECRET} ghcr.io && docker push ghcr.io/acme/backend:{SECRET}\n"
    )
}

impl Scene {
    fn new(kind: &'static str) -> Self {
        let settings = settings(kind);
        let registry = registries::start(settings);
        fill(registry.store(), now());
        let proxy = Repeating::before(registry.url());
        let home = Home::of(&policy(kind, proxy.addr));
        home.file(".github/workflows/x.yml", &workflow());
        Self { kind, registry, proxy, home, written: String::new(), redacted: 0, turn: 0 }
    }

    fn run(&mut self, words: &[&str], format: &str) -> Run {
        let log = if self.turn.is_multiple_of(2) { "text" } else { "json" };
        let arguments = [words, &["-vv", "--format", format, "--log-format", log]].concat();
        let file = |name: &str| self.home.path().join(name);
        let run = self.home.run(&arguments, |command| {
            command
                .env("NAME", USER)
                .env(self.variable(), SECRET)
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_OUTPUT", file("output"))
                .env("GITHUB_STEP_SUMMARY", file("summary"))
        });
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!matches!(run.code, -1 | 101), "{words:?} {run:?}");
        self.redacted += usize::from(said.contains("***"));
        self.written.push_str(&said);
        run
    }

    fn variable(&self) -> &'static str {
        match self.kind {
            "docr" => "DIGITALOCEAN_ACCESS_TOKEN",
            "ghcr" => "GITHUB_TOKEN",
            "docker" => "OTHER",
            _ => "TOKEN",
        }
    }

    /// Every command, in this mood; what deletes comes last.
    fn all_commands(&mut self, mood: Mood) {
        self.proxy.be(mood);
        let tag = format!("{}/acme/backend:{SECRET}", self.proxy.addr);
        let journal = format!("j{}.jsonl", self.turn);
        let commands: [&[&str]; 14] = [
            &["verify", "prod", "--sha", NEW],
            &["verify", "prod", "--sha", OLD],
            &["rollback-target", "prod"],
            &["list", "prod"],
            &["explain", &tag],
            &["explain", "prod", OLD],
            &["cleanup"],
            &["cleanup", "--out", "other.json"],
            &["doctor"],
            &["gc", "it", "--wait", "1s"],
            &["lint"],
            &["apply", "plan.json", "--journal", &journal],
            &["undo", "first.jsonl"],
            &["cleanup", "--apply"],
        ];
        // An odd number of commands would do this by itself.
        self.turn += 1;
        for command in commands {
            self.turn += 1;
            // A mood meets every other command, and the next mood the others.
            if mood != Mood::Friendly && !exhaustive() && self.turn.is_multiple_of(2) {
                continue;
            }
            for (number, format) in FORMATS.iter().enumerate() {
                if exhaustive() || number == (self.turn / 2) % FORMATS.len() {
                    self.run(command, format);
                }
            }
        }
    }

    /// Nothing that was written has the secret, a whole spelling of it or the first half of one.
    fn holds_nothing(&self) {
        let mut forbidden = spellings();
        let shown =
            self.registry.requests().into_iter().filter_map(|request| request.authorization);
        forbidden.extend(shown.map(|authorization| authorization.value));
        forbidden.sort();
        forbidden.dedup();
        assert!(forbidden.len() > 8, "{forbidden:?}");
        let mut all = vec![("output".to_owned(), self.written.clone())];
        let own = ["tags.toml", ".github"].map(|name| self.home.path().join(name));
        files(self.home.path(), &own, &mut all);
        assert!(all.iter().any(|(name, _)| name.contains(".jsonl")) && all.len() > 5);
        for (name, text) in &all {
            for secret in &forbidden {
                let half = &secret[..secret.len() / 2];
                let at = text.find(half);
                let near = at.map(|at| &text[at.saturating_sub(300)..(at + 100).min(text.len())]);
                assert_eq!(near, None, "{} in {name}, {}", half, self.kind);
            }
        }
    }
}

fn exhaustive() -> bool {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how many")]
    std::env::var_os("TAGS_EXHAUSTIVE").is_some()
}

/// The files below a folder as text, with what cannot be text left out.
fn files(folder: &Path, own: &[std::path::PathBuf], found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if own.contains(&path) {
            continue;
        }
        if path.is_dir() {
            files(&path, own, found);
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            found.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
}

fn nothing_leaks_from(kind: &'static str) {
    let mut scene = Scene::new(kind);
    let plan = scene.run(&["cleanup", "--out", "plan.json"], "human");
    assert_eq!(plan.code, 0, "{plan:?}");
    let applied = scene.run(&["apply", "plan.json", "--journal", "first.jsonl"], "json");
    assert!(applied.stdout.contains("cannot be recorded"), "{applied:?}");
    assert!(cleaning::results(&applied.json(), "deleted") > 0, "{applied:?}");
    add_tag(scene.registry.store(), now());
    let named = scene.run(&["cleanup", "--out", "named.json"], "human");
    let path = scene.home.path().join("named.json");
    let text = std::fs::read_to_string(path).expect("a plan");
    assert!(named.code == 0 && text.contains("***"), "{named:?} {text}");
    for mood in MOODS {
        scene.all_commands(mood);
        // Whatever a mood did, the next one finds the same.
        fill(scene.registry.store(), now());
    }
    scene.holds_nothing();
    assert!(scene.redacted > 20, "the secret was hardly ever told: {}", scene.redacted);
}

/// A password that no variable holds is known once it was looked up.
#[test]
fn no_password_of_docker_is_written_anywhere() {
    let mut scene = Scene::new("docker");
    let entry = format!("\"{}\": {{\"auth\": \"{}\"}}", scene.proxy.addr, spellings()[2]);
    let folder = scene.home.path().join(".docker");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = format!("{{\"auths\": {{{entry}}}}}");
    std::fs::write(folder.join("config.json"), text).expect("a config");
    for mood in [Mood::Refusing("", "/token", 403), Mood::Refusing("", "/tags/", 403)] {
        scene.proxy.be(mood);
        let run = scene.run(&["list", "prod"], "human");
        assert!(run.stdout.contains("***") || run.stderr.contains("***"), "{run:?}");
        for secret in spellings() {
            assert!(!scene.written.contains(&secret[..secret.len() / 2]), "{run:?}");
        }
    }
}

#[test]
fn no_secret_that_a_plain_registry_repeats_is_written_anywhere() {
    nothing_leaks_from("oci");
}

#[test]
fn no_secret_that_digitaloceans_registry_repeats_is_written_anywhere() {
    nothing_leaks_from("docr");
}

#[test]
fn no_secret_that_githubs_registry_repeats_is_written_anywhere() {
    nothing_leaks_from("ghcr");
}
