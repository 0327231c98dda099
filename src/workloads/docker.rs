//! Asks a Docker host for its containers, and for the digests of their images.
//!
//! Two ways: Docker's own program, which reaches another host by `DOCKER_HOST`, or Docker's program on
//! another host, which `ssh` runs there.

use std::collections::{BTreeMap, BTreeSet};

use super::program::{ProgramCall, Programs};
use super::{AskError, NamedImage, ProgramError};
use crate::model::ImageId;

/// A Docker host, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerHost {
    /// By the `docker` of this machine.
    Docker {
        /// The host, as in `DOCKER_HOST`; by default the one that `docker` uses.
        host: Option<String>,
    },
    /// By the `docker` of another machine.
    Ssh(SshHost),
}

/// A machine that `ssh` logs in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshHost {
    /// `host` or `user@host`.
    destination: String,
    port: Option<u16>,
}

/// A text that names no machine for `ssh`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected [USER@]HOST[:PORT]")]
pub struct InvalidSshHost;

impl SshHost {
    /// Parses `[user@]host[:port]`.
    ///
    /// # Errors
    /// [`InvalidSshHost`] when it is something else.
    pub fn parse(text: &str) -> Result<Self, InvalidSshHost> {
        let (destination, port) = match text.rsplit_once(':') {
            // An IPv6 address has colons of its own.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().map_err(|_| InvalidSshHost)?))
            }
            _ => (text, None),
        };
        let destination = destination.replace(['[', ']'], "");
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "/\\'\"`$;|&<>?#".contains(c);
        let parts: Vec<&str> = destination.split('@').collect();
        // `ssh` would take a name with a hyphen in front for an option.
        let is_name = |part: &&str| !part.is_empty() && !part.starts_with('-');
        if parts.len() > 2 || !parts.iter().all(is_name) || destination.contains(is_odd) {
            return Err(InvalidSshHost);
        }
        Ok(Self { destination, port })
    }
}

impl DockerHost {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Docker { host: None } => "docker".to_owned(),
            Self::Docker { host: Some(host) } => format!("docker:{host}"),
            Self::Ssh(SshHost { destination, port: None }) => format!("ssh:{destination}"),
            Self::Ssh(SshHost { destination, port: Some(port) }) => {
                format!("ssh:{destination}:{port}")
            }
        }
    }

    /// What to run for these arguments of `docker`.
    fn call(&self, arguments: &[&str]) -> ProgramCall {
        match self {
            Self::Docker { host } => {
                let host = host.iter().map(|host| ("DOCKER_HOST", host.clone()));
                ProgramCall { variables: host.collect(), ..ProgramCall::new("docker", arguments) }
            }
            Self::Ssh(SshHost { destination, port }) => {
                let port = port.map(|port| port.to_string());
                let mut words = vec!["-o", "BatchMode=yes"];
                words.extend(port.iter().flat_map(|port| ["-p", port]));
                // The shell there takes the command apart again.
                let quoted = arguments.iter().map(|argument| format!(" '{argument}'"));
                let command = format!("docker{}", quoted.collect::<String>());
                words.extend(["--", destination, &command]);
                ProgramCall::new("ssh", &words)
            }
        }
    }
}

/// How many containers or images are asked for at once: a command line has a longest length.
const AT_ONCE: usize = 200;
/// How often the containers are listed, if some end before they are asked about.
const READINGS: usize = 3;

const CONTAINER: &str = "{{.Id}} {{.Image}} {{.Config.Image}}";
const IMAGE: &str = "{{range .RepoDigests}}{{.}} {{end}}";

pub(super) async fn images(
    host: &DockerHost,
    programs: &dyn Programs,
) -> Result<Vec<NamedImage>, AskError> {
    let mut readings = 1;
    loop {
        match read(host, programs).await {
            Err(AskError::Program(ProgramError::Failed { said, .. }))
                if readings < READINGS && said.contains("No such") =>
            {
                readings += 1;
            }
            read => return read,
        }
    }
}

async fn read(host: &DockerHost, programs: &dyn Programs) -> Result<Vec<NamedImage>, AskError> {
    let listed = lines(host, programs, &["ps", "--no-trunc", "--quiet"]).await?;
    let ids = listed.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let ids: Vec<&str> = ids.collect();
    if let Some(odd) = ids.iter().find(|id| ImageId::parse(id).is_none()) {
        return Err(not_an_answer("ps", "IDs of containers", odd));
    }
    let inspect = ["inspect", "--type", "container", "--format", CONTAINER];
    let mut containers = Vec::new();
    for line in about(host, programs, &inspect, &ids).await? {
        containers.push(
            Container::read(&line)
                .ok_or_else(|| not_an_answer("inspect", "a container with its image", &line))?,
        );
    }
    let images: BTreeSet<&str> = containers.iter().map(|one| one.image.as_str()).collect();
    let images: Vec<&str> = images.into_iter().collect();
    let said = about(host, programs, &["image", "inspect", "--format", IMAGE], &images).await?;
    // The lines are in the order of the arguments.
    let images: BTreeMap<&str, &String> = images.into_iter().zip(&said).collect();
    let named = containers
        .iter()
        .flat_map(|one| one.named(images.get(one.image.as_str()).map_or("", |line| line.as_str())));
    Ok(named.collect())
}

/// A container: its ID, and its image by ID and by the name that it was started with.
struct Container {
    id: String,
    image: String,
    name: String,
}

impl Container {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (id, image, name) = (words.next()?, words.next()?, words.next()?);
        let sound = words.next().is_none() && ImageId::parse(&id).is_some();
        (sound && ImageId::parse(&image).is_some()).then_some(Self { id, image, name })
    }

    /// Its image by every digest that it was pulled by, by its ID, and by the name that it was started by:
    /// a digest may be that of another registry, from which the same image was pulled.
    fn named(&self, digests: &str) -> Vec<NamedImage> {
        let short: String = self.id.chars().take(12).collect();
        let by = format!("container {short}");
        let texts = digests.split_whitespace().chain([self.name.as_str(), self.image.as_str()]);
        texts.map(|text| NamedImage { text: text.to_owned(), by: by.clone() }).collect()
    }
}

/// What `docker` says about each of these: one line for each.
async fn about(
    host: &DockerHost,
    programs: &dyn Programs,
    arguments: &[&str],
    names: &[&str],
) -> Result<Vec<String>, AskError> {
    let mut all = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let said = lines(host, programs, &[arguments, names].concat()).await?;
        if said.len() != names.len() {
            let why = format!("{} lines for {} of them", said.len(), names.len());
            return Err(not_an_answer(arguments[0], "one line for each", &why));
        }
        all.extend(said);
    }
    Ok(all)
}

async fn lines(
    host: &DockerHost,
    programs: &dyn Programs,
    arguments: &[&str],
) -> Result<Vec<String>, AskError> {
    let said = programs.run(host.call(arguments)).await?;
    Ok(String::from_utf8_lossy(&said).lines().map(str::to_owned).collect())
}

fn not_an_answer(command: &str, expected: &str, said: &str) -> AskError {
    let shown: String = said.chars().take(120).collect();
    AskError::NotAnAnswer {
        asked: format!("`docker {command}`"),
        expected: expected.to_owned(),
        why: format!("`{shown}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_a_name_with_a_user_and_a_port() {
        for (text, destination, port) in [
            ("prod", "prod", None),
            ("deploy@prod.example.com:2222", "deploy@prod.example.com", Some(2222)),
            ("deploy@[2001:db8::1]:22", "deploy@2001:db8::1", Some(22)),
            ("2001:db8::1", "2001:db8::1", None),
        ] {
            let host = SshHost::parse(text).expect(text);
            assert_eq!((host.destination.as_str(), host.port), (destination, port), "{text}");
        }
        for text in [
            "",
            "-oProxyCommand=x",
            "a@-b",
            "@prod",
            "a@",
            "a@b@c",
            "prod:x",
            "prod:",
            "a b",
            "a;b",
            "a/b",
        ] {
            assert_eq!(SshHost::parse(text), Err(InvalidSshHost), "{text}");
        }
    }
}
