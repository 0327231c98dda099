//! The arguments of `tags gc`; the doc comments are the help.

use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum};

use super::value::duration;

/// `tags gc`
#[derive(ClapArgs)]
pub(crate) struct Gc {
    /// The registry, by its name in the policy; its kind must be docr
    pub(crate) registry: String,
    /// How long to follow the collection; it continues afterwards [default: until it ends]
    #[arg(long, value_name = "DUR", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// What to collect
    #[arg(long, value_enum, default_value_t = CollectionType::UnreferencedBlobs)]
    pub(crate) r#type: CollectionType,
    /// Cancel the running collection; do not start one
    #[arg(long, conflicts_with_all = ["type", "may_break_multi_arch_images"])]
    pub(crate) cancel: bool,
    /// Follow the running collection; do not start one
    #[arg(long, conflicts_with_all = ["cancel", "type", "may_break_multi_arch_images"])]
    pub(crate) follow: bool,
    /// Collect untagged manifests even if tagged multi-arch images need some of them and could then
    /// no longer be pulled
    #[arg(long)]
    pub(crate) may_break_multi_arch_images: bool,
}

/// What a garbage collection deletes.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CollectionType {
    /// Layers and configs that no manifest refers to
    UnreferencedBlobs,
    /// Manifests without a tag
    UntaggedManifests,
    /// Both
    UntaggedManifestsAndUnreferencedBlobs,
}
