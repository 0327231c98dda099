//! The names that a policy file gives to its registries, images and environments.

use std::fmt;

/// A name that a policy file may not use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name (letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64)"
)]
pub struct InvalidName(String);

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 64
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

macro_rules! policy_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads a name.
            ///
            /// # Errors
            /// [`InvalidName`] when it has other characters or is too long.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                if is_name(text) { Ok(Self(text.into())) } else { Err(InvalidName(text.to_owned())) }
            }

            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

policy_name!(
    /// The name of a registry in the policy file: `docr`.
    RegistryName
);
policy_name!(
    /// The name of an image that the team builds: `backend`.
    ImageName
);
policy_name!(
    /// The name of an environment: `prod`.
    EnvironmentName
);

impl EnvironmentName {
    /// Whether it is named like what customers use: `prod`, `production`, `live`, also as one of several
    /// words (`eu-prod`).
    #[must_use]
    pub fn is_like_production(&self) -> bool {
        let mut words = self.0.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| {
            ["prod", "prd", "production", "live"].iter().any(|name| word.eq_ignore_ascii_case(name))
        })
    }
}
