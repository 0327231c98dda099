//! The settings of a valid policy file: every default filled in, every name resolved.
//!
//! Made only by parsing; other modules do not see TOML.

use super::RegistryKind;
use super::github::{Deploys, GitHubSettings, RunLimits};
use super::patterns::ImagePatterns;
use super::shard::Shard;
use std::collections::BTreeMap;
use std::time::Duration;

use globset::GlobMatcher;
use url::Url;

use crate::model::{
    EnvironmentName, ImageName, Platform, RegistryName, ReleaseOrder, Repository, RepositoryPath,
    Sha, TagScheme,
};

/// A valid policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The registries, by name.
    pub registries: BTreeMap<RegistryName, RegistrySettings>,
    /// The environments, by name, with their images and repositories resolved.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// By which further images are found, if the policy has `[images]`.
    pub patterns: Option<ImagePatterns>,
    /// The images that were found.
    pub found: Vec<ImageName>,
    /// Which part of the policy file this is, if it is not all of it.
    pub shard: Option<Shard>,
    /// Every repository of every image, including those of single environments.
    pub repositories: BTreeMap<Repository, ImageName>,
    /// The retention rules, in the order of the file.
    pub retention: Vec<Retention>,
    /// How long a manifest without a tag is kept; `None` means for ever.
    pub untagged_keep_within: Option<Duration>,
    /// What is never deleted.
    pub protect: Protect,
    /// How much one run may delete.
    pub limits: Limits,
    /// The repository whose pipeline deploys, if the policy names one.
    pub github: Option<GitHubSettings>,
    /// The settings of `tags lint`.
    pub lint: LintSettings,
    /// The name of the file, without its folder.
    pub file: String,
    /// The line of `keep-within` in `[untagged]`, from 1, if the file has it.
    pub untagged_line: Option<usize>,
}

impl Policy {
    /// The environments as people look at them: those that are named like production first, then in the
    /// order of the file.
    #[must_use]
    pub fn environments_in_order(&self) -> Vec<&Environment> {
        let mut environments: Vec<&Environment> = self.environments.values().collect();
        environments.sort_by_key(|one| (!one.name.is_like_production(), one.line));
        environments
    }

    /// The repository at an address: of an image, or one that `[images]` would find if it were listed.
    /// A repository is listed no more once everything in it is deleted.
    #[must_use]
    pub fn repository_at(&self, host: &str, path: &str) -> Option<Repository> {
        let is_here = |known: &&Repository| known.host == host && known.path.as_str() == path;
        let known = self.repositories.keys().find(is_here).cloned();
        known.or_else(|| self.patterns.as_ref()?.repository_at(host, path))
    }
}

/// A registry of the policy.
#[derive(Debug, Clone)]
pub struct RegistrySettings {
    /// Its name in the policy.
    pub name: RegistryName,
    /// Its kind.
    pub kind: RegistryKind,
    /// The address of its OCI API: scheme, host and port, without a path.
    pub url: Url,
    /// The address of its management API, for the kinds that have one.
    pub api_url: Option<Url>,
    /// Whether the policy file sets `api-url`.
    pub api_url_written: bool,
    /// DOCR: the registry's name; GHCR: the owner; else a path before every repository.
    pub namespace: Option<RepositoryPath>,
    /// Which environment variables may hold its credentials.
    pub credentials: Credentials,
    /// Whether plain HTTP to other hosts than this machine is accepted.
    pub insecure: bool,
    /// Other addresses from which its images are pulled.
    pub mirrors: Mirrors,
}

/// Other addresses from which a registry's images are pulled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mirrors {
    /// The registry's namespace, which a mirror may leave out.
    pub namespace: Option<RepositoryPath>,
    /// The addresses.
    pub list: Vec<Mirror>,
}

/// Another address from which a registry's images are pulled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mirror {
    /// `host` or `host:port`.
    pub host: String,
    /// The prefix of every repository path.
    pub path: Option<RepositoryPath>,
}

impl RegistrySettings {
    /// The host in image references: `host`, or `host:port` with another port than the default.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// Environment variables for a registry's credentials; without them the Docker config is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Variables that may hold the token; the first that is set is used.
    pub token_env: Vec<String>,
    /// The variable that holds the user name; the token is then a password.
    pub username_env: Option<String>,
}

/// An environment of the policy.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// Its line in the file, from 1.
    pub line: usize,
    /// The branch that is deployed to it.
    pub branch: Option<String>,
    /// How its tags are named.
    pub scheme: TagScheme,
    /// Whether verification fails without the latest tag, or only warns.
    pub latest_required: bool,
    /// Its images.
    pub images: BTreeMap<ImageName, EnvironmentImage>,
    /// Those of its images that were found by `[images]`.
    pub found: Vec<ImageName>,
    /// How its releases are ordered.
    pub order: ReleaseOrder,
    /// Whether an image must have one digest in all registries.
    pub same_digest: bool,
    /// SHAs (or prefixes) that are never a rollback target.
    pub bad_shas: Vec<Sha>,
    /// The environments whose releases may be promoted to it.
    pub promote_from: Vec<EnvironmentName>,
    /// Which runs of the pipeline deploy to it, if the policy says so.
    pub deploys: Option<Deploys>,
    /// The limits for its runs.
    pub run_limits: RunLimits,
    /// The mirrors of its registries.
    pub mirrors: BTreeMap<RegistryName, Mirrors>,
}

impl Environment {
    /// Whether one of its images is in this repository.
    #[must_use]
    pub fn uses(&self, repository: &Repository) -> bool {
        self.images.values().any(|image| image.repositories.values().any(|at| at == repository))
    }
}

/// An image in an environment.
#[derive(Debug, Clone)]
pub struct EnvironmentImage {
    /// Platforms that must be in its index.
    pub platforms: Vec<Platform>,
    /// Its repository in each registry that it must be in.
    pub repositories: BTreeMap<RegistryName, Repository>,
}

/// A position in the policy file: byte offsets.
pub type Span = std::ops::Range<usize>;

/// A retention rule.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What the rule applies to.
    pub scope: RetentionScope,
    /// How many of the newest are kept.
    pub keep_last: Option<u32>,
    /// How long each is kept.
    pub keep_within: Option<Duration>,
}

/// What a retention rule applies to.
#[derive(Debug, Clone)]
pub enum RetentionScope {
    /// The releases of these environments, each as a whole over images and registries.
    Environments(Vec<EnvironmentName>),
    /// Other tags, by glob, in each repository.
    Tags(Vec<GlobMatcher>),
}

/// What is never deleted.
#[derive(Debug, Clone)]
pub struct Protect {
    /// How many complete releases before the current one, per environment.
    pub rollback_depth: u32,
    /// Tags, by glob.
    pub tags: Vec<GlobMatcher>,
    /// Releases, by SHA or a prefix of it.
    pub shas: Vec<Sha>,
    /// Nothing younger is deleted.
    pub min_age: Duration,
}

/// How much one run may delete or copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Manifests per run.
    pub max_deletions: u32,
    /// The share of one repository's manifests, tagged or not, 0 to 1.
    pub max_share: f64,
    /// The bytes that one repair or promotion may copy.
    pub max_copy: Option<u64>,
}

/// What the policy says about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    /// The rule is not applied.
    Off,
    /// Its findings are warnings.
    Warning,
    /// Its findings are errors.
    Error,
}

/// The settings of `tags lint`.
#[derive(Debug, Clone, Default)]
pub struct LintSettings {
    /// The level of each rule that the policy names.
    pub rules: BTreeMap<String, RuleLevel>,
    /// Repositories, `host/path`, that hold images for tests only.
    pub test_images: Vec<GlobMatcher>,
    /// Repositories, `host/path`, that hold images of others.
    pub third_party: Vec<GlobMatcher>,
}
