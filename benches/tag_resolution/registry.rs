//! Registries in processes of their own, filled with one image under many tags.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use tags::model::{Digest, Platform, RepositoryPath, TagName};
use tags::sandbox::content::{Blob, Build, BuiltImage, Format};
use tags::sandbox::{Sandbox, Settings, Store};

pub(crate) const SERVE: &str = "serve";
pub(crate) const REPOSITORY: &str = "acme/app";

/// A registry that ends with this.
pub(crate) struct Served {
    pub(crate) url: String,
    process: Child,
    _room: Option<tempfile::TempDir>,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The latest tag, and SHA tags after it.
pub(crate) fn tag(number: usize) -> TagName {
    let text = match number {
        0 => "prod-latest".to_owned(),
        _ => format!("prod-{}", &Digest::of(&number.to_le_bytes()).encoded()[..40]),
    };
    TagName::parse(&text).unwrap()
}

fn image() -> BuiltImage {
    let platform =
        Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None };
    let created = "2026-07-01T12:00:00Z".parse().unwrap();
    let (revision, text) = ("0".repeat(40), "for a benchmark".to_owned());
    BuiltImage::single(&Build { created, revision, platform, text }, Format::Oci)
}

/// The embedded registry: this program again, told to serve.
pub(crate) fn embedded(tags: usize, delay_ms: u64) -> Served {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([SERVE, &tags.to_string(), &delay_ms.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
    Served { url: url.trim().to_owned(), process, _room: None }
}

/// What the other process does, until its standard input ends.
pub(crate) fn serve(arguments: &[String]) {
    let [tags, delay] = arguments else { return };
    let store = Store::new();
    let tags: Vec<TagName> = (0..tags.parse().unwrap()).map(tag).collect();
    store.push(&RepositoryPath::parse(REPOSITORY).unwrap(), &image(), &tags, None);
    let delay = Duration::from_millis(delay.parse().unwrap());
    let response_delay = (!delay.is_zero()).then_some(delay);
    let settings = Settings { response_delay, ..Settings::default() };
    let listen = ([127, 0, 0, 1], 0).into();
    let sandbox = Sandbox::start_in_background(listen, settings, store).unwrap();
    println!("{}", sandbox.url());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// `docker-registry` on a free port and an empty room; none if it is not installed.
pub(crate) async fn docker(tags: usize) -> Option<Served> {
    let room = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (store, config) = (room.path().join("store"), room.path().join("config.yml"));
    let text = format!(
        "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\n\
         storage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n",
        store.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new("docker-registry");
    command.arg("serve").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
    let process = command.spawn().ok()?;
    let served = Served { url: format!("http://{address}"), process, _room: Some(room) };
    fill(&served.url, tags).await;
    Some(served)
}

async fn fill(url: &str, tags: usize) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..100 {
        if client.get(format!("{url}/v2/")).send().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let image = image();
    for blob in &image.blobs {
        upload(&client, url, blob).await;
    }
    for number in 0..tags {
        let place = format!("{url}/v2/{REPOSITORY}/manifests/{}", tag(number));
        let put = client.put(place).header(CONTENT_TYPE, image.root.media_type.as_str());
        let put = put.body(image.root.bytes.to_vec()).send().await.unwrap();
        assert_eq!(put.status(), StatusCode::CREATED);
    }
}

async fn upload(client: &reqwest::Client, url: &str, blob: &Blob) {
    let begin = client.post(format!("{url}/v2/{REPOSITORY}/blobs/uploads/")).send().await.unwrap();
    let location = begin.headers()[LOCATION].to_str().unwrap();
    let mut place = url::Url::parse(url).unwrap().join(location).unwrap();
    place.query_pairs_mut().append_pair("digest", &blob.digest.to_string());
    let put = client.put(place).body(blob.bytes.to_vec()).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::CREATED);
}
