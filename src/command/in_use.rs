//! The list of what runs: `cleanup`, `apply` and `explain` keep what it names.

use super::{CommandError, Session};
use crate::report::Exit;
use crate::retention::{InUse, InUseError, InUseFound, in_use};

/// What runs, as somebody listed it; by default there is no list.
#[derive(Debug, Clone, Default)]
pub struct InUseList {
    pub(super) in_use: InUse,
    empty: EmptyList,
}

/// What to do with a list that names none of the policy's images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyList {
    /// Refuse it: it is probably the wrong list, and protects nothing.
    #[default]
    Refuse,
    /// Go on.
    Accept,
}

impl InUseList {
    /// Reads a list of image references, as docker or kubectl print them.
    ///
    /// # Errors
    /// [`CommandError`] when something in the list cannot be understood, or when it protects
    /// nothing and that is not accepted.
    pub fn parse(session: &Session, text: &str, empty: EmptyList) -> Result<Self, CommandError> {
        match in_use::parse(text, &session.policy) {
            Ok(in_use) => {
                for warning in &in_use.warnings {
                    session.warn(warning.clone(), None);
                }
                Ok(Self { in_use, empty })
            }
            Err(error) if error.protects_nothing() && empty == EmptyList::Accept => {
                Ok(Self { in_use: InUse::default(), empty })
            }
            Err(error) => Err(unusable(&error)),
        }
    }

    /// Tells how much of the list was found. A list that only the content of the registries could
    /// match is refused here, if nothing matches it.
    pub(super) fn check(&self, session: &Session, found: &InUseFound) -> Result<(), CommandError> {
        if let Err(error) = found.checked()
            && self.empty == EmptyList::Refuse
        {
            return Err(unusable(&error));
        }
        if found.others > 0 {
            let InUseFound { known, others, .. } = found;
            session.status(format!("in use: {known} of the policy's images, {others} of others"));
        }
        Ok(())
    }
}

fn unusable(error: &InUseError) -> CommandError {
    let exit = if error.protects_nothing() { Exit::Refused } else { Exit::Usage };
    CommandError::new(exit, error.to_string()).hint(error.hint())
}
