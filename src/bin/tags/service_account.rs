//! The service account of the pod in which this runs.
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use std::path::{Path, PathBuf};

use tags::command::{ServiceAccount, ServiceAccountSettings};

use super::exit::{Exit, Failure};
use super::{context, env, sink};

/// Where Kubernetes mounts it.
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The service account, if this runs in a pod.
///
/// # Errors
/// [`Failure`] when this is a pod, and its service account cannot be read: then no other cluster is
/// asked instead.
pub(crate) fn of_this_pod() -> Result<Option<ServiceAccount>, Failure> {
    let Some(host) = env::variable("KUBERNETES_SERVICE_HOST") else {
        return Ok(None);
    };
    let port = env::variable("KUBERNETES_SERVICE_PORT_HTTPS")
        .or_else(|| env::variable("KUBERNETES_SERVICE_PORT"))
        .unwrap_or_else(|| "443".to_owned());
    let folder = env::variable("TAGS_SERVICE_ACCOUNT").map_or_else(|| FOLDER.into(), PathBuf::from);
    let token = read(&folder.join("token"))?;
    let token = String::from_utf8_lossy(&token).trim().to_owned();
    sink::secrets().add(&token);
    let settings = ServiceAccountSettings {
        host: &host,
        port: &port,
        token: token.into(),
        authority: read(&folder.join("ca.crt"))?,
        secrets: sink::secrets().clone(),
        trust: context::trust()?,
    };
    let account = ServiceAccount::new(settings)
        .map_err(|error| Failure::new(Exit::Unreadable, error.to_string()))?;
    Ok(Some(account))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let text = std::fs::read(path).and_then(|text| {
        let empty = || std::io::Error::other("it is empty");
        if text.is_empty() { Err(empty()) } else { Ok(text) }
    });
    text.map_err(|error| {
        let message = format!("cannot read this pod's service account, {}: {error}", path.display());
        Failure::new(Exit::Unreadable, message).hint(
            "let the pod mount its service account's token, name another folder with $TAGS_SERVICE_ACCOUNT, or give a context of kubectl: --in-use kubernetes:CONTEXT",
        )
    })
}
