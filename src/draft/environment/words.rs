//! What the words of a tag, a repository or a name say about environments.

use crate::model::TagPattern;

/// What stands before a SHA without naming an environment.
const GENERIC: [&str; 10] =
    ["sha", "git", "commit", "rev", "build", "ref", "g", "image", "tag", "v"];
/// Words that name an environment, in the order in which a policy lists them.
const WORDS: [(&str, u8); 20] = [
    ("prod", 0),
    ("production", 0),
    ("prd", 0),
    ("live", 0),
    ("main", 0),
    ("master", 0),
    ("preprod", 1),
    ("uat", 1),
    ("stage", 1),
    ("staging", 1),
    ("stg", 1),
    ("qa", 2),
    ("sit", 2),
    ("test", 2),
    ("int", 2),
    ("dev", 3),
    ("develop", 3),
    ("development", 3),
    ("sandbox", 3),
    ("nightly", 3),
];
/// What stands first in the list of environments, and what stands between.
const OTHER: u8 = 2;

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// Where an environment stands in the list: production first.
pub(super) fn rank(name: &str) -> u8 {
    let known = words(name).find_map(|word| WORDS.iter().find(|(known, _)| *known == word));
    known.map_or(OTHER, |(_, rank)| *rank)
}

/// The environment that a pattern of tags names: `prod-{sha}` names `prod`.
pub(in crate::draft) fn label(pattern: &TagPattern) -> Option<String> {
    let text = pattern.to_string();
    let (before, after) = text.split_once("{sha}")?;
    let is_separator = |c: char| !c.is_ascii_alphanumeric();
    let parts = [before, after].map(|part| part.trim_matches(is_separator));
    let parts: Vec<&str> = parts
        .into_iter()
        .filter(|part| !words(part).all(|word| word.is_empty() || GENERIC.contains(&word)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

/// The environment that the path of a repository names by one of its words.
pub(super) fn environment_word(path: &str) -> Option<String> {
    let is_environment = |word: &&str| {
        let excluded = ["main", "master", "live", "test", "int", "sandbox", "nightly"];
        WORDS.iter().any(|(known, _)| known == word) && !excluded.contains(word)
    };
    let mut found = words(path).filter(is_environment);
    let first = found.next()?;
    found.next().is_none().then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_named_by_what_stands_around_the_commit() {
        let label = |text: &str| label(&TagPattern::parse(text).expect("a pattern"));
        assert_eq!(label("prod-{sha}").as_deref(), Some("prod"));
        assert_eq!(label("web_prod_{sha}").as_deref(), Some("web_prod"));
        assert_eq!(label("{sha}-uat").as_deref(), Some("uat"));
        assert_eq!(label("sha-{sha}-dev").as_deref(), Some("dev"));
        for none in ["{sha}", "sha-{sha}", "git.{sha}", "v-{sha}"] {
            assert_eq!(label(none), None, "{none}");
        }
    }

    #[test]
    fn a_repository_names_an_environment_by_one_word() {
        assert_eq!(environment_word("acme/pm-backend-prod").as_deref(), Some("prod"));
        assert_eq!(environment_word("acme/dev/prod"), None);
        assert_eq!(environment_word("acme/product"), None);
    }
}
