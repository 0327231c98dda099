//! A cluster and a Docker host as the tests want them: an API server with its own authority, and the
//! programs `kubectl`, `docker` and `ssh`, first on the search path.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::program::{Home, Run, search_path};

/// Every kind of objects that is asked for, with its path and the kind of its list.
pub(crate) const KINDS: [(&str, &str); 9] = [
    ("/apis/batch/v1/cronjobs", "CronJobList"),
    ("/apis/batch/v1/jobs", "JobList"),
    ("/apis/apps/v1/deployments", "DeploymentList"),
    ("/apis/apps/v1/statefulsets", "StatefulSetList"),
    ("/apis/apps/v1/daemonsets", "DaemonSetList"),
    ("/apis/apps/v1/controllerrevisions", "ControllerRevisionList"),
    ("/apis/apps/v1/replicasets", "ReplicaSetList"),
    ("/api/v1/replicationcontrollers", "ReplicationControllerList"),
    ("/api/v1/pods", "PodList"),
];

/// The answers of an API server, by path and what continues the list: a status and a body.
#[derive(Clone)]
pub(crate) struct Cluster(pub(crate) BTreeMap<String, (u16, String)>);

impl Cluster {
    /// A cluster in which something else than the policy's images runs, and this image in one object of
    /// the kind at this path.
    pub(crate) fn running(path: &str, image: &str) -> Self {
        let empty = |(path, list): (&str, &str)| (path.to_owned(), (200, page(list, &[], "")));
        let mut cluster = Self(KINDS.into_iter().map(empty).collect());
        cluster.with("/api/v1/pods", &[&object("/api/v1/pods", "postgres:17")]);
        if !image.is_empty() {
            cluster.with(path, &[&object(path, image)]);
        }
        cluster
    }

    pub(crate) fn with(&mut self, path: &str, objects: &[&str]) -> &mut Self {
        let (_, list) = KINDS.iter().find(|(known, _)| *known == path).expect("a kind");
        self.answer(path, 200, &page(list, objects, ""))
    }

    pub(crate) fn answer(&mut self, path: &str, status: u16, body: &str) -> &mut Self {
        self.0.insert(path.to_owned(), (status, body.to_owned()));
        self
    }

    /// The answer to a path with its query.
    fn answer_to(&self, target: &str) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let token = query.split('&').find_map(|pair| pair.strip_prefix("continue="));
        let key = token.map_or_else(|| path.to_owned(), |token| format!("{path}#{token}"));
        let unknown = || (404, "404 page not found\n".to_owned());
        self.0.get(&key).cloned().unwrap_or_else(unknown)
    }
}

/// A page of a list; an empty token ends the list.
pub(crate) fn page(list: &str, objects: &[&str], token: &str) -> String {
    let items = objects.join(",");
    format!(r#"{{"kind":"{list}","metadata":{{"continue":"{token}"}},"items":[{items}]}}"#)
}

/// An object of the kind at a path whose pods have this image.
pub(crate) fn object(path: &str, image: &str) -> String {
    let pod = format!(r#"{{"containers":[{{"name":"app","image":"{image}"}}]}}"#);
    let template = format!(r#"{{"template":{{"spec":{pod}}}}}"#);
    let rest = match path.rsplit('/').next() {
        Some("pods") => format!(r#""spec":{pod}"#),
        Some("cronjobs") => format!(r#""spec":{{"jobTemplate":{{"spec":{template}}}}}"#),
        Some("controllerrevisions") => format!(r#""data":{{"spec":{template}}}"#),
        _ => format!(r#""spec":{template}"#),
    };
    format!(r#"{{"metadata":{{"name":"web","namespace":"shop"}},{rest}}}"#)
}

/// Writes a program, in front of all others of its name.
pub(crate) fn program(home: &Home, name: &str, script: &str) {
    let path = home.file(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("rights");
}

/// A `kubectl` that answers as this cluster does, and keeps its arguments in `kubectl.log`.
pub(crate) fn kubectl(home: &Home, cluster: &Cluster) {
    let _ = std::fs::remove_dir_all(home.path().join("answers"));
    for (key, (status, body)) in &cluster.0 {
        let name = key.replace('/', "_");
        home.file(&format!("answers/{name}"), body);
        home.file(&format!("answers/{name}.status"), &status.to_string());
    }
    program(
        home,
        "kubectl",
        r#"echo "$*" >> "$HOME/kubectl.log"
for target; do :; done
path=${target%%\?*}
case $target in *continue=*) path="$path#${target##*continue=}" ;; esac
file="$HOME/answers/$(echo "$path" | tr / _)"
case "$(cat "$file.status" 2>/dev/null || echo 404)" in
  200) cat "$file" ;;
  403) echo 'Error from server (Forbidden): pods is forbidden: User "me" cannot list resource' >&2; exit 1 ;;
  404) echo 'Error from server (NotFound): the server could not find the requested resource' >&2; exit 1 ;;
  410) echo 'Error from server (Expired): The provided continue parameter is too old' >&2; exit 1 ;;
  *) echo 'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout' >&2; exit 1 ;;
esac"#,
    );
}

/// With the programs of the home first on the search path, and this in the environment.
pub(crate) fn run(home: &Home, words: &[&str], variables: &[(&str, &str)]) -> Run {
    home.run(words, |command| with_programs(home, command).envs(variables.iter().copied()))
}

/// A command that finds the programs of a home first.
pub(crate) fn with_programs<'a>(home: &Home, command: &'a mut Command) -> &'a mut Command {
    let mut path = home.path().join("bin").into_os_string();
    path.push(":");
    path.push(search_path());
    command.env("PATH", path)
}

/// An API server behind TLS, whose certificate only its own authority knows.
pub(crate) struct ApiServer {
    pub(crate) port: String,
    pub(crate) authority: String,
    /// The requests, each its target and its `authorization`.
    received: Arc<Mutex<Vec<(String, String)>>>,
}

impl ApiServer {
    pub(crate) fn start(cluster: Cluster) -> Self {
        let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a pair");
        let key = PrivatePkcs8KeyDer::from(pair.signing_key.serialize_der());
        let certificate = CertificateDer::from(pair.cert.der().to_vec());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
            .expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port().to_string();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (config, log) = (Arc::new(config), Arc::clone(&received));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut stream = BufReader::new(StreamOwned::new(connection, stream));
                while answer(&mut stream, &cluster, &log).is_some() {}
            }
        });
        Self { port, authority: pair.cert.pem(), received }
    }

    pub(crate) fn received(&self) -> Vec<(String, String)> {
        self.received.lock().expect("a lock").clone()
    }
}

/// Answers one request; none when the client is gone.
fn answer<S: std::io::Read + std::io::Write>(
    stream: &mut BufReader<S>,
    cluster: &Cluster,
    log: &Mutex<Vec<(String, String)>>,
) -> Option<()> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        stream.by_ref().take(1 << 16).read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let target = head.first()?.split(' ').nth(1)?.to_owned();
    let of = |line: &String| line.strip_prefix("authorization: ").map(str::to_owned);
    let authorization = head.iter().find_map(of).unwrap_or_default();
    let (status, body) = cluster.answer_to(&target);
    log.lock().expect("a lock").push((target, authorization));
    let length = body.len();
    write!(
        stream.get_mut(),
        "HTTP/1.1 {status} Answer\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    stream.get_mut().flush().ok()
}
