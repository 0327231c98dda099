//! The values of `--in-use`: where it is read or asked what runs.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use tags::command::SshHost;

/// Where it is read or asked what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InUseSource {
    /// A file with a list; `-` is stdin.
    List(PathBuf),
    /// What is asked.
    Asked(AskedSource),
}

/// What is asked what runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AskedSource {
    /// A cluster, by a context of `kubectl`; by default the one in which this runs, else the current context.
    Kubernetes(Option<String>),
    /// A Docker host, as in `DOCKER_HOST`; by default the one that `docker` uses.
    Docker(Option<String>),
    /// The Docker host on a machine that `ssh` reaches.
    Ssh(SshHost),
    /// What an address with a password was given for. It is refused later, because the error of an argument
    /// repeats its value.
    WithPassword(String),
}

/// Parses a value. Words that name a source are never files: `./docker` is one.
pub(super) fn in_use() -> impl TypedValueParser<Value = InUseSource> {
    PathBufValueParser::new().try_map(|path| match path.to_str() {
        Some(text) => {
            source(text).map(|source| source.map_or(InUseSource::List(path), InUseSource::Asked))
        }
        None => Ok(InUseSource::List(path)),
    })
}

fn source(text: &str) -> Result<Option<AskedSource>, String> {
    let (name, at) = match text.split_once(':') {
        Some((name, at)) => (name, Some(at)),
        None => (text, None),
    };
    // A program would take a value with a hyphen in front for an option.
    let named = |what: &str| match at {
        Some(at) if at.is_empty() || at.starts_with('-') => Err(format!("`{name}:` needs {what}")),
        at => Ok(at.map(str::to_owned)),
    };
    Ok(Some(match name {
        "docker" | "ssh" if at.is_some_and(has_password) => {
            AskedSource::WithPassword(name.to_owned())
        }
        "kubernetes" => AskedSource::Kubernetes(named("the name of a context of kubectl")?),
        "docker" => AskedSource::Docker(named("a host, as in DOCKER_HOST")?),
        "ssh" => {
            let at = named("[USER@]HOST[:PORT]")?.ok_or("`ssh` needs a host: ssh:[USER@]HOST")?;
            let host = SshHost::parse(at.strip_prefix("//").unwrap_or(&at));
            AskedSource::Ssh(host.map_err(|error| error.to_string())?)
        }
        _ => return Ok(None),
    }))
}

/// Whether an address is `user:password@host`, perhaps with a scheme in front.
fn has_password(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, host)| host);
    host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_file_unless_it_begins_with_the_word_for_something_else() {
        let some = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("kubernetes", AskedSource::Kubernetes(None)),
            ("kubernetes:do-ams3:prod", AskedSource::Kubernetes(some("do-ams3:prod"))),
            ("docker", AskedSource::Docker(None)),
            ("docker:ssh://deploy@prod", AskedSource::Docker(some("ssh://deploy@prod"))),
        ] {
            assert_eq!(source(text), Ok(Some(expected)), "{text}");
        }
        for file in ["running.txt", "-", "./docker", "dockers", "kubernetes.txt", "/ssh:x", "C:\\x"]
        {
            assert_eq!(source(file), Ok(None), "{file}");
        }
        assert_eq!(source("ssh:deploy@prod:22"), source("ssh://deploy@prod:22"));
        for wrong in [
            "kubernetes:",
            "docker:",
            "docker:-H",
            "kubernetes:--x",
            "ssh",
            "ssh:",
            "ssh:-oX=y",
            "ssh:a b",
        ] {
            assert!(source(wrong).is_err(), "{wrong}");
        }
    }
}
