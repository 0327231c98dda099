//! `[images]`: every repository that fits is an image, named by its path.
//!
//! Which repositories there are is asked elsewhere; here it is decided which of them fit.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use globset::GlobMatcher;

use crate::model::{ImageName, InvalidName, RegistryName, Repository, RepositoryPath};

/// What stands for the name in the path of a repository.
pub(super) const PLACEHOLDER: &str = "{image}";

/// The images that were found, each with its repository in each registry that has it.
pub type FoundImages = BTreeMap<ImageName, BTreeMap<RegistryName, Repository>>;

/// Which repositories are images.
#[derive(Debug, Clone)]
pub struct ImagePatterns {
    /// Globs over names; at least one must match.
    pub(super) matching: Vec<GlobMatcher>,
    /// Globs over names; none may match.
    pub(super) exclude: Vec<GlobMatcher>,
    /// The paths of the repositories in each registry.
    pub(super) paths: BTreeMap<RegistryName, PathPattern>,
    /// The policy file, which is read again once the images are known.
    pub(super) source: Arc<PolicySource>,
}

/// The text of a policy file, and what messages call it.
#[derive(Default)]
pub(super) struct PolicySource {
    pub(super) name: String,
    pub(super) text: String,
}

impl fmt::Debug for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicySource").field(&self.name).finish()
    }
}

/// The paths of the repositories in one registry: a name stands between two texts.
#[derive(Debug, Clone)]
pub(super) struct PathPattern {
    pub(super) host: String,
    /// The registry's namespace included.
    pub(super) before: String,
    pub(super) after: String,
}

impl PathPattern {
    fn name_in<'p>(&self, path: &'p str) -> Option<&'p str> {
        let name = path.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }
}

impl ImagePatterns {
    /// The registries in which images are looked for.
    pub fn registries(&self) -> impl Iterator<Item = &RegistryName> {
        self.paths.keys()
    }

    /// Whether a name fits.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let is_one = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(name));
        is_one(&self.matching) && !is_one(&self.exclude)
    }

    /// Adds the images among the repositories of a registry.
    ///
    /// # Errors
    /// [`InvalidName`] for a repository that fits, and whose name is too long for an image.
    pub fn add_fitting(
        &self,
        registry: &RegistryName,
        paths: &[RepositoryPath],
        found: &mut FoundImages,
    ) -> Result<(), InvalidName> {
        let Some(pattern) = self.paths.get(registry) else { return Ok(()) };
        for path in paths {
            let name = pattern.name_in(path.as_str()).filter(|name| self.fits(name));
            if let Some(name) = name {
                let repository = Repository {
                    registry: registry.clone(),
                    host: pattern.host.clone(),
                    path: path.clone(),
                };
                let image = found.entry(ImageName::parse(name)?).or_default();
                image.insert(registry.clone(), repository);
            }
        }
        Ok(())
    }

    /// The repository at an address, if it fits.
    pub(super) fn repository_at(&self, host: &str, path: &str) -> Option<Repository> {
        let fits = |pattern: &PathPattern| {
            pattern.host == host && pattern.name_in(path).is_some_and(|name| self.fits(name))
        };
        let (registry, _) = self.paths.iter().find(|(_, pattern)| fits(pattern))?;
        let path = RepositoryPath::parse(path).ok()?;
        Some(Repository { registry: registry.clone(), host: host.to_owned(), path })
    }
}
