//! Drafts a policy file from what workflows push, or from the tags of a registry: what was seen ──> TOML text.
//!
//! Every entry has a comment that says where it was seen. What cannot be known is a comment that says
//! so, and never an entry. The text is always a valid policy: it is parsed before it is returned.

mod address;
mod environment;
mod image;
mod latest;
mod listing;
mod place;
mod proposal;
mod registry;
mod sighting;
mod text;
mod workflows;
mod write;

pub use address::RegistryAddress;
pub use environment::{DraftBranch, DraftEnvironment};
pub use image::DraftImage;
pub use latest::DraftLatest;
pub use listing::{ListedRepository, of_listing};
pub use registry::DraftRegistry;
pub use sighting::{DraftNote, Sightings};
pub use text::one_line;
pub use workflows::of_workflows;
pub use write::registry_alone;

use std::collections::BTreeMap;

use crate::policy;

/// A drafted policy.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where it comes from, for the first comment: `.github/workflows`.
    pub source: String,
    /// The registries.
    pub registries: Vec<DraftRegistry>,
    /// The images.
    pub images: Vec<DraftImage>,
    /// The environments, those like production first.
    pub environments: Vec<DraftEnvironment>,
    /// Globs of tags that are neither a release nor a latest tag, such as `pr-*`, each with a place where it
    /// was seen.
    pub other_tags: BTreeMap<String, String>,
    /// Globs of tags that name versions.
    pub versions: Vec<String>,
    /// What is not known.
    pub notes: Vec<DraftNote>,
    /// The repository on GitHub, `owner/name`, if it is known.
    pub github: Option<String>,
}

impl Draft {
    /// A draft of what was seen.
    #[must_use]
    pub fn of(source: String, sightings: Sightings) -> Self {
        let Sightings { list, mut notes, other_tags, versions, github, .. } = sightings;
        let registries = registry::registries(&list);
        let named = image::named(&list, &registries);
        let images = image::images(&named);
        let environments = environment::environments(&named, &images, &mut notes);
        Self {
            source,
            registries,
            images,
            environments,
            other_tags,
            versions: versions.into_iter().collect(),
            notes,
            github,
        }
    }

    /// The text of the policy file, which is valid. What makes it invalid becomes a note.
    #[must_use]
    pub fn into_text(mut self) -> (Self, String) {
        if !self.is_valid() {
            self.keep_valid_images();
            self.keep_valid_environments();
        }
        let text = write::text(&self);
        (self, text)
    }

    fn is_valid(&self) -> bool {
        policy::parse("draft", &write::text(self)).is_ok()
    }

    fn keep_valid_images(&mut self) {
        let environments = std::mem::take(&mut self.environments);
        for image in std::mem::take(&mut self.images) {
            self.images.push(image);
            if !self.is_valid() {
                let left_out = self.images.pop();
                self.notes.extend(left_out.map(|image| image.left_out()));
            }
        }
        self.environments = environments;
    }

    fn keep_valid_environments(&mut self) {
        for environment in std::mem::take(&mut self.environments) {
            self.environments.push(environment);
            let Err(error) = policy::parse("draft", &write::text(self)) else { continue };
            let why = error.problems().next().map(|(_, problem)| problem.message.clone());
            let left_out = self.environments.pop();
            self.notes.extend(left_out.map(|one| one.left_out(why.as_deref())));
        }
    }
}
