//! What `tags check` reports: a valid policy.

use crate::policy::{Environment, Policy};

/// A valid policy file.
#[derive(Debug)]
pub struct PolicySummary {
    /// Its name.
    pub name: String,
    /// What it says.
    pub policy: Box<Policy>,
}

impl PolicySummary {
    /// What is valid and yet may not be meant.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let environments: Vec<&Environment> = self.policy.environments_in_order();
        if environments.is_empty() {
            remarks.push("there are no environments, so there is nothing to verify".to_owned());
        }
        for environment in &environments {
            let name = &environment.name;
            if environment.branch.is_none() {
                remarks.push(format!(
                    "{name} has no branch, so `tags verify` in CI must be told: `tags verify {name}`"
                ));
            }
            if !environment.latest_required {
                let latest = &environment.scheme.latest;
                remarks.push(format!("where `{latest}` is missing, `tags verify` only warns"));
            }
        }
        for (at, environment) in environments.iter().enumerate() {
            let Some(branch) = &environment.branch else { continue };
            let earlier = &environments[..at];
            if let Some(other) = earlier.iter().find(|one| one.branch.as_ref() == Some(branch)) {
                remarks.push(format!(
                    "{} and {} have the branch {branch}, so `tags verify` must be told which is meant",
                    other.name, environment.name
                ));
            }
        }
        let unused = self.policy.repositories.iter().filter(|(repository, _)| {
            !environments.iter().any(|environment| environment.uses(repository))
        });
        remarks.extend(unused.map(|(repository, image)| {
            format!("{image} in {repository} belongs to no environment")
        }));
        remarks
    }
}
