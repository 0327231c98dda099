//! `tags lint`: the rules with their examples, pipelines as teams write them, formats, the limits.

mod examples;
mod formats;
mod nearly;
mod pipelines;
mod properties;
mod world;
