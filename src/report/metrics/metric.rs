//! The metrics: their names and what they mean.

/// A metric, by its name in the Prometheus text format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident = $name:literal $labels:expr, $help:literal;)+) => {
        impl Metric {
            $(
                #[doc = $help]
                pub const $constant: Self = Self { name: $name, labels: &$labels, help: $help };
            )+

            /// Every metric, in the order in which they are written.
            pub const ALL: &[Self] = &[$(Self::$constant,)+];
        }
    };
}

metrics! {
    BUILD = "tags_build_info" ["version"],
        "The version of tags that wrote this file; always 1.";
    LAST_RUN = "tags_last_run_timestamp_seconds" ["command", "environment"],
        "When the command last ended, whatever its exit code.";
    LAST_SUCCESS = "tags_last_success_timestamp_seconds" ["command", "environment"],
        "When the command last ended with exit code 0.";
    EXIT_CODE = "tags_last_run_exit_code" ["command", "environment"],
        "The exit code of the last run.";
    REGISTRY_UP = "tags_registry_up" ["registry"],
        "1 if everything that the run asked of the registry could be read, else 0.";
    RELEASES = "tags_releases" ["environment", "state"],
        "How many releases there are; left out while a registry cannot be read.";
    ROLLBACK_TARGETS = "tags_rollback_targets" ["environment"],
        "How many releases a rollback can go to, as far as the command looked for them.";
    CURRENT = "tags_current_release_timestamp_seconds" ["environment"],
        "The time of the current release.";
    CHECKS = "tags_checks" ["environment", "status"],
        "How many checks of the release ended with this status: ok, or the code of a finding.";
    MOVED_TAGS = "tags_moved_tags" ["environment"],
        "How many SHA tags do not point to what was recorded of their release.";
    MANIFEST_BYTES = "tags_manifest_bytes" ["registry", "image"],
        "The sizes of all manifests with their configs and layers; a layer counts for each manifest that names it.";
    CLEANUP = "tags_cleanup_manifests" ["registry", "image", "decision"],
        "How many manifests the plan keeps, untags and deletes.";
    FAILURE_RATIO = "tags_run_failure_ratio" ["environment"],
        "The share of the judged runs that failed, 0 to 1.";
    MIGRATE_SECONDS = "tags_migrate_seconds" ["environment", "stat"],
        "How long the migrations of the judged runs took.";
    DEPLOY_SECONDS = "tags_deploy_seconds" ["environment", "stat"],
        "How long the deployments of the judged runs took.";
}
