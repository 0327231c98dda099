//! Running references that must survive a cleanup: text in, references of the policy out.
//!
//! What cannot be understood is an error and never left out, since what is left out here may be
//! deleted. `running` reads the same lists to find out which release runs.

use std::collections::BTreeMap;

use crate::model::{Contents, Digest, ImageId, Repository, RepositoryContents, TagKind, TagName};
use crate::policy::{Mirrors, Policy};
use crate::running::{Listed, ListedItem, ListedReference, listed, unknown_mirror};

/// A reference in use, in a repository of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUseReference {
    /// The reference as it was given, without the container runtime in front.
    pub text: String,
    /// Its repository.
    pub repository: Repository,
    /// Its tag, if it names one; `latest` where it names neither tag nor digest.
    pub tag: Option<TagName>,
    /// Its digest, if it names one.
    pub digest: Option<Digest>,
}

/// What is named by a digest or an ID alone: which repository has it, only what was read tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnqualifiedReference {
    /// As it was given.
    pub text: String,
    /// What it names.
    pub content: UnqualifiedContent,
}

/// Content without a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnqualifiedContent {
    /// A manifest.
    Digest(Digest),
    /// A manifest or a config.
    Id(ImageId),
}

/// Everything that was listed as in use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUse {
    /// What is of the policy by its name, in the order given, each once.
    pub references: Vec<InUseReference>,
    /// What only its content can tell, in the order given, each once.
    pub unqualified: Vec<UnqualifiedReference>,
    /// How many references are of no repository of the policy.
    pub ignored: usize,
    /// What seems to be of the policy, and is pulled by an address that it has not.
    pub warnings: Vec<String>,
}

/// What is in use of all that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUseFound {
    /// What is of the policy; what was found by its content, once for each manifest.
    pub references: Vec<InUseReference>,
    /// How many things of the list are of the policy.
    pub known: usize,
    /// How many are not.
    pub others: usize,
}

impl InUseFound {
    /// That a list protects nothing, if it does not.
    ///
    /// # Errors
    /// [`InUseError::NothingKnown`] when there is a list and nothing of it was found.
    pub fn checked(&self) -> Result<(), InUseError> {
        match (self.known, self.others) {
            (0, count @ 1..) => Err(InUseError::NothingKnown { count }),
            _ => Ok(()),
        }
    }
}

/// The manifests that are, or hold, what an ID names, by repository and digest.
pub type ImagesById = BTreeMap<ImageId, Vec<(Repository, Digest)>>;

impl InUse {
    /// The IDs in it.
    #[must_use]
    pub fn ids(&self) -> Vec<ImageId> {
        let ids = self.unqualified.iter().filter_map(|item| match &item.content {
            UnqualifiedContent::Id(id) => Some(id.clone()),
            UnqualifiedContent::Digest(_) => None,
        });
        ids.collect()
    }

    /// What of it is in the repositories that were read. An ID that may be several protects all.
    #[must_use]
    pub fn found(&self, contents: &Contents, by_id: &ImagesById) -> InUseFound {
        let mut found = InUseFound {
            references: self.references.clone(),
            known: self.references.len(),
            others: self.ignored,
        };
        for item in &self.unqualified {
            let places = match &item.content {
                UnqualifiedContent::Digest(digest) => holders(contents, digest),
                UnqualifiedContent::Id(id) => by_id.get(id).cloned().unwrap_or_default(),
            };
            let count = if places.is_empty() { &mut found.others } else { &mut found.known };
            *count += 1;
            found.references.extend(places.into_iter().map(|(repository, digest)| {
                let digest = Some(digest);
                InUseReference { text: item.text.clone(), repository, tag: None, digest }
            }));
        }
        found
    }
}

/// Every place of a manifest.
fn holders(contents: &Contents, digest: &Digest) -> Vec<(Repository, Digest)> {
    let holds = |at: &&RepositoryContents| at.manifests.iter().any(|one| one.digest == *digest);
    let holding = contents.repositories.iter().filter(holds);
    holding.map(|at| (at.repository.clone(), digest.clone())).collect()
}

/// A list of references in use cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InUseError {
    /// Something is not an image reference.
    #[error("line {line} of the references in use has something else in it: `{text}`")]
    NotAReference {
        /// The line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// There is nothing in it.
    #[error("the list of references in use is empty")]
    Empty,
    /// Nothing in it is of the policy.
    #[error("no repository of the policy has any of the {count} references in use")]
    NothingKnown {
        /// How many were listed.
        count: usize,
    },
}

impl InUseError {
    /// Whether the list can be read, but protects nothing. A person may say that this is right.
    #[must_use]
    pub fn protects_nothing(&self) -> bool {
        matches!(self, Self::Empty | Self::NothingKnown { .. })
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAReference { .. } => {
                "give image references or IDs, as `docker ps --format '{{.Image}}'` or `kubectl get pods -A -o jsonpath='{..image} {..imageID}'` print them"
            }
            Self::Empty => {
                "if nothing runs, say --allow-empty-in-use; else look why the command that lists it printed nothing"
            }
            Self::NothingKnown { .. } => {
                "if nothing of the policy runs, say --allow-empty-in-use; else compare the hosts and paths with the policy's, and write those of mirrors into it"
            }
        }
    }
}

/// Reads references and matches them with the repositories of a policy. They are separated by
/// blanks or line ends.
///
/// # Errors
/// [`InUseError`] when something is no reference, or when nothing can be protected.
pub fn parse(text: &str, policy: &Policy) -> Result<InUse, InUseError> {
    let mut in_use = InUse::default();
    let mut count = 0;
    for item in listed(text) {
        count += 1;
        let read = item
            .read()
            .ok_or_else(|| InUseError::NotAReference { line: item.line, text: item.shown() })?;
        match read {
            Listed::Id(id) => in_use.add_unqualified(&item, UnqualifiedContent::Id(id)),
            Listed::Reference(reference) => in_use.add(&item, reference, policy),
        }
    }
    match (count, in_use.references.is_empty() && in_use.unqualified.is_empty()) {
        (0, _) => Err(InUseError::Empty),
        (_, true) => Err(InUseError::NothingKnown { count }),
        (_, false) => Ok(in_use),
    }
}

impl InUse {
    fn add_unqualified(&mut self, item: &ListedItem<'_>, content: UnqualifiedContent) {
        if !self.unqualified.iter().any(|known| known.content == content) {
            self.unqualified.push(UnqualifiedReference { text: item.shown(), content });
        }
    }

    /// Adds what a reference names, once for each repository that it can mean.
    fn add(&mut self, item: &ListedItem<'_>, reference: ListedReference, policy: &Policy) {
        let is_here = |at: &&Repository| reference.is_in(at, mirrors(policy, at));
        let mut named = false;
        for repository in policy.repositories.keys().filter(is_here) {
            named = true;
            let reference = InUseReference {
                text: item.text.to_owned(),
                repository: repository.clone(),
                tag: reference.tag.clone(),
                digest: reference.digest.clone(),
            };
            if !self.references.contains(&reference) {
                self.references.push(reference);
            }
        }
        match reference.digest {
            _ if named => {}
            // The same content is in use, whatever address it was pulled by.
            Some(digest) => self.add_unqualified(item, UnqualifiedContent::Digest(digest)),
            None => {
                self.ignored += 1;
                let warning = nearly_known(item, &reference, policy);
                self.warnings.extend(warning.filter(|text| !self.warnings.contains(text)));
            }
        }
    }
}

fn mirrors<'a>(policy: &'a Policy, repository: &Repository) -> Option<&'a Mirrors> {
    policy.registries.get(&repository.registry).map(|registry| &registry.mirrors)
}

/// What is said of a reference that would be of the policy if its host were a mirror.
fn nearly_known(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    policy: &Policy,
) -> Option<String> {
    let tag = reference.tag.as_ref()?;
    let has_tag = |at: &Repository| {
        policy.environments.values().any(|environment| {
            environment.uses(at) && environment.scheme.classify(tag) != TagKind::Foreign
        })
    };
    let fitting = policy.repositories.keys().filter(|at| has_tag(at)).filter_map(|at| {
        let mirror = reference.mirror_that_fits(at, mirrors(policy, at))?;
        Some((at, mirror))
    });
    unknown_mirror(item, fitting)
}
