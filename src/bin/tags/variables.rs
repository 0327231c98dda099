//! Environment variables with tokens and user names: `NAME` itself, or `NAME_FILE`, which names a
//! file with the value (a mounted secret). Each is read once, and its value is a secret from then on.

use std::collections::BTreeMap;
use std::io::Read as _;

use secrecy::{ExposeSecret, SecretString};
use tags::policy::Policy;
use url::Url;

use super::env;
use super::exit::Failure;
use super::sink;

/// Variables with tokens, whatever the policy names.
const USUAL: [&str; 3] = ["GITHUB_TOKEN", "GH_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"];
/// Addresses of proxies, which may contain a password.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// The largest file that is read: no token is larger, and a device has no end.
const LARGEST: u64 = 64 << 10;

/// The values of the variables that a policy names.
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
                    sink::secrets().add(&value);
                    values.insert(name.clone(), value.into());
                }
            }
            if let Some(name) = &credentials.username_env
                && let Some(value) = read(name)?
            {
                values.insert(name.clone(), value.into());
            }
        }
        for name in policy.github.iter().flat_map(|github| &github.token_env) {
            if let Some(value) = read(name)? {
                sink::secrets().add(&value);
                values.insert(name.clone(), value.into());
            }
        }
        Ok(Self(values))
    }

    /// The value of a variable; none when it is unset or empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret)
    }
}

/// Adds the usual variables to the secrets, before anything is written.
pub(crate) fn learn_usual_secrets() {
    for name in USUAL {
        if let Some(value) = env::variable(name) {
            sink::secrets().add(value.trim());
        }
    }
    for name in PROXIES {
        let url = env::variable(name).and_then(|text| Url::parse(&text).ok());
        if let Some(url) = url {
            sink::secrets().add_url(&url);
        }
    }
}

/// Adds the values of a policy's variables to the secrets, for commands that send nothing. What
/// cannot be read is ignored there.
pub(crate) fn learn_policy_secrets(policy: &Policy) {
    let registries =
        policy.registries.values().flat_map(|registry| &registry.credentials.token_env);
    let github = policy.github.iter().flat_map(|github| &github.token_env);
    for name in registries.chain(github) {
        if let Ok(Some(value)) = read(name) {
            sink::secrets().add(&value);
        }
    }
}

/// Reads a variable, or the file that it names. In CI a secret that is not set is an empty variable,
/// or one with only a line break, so that counts as unset. An empty file is an error: whoever names
/// a file means to have a secret in it.
///
/// # Errors
/// [`Failure`] when the file cannot be read or is empty, or both ways are used.
pub(crate) fn read(name: &str) -> Result<Option<String>, Failure> {
    let something = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (file_name, value) = (format!("{name}_FILE"), env::variable(name).and_then(something));
    let Some(path) = env::variable(&file_name) else {
        return Ok(value);
    };
    if value.is_some() {
        return Err(Failure::usage(format!("${name} and ${file_name} are both set"))
            .hint("unset one of them"));
    }
    let text = read_file(&path).map_err(|error| {
        Failure::usage(format!("cannot read {path}, which ${file_name} names: {error}"))
            .hint(format!("{file_name} must name a file with the secret and nothing else"))
    })?;
    something(text).map(Some).ok_or_else(|| {
        Failure::usage(format!("{path}, which ${file_name} names, is empty"))
            .hint(format!("write the value into it, or unset {file_name}"))
    })
}

fn read_file(path: &str) -> std::io::Result<String> {
    let mut text = String::new();
    let read = std::fs::File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if read as u64 > LARGEST {
        return Err(std::io::Error::other("the file is too large for a secret"));
    }
    Ok(text)
}
