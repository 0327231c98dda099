//! The list of running images, which `cleanup`, `apply` and `explain` keep.

use super::{CommandError, Session};
use crate::report::Exit;
use crate::retention::{InUse, InUseError, InUseFound, in_use};

/// A list of running images; by default there is none.
#[derive(Debug, Clone, Default)]
pub struct InUseList {
    pub(super) in_use: InUse,
    empty: EmptyList,
}

/// What to do with a list that names none of the policy's images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyList {
    /// Refuse it: it is probably the wrong list, and would protect nothing.
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

    /// Reports how many images of the list were found. A list of image IDs can be compared only
    /// once the registries were read; it is refused here if nothing matches.
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
