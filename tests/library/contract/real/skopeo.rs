//! Images that another tool has put there: packed, converted and pushed in its own way.

use std::path::{Path, PathBuf};

use tags::change::copy::CopyResult;
use tags::collect::{Depth, check_content, observe, observe_tag};
use tags::model::{ContentTree, Sha, TagObservation};
use tags::sandbox::content::{BuiltImage, Format, Provenance};
use tags::verify::{Difference, VerifyVerdict, explain, verify};
use tokio::process::Command;

use super::{debian, layout};
use crate::contract::content::{build, story};
use crate::contract::copying::Pair;
use crate::contract::{Client, Subject};
use crate::support::packages;
use crate::support::tag;

/// What is needed to copy an image into a registry.
struct Copying<'a> {
    skopeo: PathBuf,
    subject: &'a Subject,
}

impl Copying<'_> {
    /// Copies an image to a reference `path:tag`.
    async fn copy(&self, image: &BuiltImage, to: &str, arguments: &[&str]) {
        let directory = tempfile::tempdir().unwrap();
        layout::write(directory.path(), image, "it");
        let mut command = self.command(directory.path());
        let status = command
            .args(arguments)
            .arg(format!("oci:{}:it", directory.path().display()))
            .arg(format!("docker://{}/{to}", self.subject.host()))
            .kill_on_drop(true)
            .status()
            .await
            .unwrap();
        assert!(status.success(), "{command:?}: {status}");
    }

    /// Copies an image of `acme/backend`, all of it, into an empty directory.
    async fn fetch(&self, digest: &tags::model::Digest, to: &Path) {
        let mut command = Command::new(&self.skopeo);
        command.args(["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"]);
        command.args(["--all", "--preserve-digests"]);
        if let Some(login) = self.subject.login {
            command.args(["--src-creds", &format!("{}:{}", login.user, login.password)]);
        }
        let status = command
            .env("HOME", to)
            .env("XDG_RUNTIME_DIR", to)
            .arg(format!("docker://{}/acme/backend@{digest}", self.subject.host()))
            .arg(format!("dir:{}", to.display()))
            .kill_on_drop(true)
            .status()
            .await
            .unwrap();
        assert!(status.success(), "{command:?}: {status}");
    }

    fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.skopeo);
        command.args(["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"]);
        if let Some(login) = self.subject.login {
            command.args(["--dest-creds", &format!("{}:{}", login.user, login.password)]);
        }
        // The configuration of whoever runs the tests is none of its business.
        command.env("HOME", directory).env("XDG_RUNTIME_DIR", directory);
        command
    }
}

#[tokio::test]
async fn a_release_that_another_tool_has_copied_holds() {
    for subject in [debian::open().await, debian::with_tokens().await] {
        let (Some(subject), Some(skopeo)) = (subject, packages::program("skopeo")) else { return };
        let copying = Copying { skopeo, subject: &subject };
        let sha = story().current("prod").unwrap().clone();
        let backend = BuiltImage::single(&build("backend", "amd64"), Format::Oci);
        let machines = ["amd64", "arm64"].map(|machine| build("frontend", machine));
        let frontend = BuiltImage::index(&machines, Format::Oci, Provenance::Plain);
        for name in [format!("prod-{sha}"), "prod-latest".to_owned()] {
            copying.copy(&backend, &format!("acme/backend:{name}"), &[]).await;
            copying.copy(&frontend, &format!("acme/frontend:{name}"), &["--all"]).await;
        }
        holds(&subject.client(), &sha).await;
    }
}

async fn holds(client: &Client, sha: &Sha) {
    let environment = client.environment("prod");
    let seen = observe(client.collector(), environment, sha, Depth::Content).await;
    let verification = verify(environment, sha, &seen, None);
    assert_eq!(verification.findings, []);
    assert_eq!((verification.verdict(), verification.checks.len()), (VerifyVerdict::Passed, 4));
    let platforms = |image: &str| {
        let place = seen.keys().find(|place| place.image.as_str() == image).unwrap();
        seen[place].content.as_ref().unwrap().tree.as_ref().unwrap().platforms().len()
    };
    assert_eq!((platforms("backend"), platforms("frontend")), (1, 2));
}

#[tokio::test]
async fn what_another_tool_has_pushed_is_copied_and_it_gets_that_back_bit_for_bit() {
    for subject in [debian::open().await, debian::with_tokens().await] {
        let (Some(subject), Some(skopeo)) = (subject, packages::program("skopeo")) else { return };
        let pair = Pair::of(&subject).await;
        let builds = ["amd64", "arm64"].map(|machine| build("handed on", machine));
        let image = BuiltImage::index(&builds, Format::Oci, Provenance::Plain);
        push_into(&pair.source.url(), &skopeo, &image).await;
        let (_, copied) = pair.copy(&image.root.digest).await;
        assert_eq!(copied.result, Ok(CopyResult::Copied), "{copied:?}");
        let back = tempfile::tempdir().unwrap();
        let copying = Copying { skopeo, subject: &subject };
        copying.fetch(&image.root.digest, back.path()).await;
        let read = |name: &str| std::fs::read(back.path().join(name)).unwrap();
        assert_eq!(read("manifest.json"), *image.root.bytes);
        for child in &image.children {
            let name = format!("{}.manifest.json", child.digest.encoded());
            assert_eq!(read(&name), *child.bytes);
        }
        for blob in &image.blobs {
            assert_eq!(read(&blob.digest.encoded()), *blob.bytes);
        }
    }
}

/// Pushes an image, all of it and as it is, into an embedded registry that lets everyone in.
async fn push_into(url: &str, skopeo: &Path, image: &BuiltImage) {
    let directory = tempfile::tempdir().unwrap();
    layout::write(directory.path(), image, "it");
    let host = url.strip_prefix("http://").unwrap();
    let mut command = Command::new(skopeo);
    command
        .args(["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false"])
        .args(["--all", "--preserve-digests"])
        .env("HOME", directory.path())
        .env("XDG_RUNTIME_DIR", directory.path())
        .arg(format!("oci:{}:it", directory.path().display()))
        .arg(format!("docker://{host}/acme/backend:v1"))
        .kill_on_drop(true);
    let status = command.status().await.unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

#[tokio::test]
async fn what_a_copy_has_changed_is_explained() {
    let Some(subject) = debian::open().await else { return };
    let Some(skopeo) = packages::program("skopeo") else { return };
    let image = BuiltImage::single(&build("one", "amd64"), Format::Oci);
    let other = BuiltImage::single(&build("another", "amd64"), Format::Oci);
    subject.push(&image, "acme/backend", &[tag("original")]).await;
    // Elsewhere, since the tool does not pack a layer anew that it finds in the repository.
    let copying = Copying { skopeo, subject: &subject };
    copying.copy(&image, "acme/frontend:repacked", &[]).await;
    copying.copy(&image, "acme/frontend:converted", &["--format", "v2s2"]).await;
    copying.copy(&image, "acme/frontend:preserved", &["--preserve-digests"]).await;
    copying.copy(&other, "acme/frontend:other", &[]).await;

    let client = subject.client();
    let original = tree(&client, "acme/backend", "original").await;
    let [repacked, converted, preserved, other] = ["repacked", "converted", "preserved", "other"]
        .map(|name| tree(&client, "acme/frontend", name));
    assert_eq!(preserved.await, original);
    let repacked = repacked.await;
    assert_eq!(explain(&original, &repacked), Difference::Repacked);
    assert_eq!(explain(&repacked, &converted.await), Difference::Converted);
    assert!(matches!(explain(&original, &other.await), Difference::Build(..)));
}

/// Everything below a tag, none of it missing.
async fn tree(client: &Client, path: &str, name: &str) -> ContentTree {
    let (collector, repository) = (client.collector(), client.repository(path));
    let TagObservation::Found(digest) = observe_tag(collector, repository, &tag(name)).await else {
        panic!("{path}:{name} is not there");
    };
    let report = check_content(collector, repository, &digest).await;
    assert_eq!((report.missing, report.unread), (vec![], vec![]));
    report.tree.unwrap()
}
