//! A request to the control API, as its handlers get it.

use serde_json::Value;

use super::super::call::Call;
use super::super::shared::Shared;
use super::settings::DocrSettings;
use super::wire::Problem;
use crate::model::RepositoryPath;

/// A request, with the registry that it is for.
pub(super) struct Request<'a> {
    pub(super) shared: &'a Shared,
    pub(super) docr: &'a DocrSettings,
    pub(super) call: &'a Call,
}

impl Request<'_> {
    /// The path of a repository; not found if it does not exist.
    pub(super) fn repository(&self, registry: &str, name: &str) -> Result<RepositoryPath, Problem> {
        let unknown = || Problem::not_found("repository");
        let path = RepositoryPath::parse(&format!("{registry}/{name}")).map_err(|_| unknown())?;
        if self.shared.store.tags(&path).is_some() { Ok(path) } else { Err(unknown()) }
    }

    /// The JSON of the body; null without a body.
    pub(super) fn body(&self) -> Result<Value, Problem> {
        if self.call.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.call.body)
            .map_err(|_| Problem::bad_request("the body is not JSON"))
    }
}
