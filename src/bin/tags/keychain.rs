//! Credentials from the variables that the policy names, then from Docker's config and its helpers.
//!
//! Credential helpers are other programs: they get a time limit, and their output is never shown,
//! since it may contain the secret.

use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use tags::command::{Credential, CredentialError, CredentialOrigin, CredentialSecret, Keychain};
use tags::policy::RegistrySettings;

use super::env;
use super::variables::Variables;

const HELPER_TIME: Duration = Duration::from_secs(10);
/// A helper that ends without reading its input sometimes breaks the pipe, so it is run again.
const TRIES: usize = 3;

/// The credentials of the user who runs the program; `variables` holds the values of the variables
/// that the policy names.
pub(crate) fn system_keychain(variables: Variables) -> Keychain {
    Arc::new(move |registry| match from_environment(&variables, registry)? {
        Some(credential) => Ok(Some(credential)),
        None => from_docker(registry),
    })
}

fn from_environment(
    variables: &Variables,
    registry: &RegistrySettings,
) -> Result<Option<Credential>, CredentialError> {
    let credentials = &registry.credentials;
    let mut names = credentials.token_env.iter();
    let found = names.find_map(|name| variables.value(name).map(|token| (name, token.to_owned())));
    let Some((name, token)) = found else {
        return Ok(None);
    };
    let username = match &credentials.username_env {
        Some(variable) => {
            variables.value(variable).map(str::to_owned).ok_or_else(|| CredentialError {
                message: format!(
                    "${name} is set, but ${variable}, the policy's `username-env`, is not"
                ),
                hint: format!("set {variable}, or remove `username-env` from the policy"),
            })?
        }
        None => registry.kind.username(&token),
    };
    let secret = CredentialSecret::Basic { username, password: token.into() };
    Ok(Some(Credential { secret, origin: CredentialOrigin::Variable(name.clone()) }))
}

/// The most specific entry of Docker's config: `host/namespace` before `host`.
fn from_docker(registry: &RegistrySettings) -> Result<Option<Credential>, CredentialError> {
    let host = registry.host();
    let mut names: Vec<String> = Vec::new();
    if let Some(namespace) = &registry.namespace {
        names.push(format!("{host}/{namespace}"));
    }
    names.push(host);
    for name in names {
        let secret = match ask_in_time(&name) {
            Err(RecvTimeoutError::Timeout) => {
                return Err(failed(&name, "a credential helper does not answer"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(failed(&name, "a credential helper could not be run"));
            }
            Ok(Err(error)) => match problem(&error) {
                Some(what) => return Err(failed(&name, &what)),
                None => continue,
            },
            Ok(Ok(DockerCredential::IdentityToken(token))) => {
                CredentialSecret::Identity(token.into())
            }
            Ok(Ok(DockerCredential::UsernamePassword(username, password))) => {
                CredentialSecret::Basic { username, password: password.into() }
            }
        };
        return Ok(Some(Credential { secret, origin: CredentialOrigin::Docker }));
    }
    Ok(None)
}

/// Asks in a separate thread, which is not waited for when a helper takes too long.
fn ask_in_time(
    name: &str,
) -> Result<Result<DockerCredential, CredentialRetrievalError>, RecvTimeoutError> {
    let (sender, receiver) = mpsc::channel();
    let name = name.to_owned();
    std::thread::spawn(move || {
        // Nobody receives it after the time limit.
        let _ = sender.send(ask(&name));
    });
    receiver.recv_timeout(HELPER_TIME)
}

fn ask(name: &str) -> Result<DockerCredential, CredentialRetrievalError> {
    let mut answer = ask_once(name);
    for _ in 1..TRIES {
        if !matches!(answer, Err(CredentialRetrievalError::HelperCommunicationError)) {
            break;
        }
        answer = ask_once(name);
    }
    answer
}

/// The crate's own search for the file knows the home directory of Unix only.
fn ask_once(name: &str) -> Result<DockerCredential, CredentialRetrievalError> {
    let path = env::docker_config().ok_or(CredentialRetrievalError::ConfigNotFound)?;
    let file = File::open(&path).map_err(|_| {
        if path.exists() {
            CredentialRetrievalError::ConfigReadError
        } else {
            CredentialRetrievalError::ConfigNotFound
        }
    })?;
    docker_credential::get_credential_from_reader(BufReader::new(file), name)
}

/// What went wrong; none if there is simply no credential.
fn problem(error: &CredentialRetrievalError) -> Option<String> {
    match error {
        CredentialRetrievalError::HelperFailure { stdout, stderr, .. }
            if stdout.contains("credentials not found")
                || stderr.contains("credentials not found") =>
        {
            None
        }
        CredentialRetrievalError::HelperFailure { helper, .. } => {
            Some(format!("the credential helper `{helper}` failed"))
        }
        CredentialRetrievalError::HelperCommunicationError => {
            Some("the credential helper cannot be run".to_owned())
        }
        CredentialRetrievalError::MalformedHelperResponse => {
            Some("the credential helper's answer cannot be read".to_owned())
        }
        CredentialRetrievalError::ConfigReadError => {
            Some("the Docker config cannot be read".to_owned())
        }
        CredentialRetrievalError::CredentialDecodingError
        | CredentialRetrievalError::CredentialMismatchError => {
            Some("the entry in the Docker config cannot be read".to_owned())
        }
        _ => None,
    }
}

fn failed(name: &str, what: &str) -> CredentialError {
    CredentialError {
        message: format!("{what} for {name}"),
        hint: "try `docker login`, look at ~/.docker/config.json, or set the registry's token variable".to_owned(),
    }
}
