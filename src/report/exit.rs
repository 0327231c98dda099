//! How the program ends: the exit codes.

use crate::model::UnreadCause;

/// The exit codes; each means one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It holds, or is done.
    Ok,
    /// It does not hold.
    Fails,
    /// Wrong usage or policy file.
    Usage,
    /// A registry could not be read, so the answer is unknown.
    Unreadable,
    /// Credentials or permission.
    Credentials,
    /// A guard refused.
    Refused,
    /// Something was deleted, and something else could not be.
    Partly,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The code for something that could not be read.
    #[must_use]
    pub fn unread(cause: UnreadCause) -> Self {
        match cause {
            UnreadCause::Credentials => Self::Credentials,
            UnreadCause::NotFound | UnreadCause::Unreachable => Self::Unreadable,
        }
    }

    /// The one that counts when several apply; done when none does.
    #[must_use]
    pub fn gravest(exits: impl IntoIterator<Item = Self>) -> Self {
        let gravity = |exit: &Self| match exit {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Usage => 7,
            Self::Interrupted => 8,
        };
        exits.into_iter().max_by_key(gravity).unwrap_or(Self::Ok)
    }
}

impl Exit {
    /// The code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Fails => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Credentials => 4,
            Self::Refused => 5,
            Self::Partly => 6,
            Self::Interrupted => 130,
        }
    }

    /// The same once something was deleted: the codes that say that nothing was are left out.
    #[must_use]
    pub fn after_changes(self) -> Self {
        match self {
            Self::Credentials => Self::Unreadable,
            Self::Usage | Self::Refused => Self::Partly,
            Self::Ok | Self::Fails | Self::Unreadable | Self::Partly | Self::Interrupted => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_gravest_of_several_ends_it() {
        let order = [
            Exit::Partly,
            Exit::Refused,
            Exit::Credentials,
            Exit::Unreadable,
            Exit::Fails,
            Exit::Ok,
        ];
        for (index, exit) in order.iter().enumerate() {
            assert_eq!(Exit::gravest(order[index..].iter().rev().copied()), *exit);
        }
        assert_eq!(Exit::gravest([]), Exit::Ok);
    }
}
