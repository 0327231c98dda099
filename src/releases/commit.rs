//! Which SHAs name the same commit: one is a prefix of the other, as when one registry has 7 digits and
//! another has 40. A short SHA that is a prefix of two different commits names neither.

use crate::model::Sha;

/// The commit that a SHA in a list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameCommit {
    /// The commit whose longest SHA has this index in the list.
    As(usize),
    /// It is a prefix of several commits.
    Several,
}

/// The commit that each SHA names. The list must be sorted and have no duplicates.
#[must_use]
pub fn same_commits(sorted: &[&Sha]) -> Vec<SameCommit> {
    let mut named = vec![SameCommit::Several; sorted.len()];
    // In a sorted list, all SHAs that begin with a SHA directly follow it.
    for place in (0..sorted.len()).rev() {
        let begins =
            |other: usize| sorted.get(other).is_some_and(|other| sorted[place].is_prefix_of(other));
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

    fn named(texts: &[&str]) -> Vec<SameCommit> {
        let shas: Vec<Sha> = texts.iter().map(|text| Sha::parse(text).expect("a SHA")).collect();
        same_commits(&shas.iter().collect::<Vec<_>>())
    }

    #[test]
    fn prefixes_name_one_commit_unless_they_match_two() {
        let found = named(&[
            "aaaaaaa",
            "aaaaaaab",
            "aaaaaaabcc",
            "bbbbbbb",
            "ccccccc",
            "ccccccc1",
            "ccccccc2",
        ]);
        let (as_, several) = (SameCommit::As, SameCommit::Several);
        assert_eq!(found, [as_(2), as_(2), as_(2), as_(3), several, as_(5), as_(6)]);
    }

    #[test]
    fn a_prefix_of_an_ambiguous_sha_is_ambiguous() {
        let found = named(&["aaaaaaa", "aaaaaaab", "aaaaaaab1", "aaaaaaab2"]);
        let (as_, several) = (SameCommit::As, SameCommit::Several);
        assert_eq!(found, [several, several, as_(2), as_(3)]);
        let found = named(&["aaaaaaa", "aaaaaaab", "aaaaaaab1", "aaaaaaac"]);
        assert_eq!(found, [several, as_(2), as_(2), as_(3)]);
    }
}
