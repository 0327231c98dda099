//! Somebody else's registry: Debian's `docker-registry`, with a directory of its own, ended when
//! dropped.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use super::packages;

/// How often a port is tried that somebody else may have taken in the meantime.
const ATTEMPTS: usize = 5;
/// How often it is asked whether it is up, and the pause in between.
const PATIENCE: (usize, Duration) = (2000, Duration::from_millis(5));

pub(crate) struct Debian {
    process: Child,
    pub(crate) url: String,
    directory: TempDir,
}

impl Drop for Debian {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Debian {
    /// Starts it with the settings that a function makes for its directory, and with variables,
    /// which go before them. None where the package is missing.
    pub(crate) fn start(
        settings: impl Fn(&Path) -> String,
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        let program = packages::program("docker-registry")?;
        // In memory where that can be had: the registry waits for the disk after every file.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let mut directory = directory.expect("a directory");
        for _ in 0..ATTEMPTS {
            let port = free_port();
            let config = directory.path().join("config.yml");
            let text = configuration(directory.path(), port) + &settings(directory.path());
            fs::write(&config, text).expect("a file");
            let log = File::create(directory.path().join("log")).expect("a file");
            let mut command = Command::new(&program);
            command.arg("serve").arg(&config).stdout(log.try_clone().expect("a file")).stderr(log);
            // It does not live long enough for its garbage to matter.
            command.env("GOGC", "800").envs(variables.iter().copied());
            let process = command.spawn().expect("a registry");
            let url = format!("http://127.0.0.1:{port}");
            let mut debian = Self { process, url, directory };
            if debian.is_up(port) {
                return Some(debian);
            }
            directory = debian.end();
        }
        let log = fs::read_to_string(directory.path().join("log")).expect("a log");
        panic!("docker-registry does not come up: {log}");
    }

    /// What it stores of a repository.
    pub(crate) fn stored(&self, repository: &tags::model::RepositoryPath) -> std::path::PathBuf {
        let below = format!("storage/docker/registry/v2/repositories/{repository}");
        self.directory.path().join(below)
    }

    /// Whether it is this very one that answers, before it ends by itself.
    fn is_up(&mut self, port: u16) -> bool {
        for _ in 0..PATIENCE.0 {
            if let Some(answer) = asked(port) {
                return answer.contains(&self.directory.path().display().to_string());
            }
            if self.process.try_wait().expect("a state").is_some() {
                return false;
            }
            sleep(PATIENCE.1);
        }
        false
    }

    /// Ends it, and leaves its directory.
    fn end(mut self) -> TempDir {
        let nothing = tempfile::tempdir().expect("a directory");
        std::mem::replace(&mut self.directory, nothing)
    }
}

/// The answer of whoever listens there.
fn asked(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let host = format!("127.0.0.1:{port}");
    write!(stream, "GET /v2/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn configuration(directory: &Path, port: u16) -> String {
    let root = directory.display();
    format!(
        "version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: '{root}/storage', maxthreads: 100}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http:
  addr: 127.0.0.1:{port}
  secret: test
  headers: {{X-Test-Directory: ['{root}']}}
"
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
