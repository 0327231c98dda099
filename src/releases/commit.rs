//! Which SHAs name one commit: those that agree as prefixes, as when one registry has 7 digits and
//! another has 40. A short one that fits two long ones names neither.

/// What a SHA names among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameCommit {
    /// The commit whose longest SHA has this place in the list.
    As(usize),
    /// Two or more commits begin with it.
    Several,
}

/// What each of some SHAs names; they are sorted, and each is there once.
#[must_use]
pub fn same_commits(sorted: &[&str]) -> Vec<SameCommit> {
    let mut named = vec![SameCommit::Several; sorted.len()];
    // In this order all that begin with a SHA stand right behind it.
    for place in (0..sorted.len()).rev() {
        let begins = |other: usize| sorted.get(other).is_some_and(|o| o.starts_with(sorted[place]));
        named[place] = match named.get(place + 1).copied() {
            Some(next) if begins(place + 1) => match next {
                SameCommit::As(longest) if !begins(longest + 1) => SameCommit::As(longest),
                _ => SameCommit::Several,
            },
            _ => SameCommit::As(place),
        };
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_name_one_commit_unless_they_fit_two() {
        let named = same_commits(&[
            "aaaaaaa",
            "aaaaaaab",
            "aaaaaaabcc",
            "bbbbbbb",
            "ccccccc",
            "ccccccc1",
            "ccccccc2",
        ]);
        let (as_, several) = (SameCommit::As, SameCommit::Several);
        assert_eq!(named, [as_(2), as_(2), as_(2), as_(3), several, as_(5), as_(6)]);
    }

    #[test]
    fn what_fits_two_through_a_longer_one_fits_two() {
        let named = same_commits(&["aaaaaaa", "aaaaaaab", "aaaaaaab1", "aaaaaaab2"]);
        let (as_, several) = (SameCommit::As, SameCommit::Several);
        assert_eq!(named, [several, several, as_(2), as_(3)]);
        let named = same_commits(&["aaaaaaa", "aaaaaaab", "aaaaaaab1", "aaaaaaac"]);
        assert_eq!(named, [several, as_(2), as_(2), as_(3)]);
    }
}
