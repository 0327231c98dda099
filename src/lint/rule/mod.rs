//! The rules, one per file, each with a workflow that has the mistake and one without it: `NAME.rs`,
//! `NAME.bad.yml`, `NAME.good.yml`.
//!
//! A new rule is these three files and one line in the list below.

mod concurrency;
mod event_dependence;
mod merge;
mod push_group;
mod report;

pub(crate) use report::Findings;
pub use report::{Applies, Rule};

/// Makes the modules and the list of rules.
macro_rules! rules {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// Every rule, in the order in which `--explain all` shows them.
        pub const RULES: &[Rule] = &[$($module::RULE),*];
    };
}

rules! {
    yaml_syntax,
    duplicate_key,
    duplicate_tag,
    tag_collision,
    missing_sha_tag,
    missing_latest_tag,
    short_sha,
    uneven_registries,
    missing_registry,
    unprefixed_sha_tag,
    mutable_deploy,
    tag_never_pushed,
    deploy_before_push,
    no_rollback_dispatch,
    missing_migrate_job,
    deploy_before_migrate,
    migrate_before_build,
    migration_not_idempotent,
    migrate_timeout,
    migrate_in_deploy,
    upper_case_reference,
    missing_login,
    missing_packages_permission,
    secret_in_arguments,
    no_concurrency_group,
    cancel_in_progress,
    latest_on_pull_request,
    latest_from_several_branches,
    invalid_tag,
    digest_never_merged,
    cache_overwrites_image,
    environment_mismatch,
    version_overwritten,
    pull_request_deploy,
}
