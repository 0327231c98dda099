//! `tags lint`: the rules with their examples, pipelines as teams write them, formats, the limits.

mod deploying;
mod examples;
mod formats;
mod mutation;
mod near;
mod pipelines;
mod policy;
mod properties;
mod pushing;
mod sarif;
mod search;
mod weight;
mod world;
