//! `tags lint`: the rules with their examples, pipelines as teams write them, formats, the limits.

mod cases;
mod cost;
mod deploying;
mod docs;
mod examples;
mod fixing;
mod fixing_files;
mod formats;
mod mutation;
mod near_misses;
mod pipelines;
mod policy;
mod properties;
mod pushing;
mod sarif;
mod search;
mod world;
