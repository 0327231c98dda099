//! References in use, which a cleanup must keep: reads a list, and matches it with the policy.
//!
//! An item that cannot be read is an error and never ignored, since what is ignored here may be
//! deleted. `running` reads the same lists to find out which release is running.

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

/// A digest or ID without a known repository. Which repositories have it is known once they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnqualifiedReference {
    /// The item as it was given.
    pub text: String,
    /// What it names.
    pub content: UnqualifiedContent,
}

/// What an unqualified reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnqualifiedContent {
    /// A manifest, by its digest.
    Digest(Digest),
    /// A manifest or an image config, by its ID.
    Id(ImageId),
}

/// Everything that the list names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUse {
    /// References to repositories of the policy, in the order given, each once.
    pub references: Vec<InUseReference>,
    /// Digests and IDs to be found in what was read, in the order given, each once.
    pub unqualified: Vec<UnqualifiedReference>,
    /// How many references are to no repository of the policy.
    pub ignored: usize,
    /// References that seem to be to a repository of the policy, but by an address that it does not
    /// name.
    pub warnings: Vec<String>,
}

/// What the list names in the repositories that were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUseFound {
    /// The references; those found by digest or ID, once for each manifest.
    pub references: Vec<InUseReference>,
    /// How many items of the list were found.
    pub known: usize,
    /// How many were not.
    pub others: usize,
}

impl InUseFound {
    /// Refuses a list that protects nothing.
    ///
    /// # Errors
    /// [`InUseError::NothingKnown`] when the list is not empty and none of its items was found.
    pub fn checked(&self) -> Result<(), InUseError> {
        match (self.known, self.others) {
            (0, count @ 1..) => Err(InUseError::NothingKnown { count }),
            _ => Ok(()),
        }
    }
}

/// For each ID, the manifests with this ID or with a config that has it, by repository and digest.
pub type ImagesById = BTreeMap<ImageId, Vec<(Repository, Digest)>>;

impl InUse {
    /// The IDs in the list.
    #[must_use]
    pub fn ids(&self) -> Vec<ImageId> {
        let ids = self.unqualified.iter().filter_map(|item| match &item.content {
            UnqualifiedContent::Id(id) => Some(id.clone()),
            UnqualifiedContent::Digest(_) => None,
        });
        ids.collect()
    }

    /// What the list names in the repositories that were read. An ID that matches several manifests
    /// protects all of them.
    #[must_use]
    pub fn found(&self, contents: &Contents, by_id: &ImagesById) -> InUseFound {
        let mut found = InUseFound {
            references: self.references.clone(),
            known: self.references.len(),
            others: self.ignored,
        };
        for item in &self.unqualified {
            let places = match &item.content {
                UnqualifiedContent::Digest(digest) => repositories_with(contents, digest),
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

/// Every repository that has a manifest.
fn repositories_with(contents: &Contents, digest: &Digest) -> Vec<(Repository, Digest)> {
    let has_it = |at: &&RepositoryContents| at.manifests.iter().any(|one| one.digest == *digest);
    let with_it = contents.repositories.iter().filter(has_it);
    with_it.map(|at| (at.repository.clone(), digest.clone())).collect()
}

/// Why a list of references in use cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InUseError {
    /// An item is not an image reference.
    #[error("line {line} of the references in use: `{text}` is not an image reference or ID")]
    NotAReference {
        /// The line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// It is empty.
    #[error("the list of references in use is empty")]
    Empty,
    /// None of its items is in a repository of the policy.
    #[error("none of the references in use is in a repository of the policy ({count} in the list)")]
    NothingKnown {
        /// How many were listed.
        count: usize,
    },
}

impl InUseError {
    /// Whether the list can be read but protects nothing, which the user may allow.
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
                "if nothing is running, pass --allow-empty-in-use; otherwise check why the command that makes the list printed nothing"
            }
            Self::NothingKnown { .. } => {
                "if nothing of the policy is running, pass --allow-empty-in-use; otherwise compare the hosts and paths with those of the policy, and add mirrors to it"
            }
        }
    }
}

/// Reads references and matches them with the repositories of a policy. They are separated by
/// blanks or line ends.
///
/// # Errors
/// [`InUseError`] when an item is not a reference, or when the list protects nothing.
pub fn parse(text: &str, policy: &Policy) -> Result<InUse, InUseError> {
    read(listed(text), policy)
}

/// The same for references that are items already; their lines are counted from 1.
///
/// # Errors
/// As for [`parse`].
pub fn parse_items<'a>(
    items: impl Iterator<Item = &'a str>,
    policy: &Policy,
) -> Result<InUse, InUseError> {
    read(items.enumerate().map(|(number, text)| ListedItem::new(number + 1, text)), policy)
}

fn read<'a>(
    items: impl Iterator<Item = ListedItem<'a>>,
    policy: &Policy,
) -> Result<InUse, InUseError> {
    let mut in_use = InUse::default();
    let mut count = 0;
    for item in items {
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

    /// Adds a reference, once for each repository that it can be to.
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
                let warning = unknown_mirror_warning(item, &reference, policy);
                self.warnings.extend(warning.filter(|text| !self.warnings.contains(text)));
            }
        }
    }
}

fn mirrors<'a>(policy: &'a Policy, repository: &Repository) -> Option<&'a Mirrors> {
    policy.registries.get(&repository.registry).map(|registry| &registry.mirrors)
}

/// The warning about a reference that would match a repository if its host were a mirror.
fn unknown_mirror_warning(
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
    let matching = policy.repositories.keys().filter(|at| has_tag(at)).filter_map(|at| {
        let mirror = reference.possible_mirror(at, mirrors(policy, at))?;
        Some((at, mirror))
    });
    unknown_mirror(item, matching)
}
