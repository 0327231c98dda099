//! The policy file as it is written: its tables and keys, their types and descriptions.
//!
//! One definition makes the struct, its reader and its JSON Schema; the doc comments are the descriptions
//! in the schema. Nothing is resolved, and no default is filled in.

use schemars::JsonSchema;
use toml::de::DeValue;

use super::lint::RawLint;
use super::problem::Problems;
use super::read::{Field, KeyContext, List, Map, Read, field, refuse_others, table};
use super::scalar::{DurationText, SizeText};

macro_rules! table {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal,)* }
    ) => {
        #[derive(Debug, Default, JsonSchema)]
        #[allow(clippy::struct_field_names, reason = "the keys of a table may begin alike: max-…")]
        $(#[$meta])*
        #[schemars(default, deny_unknown_fields)]
        pub(super) struct $name {
            $(
                $(#[$field_meta])*
                #[schemars(rename = $key)]
                pub(super) $field: Field<$type>,
            )*
        }

        impl Read for $name {
            fn read(value: &DeValue<'_>, at: &KeyContext<'_>, problems: &mut Problems) -> Option<Self> {
                let table = table(value, at, problems)?;
                refuse_others(table, &[$($key),*], problems);
                Some(Self { $($field: field(table, $key, problems),)* })
            }
        }
    };
}

table! {
    /// What a container registry must hold, and what may be deleted from it.
    #[schemars(title = "tags policy", extend("required" = ["version"]))]
    RawPolicy {
        /// The version of this format.
        #[schemars(extend("const" = 1))]
        version: u32 = "version",
        /// The registries, by a name of your choice.
        registry: Map<RawRegistry> = "registry",
        /// The images that the team builds, by a name of your choice.
        image: Map<RawImage> = "image",
        /// Instead of naming each image: every repository that fits is an image.
        images: RawImages = "images",
        /// The environments that releases are built for, by a name of your choice.
        environment: Map<RawEnvironment> = "environment",
        /// Rules for what is kept; what no rule covers is kept.
        retention: List<RawRetention> = "retention",
        /// Manifests without a tag that nothing kept refers to; without this table they are kept.
        untagged: RawUntagged = "untagged",
        /// What is never deleted, whatever the rules say.
        protect: RawProtect = "protect",
        /// How much one run may delete; a plan beyond that is refused as a whole.
        limits: RawLimits = "limits",
        /// The repository whose runs and deployments tell what was deployed.
        github: RawGitHub = "github",
        /// How severe each rule of `tags lint` is, and which images it exempts.
        lint: RawLint = "lint",
    }
}

table! {
    /// A registry. Credentials are never written here, only the names of variables that hold them.
    #[schemars(rename = "Registry", extend("required" = ["kind"]))]
    RawRegistry {
        /// `docr` (DigitalOcean), `ghcr` (GitHub) or `oci` (any other).
        #[schemars(extend("enum" = ["docr", "ghcr", "oci"]))]
        kind: String = "kind",
        /// docr: the registry's name; ghcr: the owner; oci: an optional path before all repositories.
        namespace: String = "namespace",
        /// The OCI endpoint, scheme and host only. Required for oci; the other kinds have a default.
        url: String = "url",
        /// Other addresses, host[/path], by which the same images are pulled, such as a proxy cache.
        #[schemars(extend("default" = []))]
        mirrors: List<String> = "mirrors",
        /// The management API, scheme and host only; docr and ghcr.
        api_url: String = "api-url",
        /// The variable that holds the token. docr: `DIGITALOCEAN_ACCESS_TOKEN`; ghcr: `GITHUB_TOKEN`, then `GH_TOKEN`; oci: none.
        token_env: String = "token-env",
        /// The variable that holds the user name, with the token as its password; oci only.
        username_env: String = "username-env",
        /// Whether plain HTTP to other hosts than this machine is accepted.
        #[schemars(extend("default" = false))]
        insecure: bool = "insecure",
    }
}

table! {
    /// An image.
    #[schemars(rename = "Image", extend("required" = ["repositories"]))]
    RawImage {
        /// Its repository in each registry that it must be in.
        #[schemars(extend("minProperties" = 1))]
        repositories: Map<String> = "repositories",
        /// Platforms, `os/arch` or `os/arch/variant`, that must be in its index.
        #[schemars(extend("default" = []))]
        platforms: List<String> = "platforms",
    }
}

table! {
    /// Which repositories are images, by their paths. `[image.<name>]` beside it wins.
    #[schemars(rename = "Images", extend("required" = ["match", "repositories"]))]
    RawImages {
        /// Names of images, by globs.
        #[schemars(extend("minItems" = 1))]
        matching: List<String> = "match",
        /// Names that are no images, by globs.
        #[schemars(extend("default" = []))]
        exclude: List<String> = "exclude",
        /// The paths of their repositories, by registry, each with `{image}` in place of the name: one
        /// part of the path, or a piece of it.
        #[schemars(extend("minProperties" = 1))]
        repositories: Map<String> = "repositories",
    }
}

table! {
    /// An environment and its tags.
    #[schemars(rename = "Environment", extend("required" = ["sha-tag", "latest-tag"]))]
    RawEnvironment {
        /// The branch that is deployed to it; lets `tags verify` find the environment in CI.
        branch: String = "branch",
        /// The tag of a release, with `{sha}` in place of the commit.
        #[schemars(extend("pattern" = r"\{sha\}"))]
        sha_tag: String = "sha-tag",
        /// The tag that moves to the current release.
        latest_tag: String = "latest-tag",
        /// Older patterns whose tags are still releases of this environment.
        #[schemars(extend("default" = []))]
        former_sha_tags: List<String> = "former-sha-tags",
        /// Whether verification fails without the latest tag, or only warns.
        #[schemars(extend("default" = true))]
        latest_required: bool = "latest-required",
        /// Its images; all if this key is missing.
        #[schemars(extend("minItems" = 1))]
        images: List<String> = "images",
        /// Its registries; all that its images have if this key is missing.
        #[schemars(extend("minItems" = 1))]
        registries: List<String> = "registries",
        /// Its own repositories, by registry and image.
        repositories: Map<Map<String>> = "repositories",
        /// How releases are ordered: by push time, by build time, by the git history of the checkout, or by
        /// when they were deployed.
        #[schemars(extend("enum" = ["pushed", "built", "git", "deployed"], "default" = "pushed"))]
        order: String = "order",
        /// Whether an image must have one digest in all its registries.
        #[schemars(extend("default" = true))]
        same_digest: bool = "same-digest",
        /// Commits, or prefixes of them, that are never a rollback target.
        #[schemars(extend("default" = []))]
        bad_shas: List<String> = "bad-shas",
        /// The environments whose releases `tags promote` may ship to this one, by the same digests.
        #[schemars(extend("default" = []))]
        promote_from: List<String> = "promote-from",
        /// Which runs of the pipeline deploy to it.
        deploys: RawDeploys = "deploys",
        /// The limits that `tags runs` judges its runs by.
        runs: RawRuns = "runs",
    }
}

table! {
    /// The repository on GitHub whose pipeline deploys; for the order `deployed`, `tags runs` and records.
    #[schemars(rename = "GitHub")]
    RawGitHub {
        /// `owner/name` [default: `$GITHUB_REPOSITORY`, else the remote `origin`].
        repository: String = "repository",
        /// The API, scheme and host only [default: `https://api.github.com`, in Actions `$GITHUB_API_URL`].
        api_url: String = "api-url",
        /// The variable that holds the token [default: `GITHUB_TOKEN`, then `GH_TOKEN`].
        token_env: String = "token-env",
        /// Where records of releases are kept: `deployments`, `none`, or the path of a file, relative to the policy file.
        #[schemars(extend("default" = "deployments"))]
        records: String = "records",
        /// Whose deployments are records.
        #[schemars(extend("default" = ["github-actions[bot]"]))]
        records_by: List<String> = "records-by",
    }
}

table! {
    /// Which runs of the pipeline deploy to an environment.
    #[schemars(rename = "Deploys", extend("required" = ["workflows", "jobs"]))]
    RawDeploys {
        /// The files of the workflows, newer ones first.
        #[schemars(extend("minItems" = 1))]
        workflows: List<String> = "workflows",
        /// The jobs that deploy, by globs over the whole name; all that match must succeed.
        #[schemars(extend("minItems" = 1))]
        jobs: List<String> = "jobs",
        /// The jobs that migrate a database, by globs over the whole name.
        #[schemars(extend("default" = []))]
        migrate_jobs: List<String> = "migrate-jobs",
        /// The events whose runs count; `workflow_dispatch` only where a dispatch deploys its head.
        #[schemars(extend("default" = ["push"]))]
        events: List<String> = "events",
        /// The `run-name` of the workflow with `{sha}` in place of the commit, where it names the commit.
        #[schemars(extend("pattern" = r"\{sha\}"))]
        title: String = "title",
        /// When a deployed release is known to be good: the whole `run` succeeded, or its deploy `jobs`.
        #[schemars(extend("enum" = ["run", "jobs"], "default" = "run"))]
        success: String = "success",
    }
}

table! {
    /// The limits that `tags runs` judges an environment's runs by.
    #[schemars(rename = "Runs")]
    RawRuns {
        /// How long the migrations of a run may take.
        #[schemars(extend("default" = "15m"))]
        migrate_max: DurationText = "migrate-max",
        /// How long it may take from the start of a run to the end of its last deploy job.
        #[schemars(extend("default" = "20m"))]
        deploy_max: DurationText = "deploy-max",
        /// The share of runs that may fail.
        #[schemars(extend("default" = 0.05, "minimum" = 0, "maximum" = 1))]
        max_failure_rate: f64 = "max-failure-rate",
        /// The share of runs whose migrations may fail.
        #[schemars(extend("default" = 0.01, "minimum" = 0, "maximum" = 1))]
        max_migrate_failure_rate: f64 = "max-migrate-failure-rate",
        /// How many of the newest runs are judged.
        #[schemars(extend("default" = 30, "minimum" = 1))]
        last: u32 = "last",
    }
}

table! {
    /// A rule: what it applies to, and how much of that is kept. What either `keep-last` or `keep-within`
    /// keeps is kept.
    #[schemars(
        rename = "Retention",
        extend(
            "oneOf" = [{ "required": ["environments"] }, { "required": ["tags"] }],
            "anyOf" = [{ "required": ["keep-last"] }, { "required": ["keep-within"] }]
        )
    )]
    RawRetention {
        /// The releases of these environments, each as a whole over images and registries.
        #[schemars(extend("minItems" = 1))]
        environments: List<String> = "environments",
        /// Other tags, by glob, in each repository.
        #[schemars(extend("minItems" = 1))]
        tags: List<String> = "tags",
        /// How many of the newest are kept, counted for each environment separately.
        keep_last: u32 = "keep-last",
        /// How long each is kept.
        keep_within: DurationText = "keep-within",
    }
}

table! {
    /// Manifests without a tag that nothing kept refers to.
    #[schemars(rename = "Untagged")]
    RawUntagged {
        /// How long each is kept.
        keep_within: DurationText = "keep-within",
    }
}

table! {
    /// What is never deleted.
    #[schemars(rename = "Protect")]
    RawProtect {
        /// How many complete releases before the current one are kept, per environment.
        #[schemars(extend("default" = 3))]
        rollback_depth: u32 = "rollback-depth",
        /// Tags, by glob.
        #[schemars(extend("default" = []))]
        tags: List<String> = "tags",
        /// Releases, by commit or a prefix of it.
        #[schemars(extend("default" = []))]
        shas: List<String> = "shas",
        /// Nothing younger is ever deleted.
        #[schemars(extend("default" = "24h"))]
        min_age: DurationText = "min-age",
    }
}

table! {
    /// How much one run may delete or copy.
    #[schemars(rename = "Limits")]
    RawLimits {
        /// Manifests per run, children and referrers included.
        #[schemars(extend("default" = 500))]
        max_deletions: u32 = "max-deletions",
        /// The share of one repository's manifests, tagged or not.
        #[schemars(extend("default" = 0.5, "minimum" = 0, "maximum" = 1))]
        max_share: f64 = "max-share",
        /// How much `tags repair` or `tags promote` may copy in one run [default: any amount].
        max_copy: SizeText = "max-copy",
    }
}
