//! Repairs killed at every request, and layers that are larger than the memory that may be used.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tags::model::{Digest, Manifest, RepositoryPath};
use tags::policy::RegistryKind;
use tags::sandbox::content::{BuiltImage, Format, ManifestBytes, Provenance};
use tags::sandbox::docr::StateDuration;
use tags::sandbox::{HoldPoint, Quirk, Sandbox, Settings, StoredBlob};

use crate::support::program::{self, Home, Run};
use crate::support::registries::{self, TOKEN};
use crate::support::{backend, images, policy, tag};

const SHA: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01";
const PATIENCE: Duration = Duration::from_mins(1);
/// How many processes there are at a time, which mostly wait.
const AT_ONCE: usize = 3;

/// A plain registry that has a release, and another of any kind that has none.
struct Scene {
    source: Sandbox,
    target: Sandbox,
    home: Home,
}

impl Scene {
    fn new(kind: RegistryKind) -> Self {
        Self::with(registries::settings(kind, program::now()), kind)
    }

    fn with(settings: Settings, kind: RegistryKind) -> Self {
        let (source, target) =
            (registries::start(Settings::default()), registries::start(settings));
        let home = Home::with(&[("DIGITALOCEAN_ACCESS_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN)]);
        let text = [
            policy::VERSION,
            &policy::registry("source", RegistryKind::Oci, &source.url()),
            &policy::registry("target", kind, &target.url()),
            &policy::image("backend", &["source", "target"]),
            policy::PROD,
        ];
        home.policy(&text.concat());
        Self { source, target, home }
    }

    /// An index with attestations and a signature.
    fn filled(kind: RegistryKind) -> Self {
        Self::filled_with(registries::settings(kind, program::now()), kind)
    }

    fn filled_with(settings: Settings, kind: RegistryKind) -> Self {
        let scene = Self::with(settings, kind);
        let store = scene.source.store();
        store.push(&backend(), &image(), &[tag(&sha_tag()), tag("prod-latest")], None);
        let signature = images::single("signature", program::now() - TimeDelta::days(1));
        let name = format!("sha256-{}.sig", image().root.digest.encoded());
        store.push(&backend(), &signature, &[tag(&name)], None);
        let scan = BuiltImage::artifact(&image().root, "application/vnd.example.scan", b"clean");
        store.push(&backend(), &scan, &[], None);
        scene
    }

    fn command(&self) -> Command {
        let words = ["repair", "prod", "--sha", SHA, "--apply", "--format", "json"];
        self.home.command(&words)
    }

    fn repair(&self) -> Run {
        Run::of(self.command().output().expect("a run"))
    }

    /// Whether the SHA tag is there; if so everything below it must be, and the signature.
    fn is_whole(&self) -> bool {
        let Some(digest) = self.target.store().resolve(&backend(), &tag(&sha_tag())) else {
            return false;
        };
        assert_eq!(missing(&self.target, &backend(), &digest), [""; 0]);
        let name = format!("sha256-{}.sig", digest.encoded());
        assert!(self.target.store().resolve(&backend(), &tag(&name)).is_some(), "no signature");
        true
    }

    /// What the requests have written so far, and forgets them.
    fn writes(&self) -> usize {
        let requests = self.target.requests();
        self.target.clear_requests();
        requests.iter().filter(|r| matches!(r.method.as_str(), "PUT" | "PATCH" | "POST")).count()
    }
}

fn sha_tag() -> String {
    format!("prod-{SHA}")
}

fn image() -> BuiltImage {
    let created = "2026-01-10T12:00:00Z".parse().expect("a time");
    let builds = ["amd64", "arm64"].map(|machine| {
        let build = images::build("copied", machine, created);
        tags::sandbox::content::Build { revision: SHA.to_owned(), ..build }
    });
    BuiltImage::index(&builds, Format::Oci, Provenance::Artifact)
}

#[expect(clippy::disallowed_methods, reason = "the environment says how much is tried")]
fn is_exhaustive() -> bool {
    std::env::var_os("TAGS_EXHAUSTIVE").is_some()
}

/// What is not there of all that a manifest needs.
fn missing(registry: &Sandbox, repository: &RepositoryPath, digest: &Digest) -> Vec<String> {
    let Some(stored) = registry.store().manifest(repository, digest) else {
        return vec![digest.to_string()];
    };
    let manifest = Manifest::parse(Some(&stored.media_type), &stored.bytes).expect("a manifest");
    let own = registry.store().missing(repository, &manifest);
    let mut all: Vec<String> = own.iter().map(Digest::to_string).collect();
    if let Manifest::Index(index) = &manifest {
        for child in &index.children {
            all.extend(missing(registry, repository, &child.digest));
        }
    }
    all
}

/// Runs a repair, and kills it while the `nth` request to the target is held.
fn kill(scene: &Scene, (nth, moment): (usize, HoldPoint)) {
    let held = scene.target.faults().hold(nth, moment);
    let mut command = scene.command();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a process");
    assert!(held.wait(PATIENCE), "there is no request {nth} to be held {moment:?}");
    child.kill().expect("killed");
    child.wait().expect("an end");
}

/// Kills a repair at every second request to the target, with `TAGS_EXHAUSTIVE=1` at every one, on both
/// sides of its work, and has another one finish it.
fn killed_anywhere(kind: RegistryKind) {
    let undisturbed = Scene::filled(kind);
    let run = undisturbed.repair();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(undisturbed.is_whole());
    let requests = undisturbed.target.requests().len();
    let all_writes = undisturbed.writes();
    let again = undisturbed.repair();
    assert_eq!((again.code, undisturbed.writes()), (0, 0), "{again:?}");
    let step = if is_exhaustive() { 1 } else { 2 };
    let moments: Vec<_> = (1..=requests)
        .step_by(step)
        .flat_map(|nth| [HoldPoint::Before, HoldPoint::After].map(|at| (nth, at)))
        .collect();
    thread::scope(|scope| {
        for first in 0..AT_ONCE {
            let mine = moments.iter().skip(first).step_by(AT_ONCE);
            scope.spawn(|| {
                for at in mine {
                    let scene = Scene::filled(kind);
                    kill(&scene, *at);
                    scene.is_whole();
                    let before = scene.writes();
                    let run = scene.repair();
                    assert_eq!(run.code, 0, "{at:?}: {run:?}");
                    assert!(scene.is_whole(), "{at:?}: {run:?}");
                    // Each upload that was begun and not ended is begun again.
                    let after = scene.writes();
                    assert!(
                        before + after <= all_writes + 8,
                        "{at:?}: {before} and {after} writes, of {all_writes}"
                    );
                    assert_eq!((scene.repair().code, scene.writes()), (0, 0), "{at:?}");
                }
            });
        }
    });
}

#[test]
fn a_repair_of_a_plain_registry_is_killed_anywhere() {
    killed_anywhere(RegistryKind::Oci);
}

#[test]
fn a_repair_of_docr_is_killed_anywhere() {
    killed_anywhere(RegistryKind::Docr);
}

#[test]
fn a_repair_of_ghcr_is_killed_anywhere() {
    killed_anywhere(RegistryKind::Ghcr);
}

#[test]
fn docr_that_collects_garbage_is_told_as_that() {
    let mut docr = registries::docr();
    docr.collection.state_duration = StateDuration::Time(PATIENCE);
    let scene = Scene::filled_with(Settings::docr(docr, program::now()), RegistryKind::Docr);
    let started = scene.home.command(&["gc", "target", "--wait", "1s"]).output();
    let started = Run::of(started.expect("a run"));
    assert!(started.stdout.contains("target") || started.code != 2, "{started:?}");
    let run = scene.repair();
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("read-only while it collects garbage"), "{run:?}");
    assert!(!scene.is_whole());
}

/// The most memory that a process may have used, in KiB.
const MOST_KIB: u64 = 64 * 1024;

/// An image with one layer of so many zeros, in the source.
fn large(scene: &Scene, length: u64) -> Digest {
    let created = "2026-01-10T12:00:00Z".parse().expect("a time");
    let build = images::build("large", "amd64", created);
    let build = tags::sandbox::content::Build { revision: SHA.to_owned(), ..build };
    let image = BuiltImage::single(&build, Format::Oci);
    let (layer, zeros) = StoredBlob::zeros(length);
    let mut body: Value = serde_json::from_slice(&image.root.bytes).expect("a manifest");
    let descriptor = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar",
        "digest": layer.to_string(),
        "size": length,
    });
    body["layers"].as_array_mut().expect("layers").push(descriptor);
    let root = ManifestBytes::new(&image.root.media_type, body);
    scene.source.store().push(&backend(), &image, &[], None);
    scene.source.store().store_blob(&backend(), layer, zeros);
    scene.source.access().push_manifest(&backend(), &root, &[tag(&sha_tag()), tag("prod-latest")]);
    root.digest
}

/// The most memory that a process used so far, in KiB.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Repairs, and returns the most memory that the process was seen to use.
fn repair_measured(scene: &Scene) -> u64 {
    let mut command = scene.command();
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a process");
    let (mut most, begin) = (0, Instant::now());
    loop {
        most = most.max(peak(&child).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("a process") {
            let output = child.wait_with_output().expect("an end");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(status.success(), "{status}: {said}");
            return most;
        }
        assert!(begin.elapsed() < PATIENCE * 15, "it does not end");
        thread::sleep(Duration::from_millis(5));
    }
}

/// 2 GiB with `TAGS_EXHAUSTIVE=1`, else enough to show what is held.
fn length() -> u64 {
    if is_exhaustive() { 2 << 30 } else { 192 << 20 }
}

#[test]
#[cfg(target_os = "linux")]
fn a_large_layer_is_copied_in_little_memory() {
    let scene = Scene::new(RegistryKind::Oci);
    let digest = large(&scene, length());
    let most = repair_measured(&scene);
    assert_eq!(missing(&scene.target, &backend(), &digest), [""; 0]);
    assert!((1..MOST_KIB).contains(&most), "{most} KiB were used");
}

#[test]
#[cfg(target_os = "linux")]
fn a_layer_in_chunks_is_copied_in_little_memory() {
    let scene = Scene::new(RegistryKind::Oci);
    scene.target.quirks().switch_on(Quirk::MaxRequest(5 << 20));
    let digest = large(&scene, 96 << 20);
    let most = repair_measured(&scene);
    assert_eq!(missing(&scene.target, &backend(), &digest), [""; 0]);
    assert!((1..MOST_KIB).contains(&most), "{most} KiB were used");
    let patches = scene.target.requests().into_iter().filter(|r| r.method == "PATCH").count();
    assert!(patches >= 24, "{patches} chunks");
}
