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

/// Something that is valid and yet may not be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRemark {
    /// What it is.
    pub text: String,
    /// The line of the file that it is about, from 1, where there is one.
    pub line: Option<usize>,
}

impl PolicySummary {
    /// What is valid and yet may not be meant.
    #[must_use]
    pub fn remarks(&self) -> Vec<PolicyRemark> {
        let mut remarks = Vec::new();
        let remark = |text: String, line| PolicyRemark { text, line };
        let environments: Vec<&Environment> = self.policy.environments_in_order();
        if environments.is_empty() {
            let text = "there are no environments, so there is nothing to verify";
            remarks.push(remark(text.to_owned(), None));
        }
        for environment in &environments {
            let name = &environment.name;
            let line = Some(environment.line);
            if environment.branch.is_none() {
                let text = format!(
                    "{name} has no branch, so `tags verify` in CI must be told: `tags verify {name}`"
                );
                remarks.push(remark(text, line));
            }
            if !environment.latest_required {
                let latest = &environment.scheme.latest;
                let text = format!("where `{latest}` is missing, `tags verify` only warns");
                remarks.push(remark(text, line));
            }
        }
        for (at, environment) in environments.iter().enumerate() {
            let Some(branch) = &environment.branch else { continue };
            let earlier = &environments[..at];
            if let Some(other) = earlier.iter().find(|one| one.branch.as_ref() == Some(branch)) {
                let text = format!(
                    "{} and {} have the branch {branch}, so `tags verify` must be told which is meant",
                    other.name, environment.name
                );
                remarks.push(remark(text, Some(environment.line)));
            }
        }
        let unused = self.policy.repositories.iter().filter(|(repository, _)| {
            !environments.iter().any(|environment| environment.uses(repository))
        });
        remarks.extend(unused.map(|(repository, image)| {
            remark(format!("{image} in {repository} belongs to no environment"), None)
        }));
        remarks
    }
}
