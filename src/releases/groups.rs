//! Releases in groups of one rank, from newest to oldest, in two lists: most groups have one member, and a
//! list for each of a million would take more time than to find their order.

use super::release_number::ReleaseNumber;

/// Groups of releases, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groups {
    members: Vec<ReleaseNumber>,
    /// By group: the index after its last member.
    ends: Vec<usize>,
}

impl Groups {
    /// Adds the next older group. Its members are put in the order of their numbers, which says nothing.
    pub(super) fn push(&mut self, group: &[ReleaseNumber]) {
        let first = self.members.len();
        self.members.extend_from_slice(group);
        self.members[first..].sort_unstable();
        self.ends.push(self.members.len());
    }

    /// How many groups there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The groups.
    pub fn iter(&self) -> impl Iterator<Item = &[ReleaseNumber]> + Clone {
        self.from(0)
    }

    /// The groups from one on, by its index.
    pub fn from(&self, first: usize) -> impl Iterator<Item = &[ReleaseNumber]> + Clone {
        (first..self.len()).map(|index| {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.members[start..self.ends[index]]
        })
    }

    /// All releases, newest first.
    #[must_use]
    pub fn members(&self) -> &[ReleaseNumber] {
        &self.members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_what_was_added() {
        let mut groups = Groups::default();
        assert!(
            groups.is_empty() && groups.iter().next().is_none() && groups.from(3).next().is_none()
        );
        for group in [&[4][..], &[3, 1], &[2]] {
            groups.push(group);
        }
        assert_eq!(groups.iter().collect::<Vec<_>>(), [&[4][..], &[1, 3], &[2]]);
        assert_eq!(groups.from(1).collect::<Vec<_>>(), [&[1, 3][..], &[2]]);
        assert_eq!((groups.len(), groups.members()), (3, &[4, 1, 3, 2][..]));
    }
}
