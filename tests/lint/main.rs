//! `tags lint`: the rules with their examples, pipelines as teams write them, formats, the limits.

mod examples;
mod pipelines;
mod world;
