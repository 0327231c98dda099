//! The policy file: text in, valid settings out, or every problem at once.
//!
//! Reads no file, no environment and no clock; the binary hands in the text and its name.

mod settings;

pub use settings::{
    Credentials, Environment, EnvironmentImage, Limits, Policy, Protect, Registry, RegistryKind,
    Retention, RetentionScope, Span,
};
