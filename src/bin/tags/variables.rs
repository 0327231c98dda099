//! The variables that hold tokens and user names: `NAME` itself, or a file that `NAME_FILE` names,
//! as mounted secrets are. They are read once, and known as secrets from then on.

use std::collections::BTreeMap;
use std::io::Read as _;

use secrecy::{ExposeSecret, SecretString};
use tags::policy::Policy;
use url::Url;

use super::ambient;
use super::exit::Failure;
use super::sink;

/// The variables that a policy need not name.
const USUAL: [&str; 3] = ["GITHUB_TOKEN", "GH_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"];
/// Proxies may want a password.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// No token is larger, and a device never ends.
const LARGEST: u64 = 64 << 10;

/// What the variables of a policy hold.
pub(crate) struct Variables(BTreeMap<String, SecretString>);

impl Variables {
    /// Reads every variable that a policy names, or implies.
    ///
    /// # Errors
    /// [`Failure`] when a file cannot be read, or both ways are used for one name.
    pub(crate) fn of(policy: &Policy) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for registry in policy.registries.values() {
            let credentials = &registry.credentials;
            for name in &credentials.token_env {
                if let Some(value) = read(name)? {
                    sink::secrets().learn(&value);
                    values.insert(name.clone(), value.into());
                }
            }
            if let Some(name) = &credentials.username_env
                && let Some(value) = read(name)?
            {
                values.insert(name.clone(), value.into());
            }
        }
        Ok(Self(values))
    }

    /// What a variable holds, if it holds something.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret)
    }
}

/// Learns what is a secret whatever the policy says, before anything is written.
pub(crate) fn learn_usual() {
    for name in USUAL {
        if let Some(value) = ambient::variable(name) {
            sink::secrets().learn(value.trim());
        }
    }
    for name in PROXIES {
        let url = ambient::variable(name).and_then(|text| Url::parse(&text).ok());
        if let Some(url) = url {
            sink::secrets().learn_url(&url);
        }
    }
}

/// Learns what the variables of a policy hold, for commands that send nothing: whatever cannot be
/// read is no matter there.
pub(crate) fn learn_named(policy: &Policy) {
    for registry in policy.registries.values() {
        for name in &registry.credentials.token_env {
            if let Ok(Some(value)) = read(name) {
                sink::secrets().learn(&value);
            }
        }
    }
}

/// A secret that CI does not have is an empty variable, or one with a line break in it.
fn read(name: &str) -> Result<Option<String>, Failure> {
    let something = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (file_name, value) = (format!("{name}_FILE"), ambient::variable(name).and_then(something));
    let Some(path) = ambient::variable(&file_name) else {
        return Ok(value);
    };
    if value.is_some() {
        return Err(Failure::usage(format!("${name} and ${file_name} are both set"))
            .hint("unset one of them: which of the two counts should not be a guess"));
    }
    let text = read_file(&path).map_err(|error| {
        Failure::usage(format!("cannot read {path}, which ${file_name} names: {error}"))
            .hint(format!("{file_name} names a file that holds the secret and nothing else"))
    })?;
    Ok(something(text))
}

fn read_file(path: &str) -> std::io::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if read as u64 > LARGEST {
        return Err(std::io::Error::other("it is larger than any secret"));
    }
    Ok(text)
}
