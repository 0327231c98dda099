//! The rules, one a file, under one name: file, type, id, heading, example, test.
//!
//! A new rule is its file and one line in the list below.

mod about;
mod deploy;
mod group;

pub use about::About;
pub(crate) use about::{Out, Reporter, Rule};

/// Makes the modules and the list of rules.
macro_rules! rules {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module;)*

        /// Every rule, in the order in which they are told.
        pub(crate) const RULES: &[&dyn Rule] = &[$(&$module::$name),*];

        /// What each rule is about.
        #[must_use]
        pub fn all() -> Vec<&'static About> {
            vec![$(&$module::$name::ABOUT),*]
        }
    };
}

rules! {
    yaml_syntax::YamlSyntax,
    duplicate_key::DuplicateKey,
    duplicate_tag::DuplicateTag,
    tag_collision::TagCollision,
    missing_sha_tag::MissingShaTag,
    missing_latest_tag::MissingLatestTag,
    short_sha::ShortSha,
    uneven_registries::UnevenRegistries,
    missing_registry::MissingRegistry,
    unprefixed_sha_tag::UnprefixedShaTag,
    mutable_deploy::MutableDeploy,
    tag_never_pushed::TagNeverPushed,
    deploy_before_push::DeployBeforePush,
    no_rollback_dispatch::NoRollbackDispatch,
    missing_migrate_job::MissingMigrateJob,
    deploy_before_migrate::DeployBeforeMigrate,
    migrate_before_build::MigrateBeforeBuild,
    migration_not_idempotent::MigrationNotIdempotent,
    migrate_timeout::MigrateTimeout,
    migrate_in_deploy::MigrateInDeploy,
    upper_case_reference::UpperCaseReference,
    missing_login::MissingLogin,
    missing_packages_permission::MissingPackagesPermission,
    secret_in_arguments::SecretInArguments,
    no_concurrency_group::NoConcurrencyGroup,
    cancel_in_progress::CancelInProgress,
}

/// A rule by its name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static About> {
    all().into_iter().find(|about| about.name == name)
}
