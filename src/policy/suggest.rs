//! "Did you mean …?" for misspelt keys and names.

/// A suggestion: the nearest of the allowed words, else all of them.
pub(super) fn suggest<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> String {
    let allowed: Vec<&str> = allowed.into_iter().collect();
    match nearest(found, &allowed) {
        Some(word) => format!("did you mean `{word}`?"),
        None if allowed.is_empty() => "the policy file has none".to_owned(),
        None if allowed.len() == 1 => format!("use {}", listed(&allowed)),
        None => format!("use one of {}", listed(&allowed)),
    }
}

/// Words in backticks, with commas.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// The most similar of the allowed words, if one is similar enough: at most a third of its letters
/// differ. Upper case and `_` instead of `-` are not differences.
#[must_use]
pub fn nearest<'a>(found: &str, allowed: &[&'a str]) -> Option<&'a str> {
    if found.len() > 64 {
        return None;
    }
    let found = found.to_lowercase().replace('_', "-");
    allowed
        .iter()
        .map(|word| (strsim::osa_distance(&found, &word.to_lowercase()), *word))
        .filter(|(distance, word)| {
            *distance <= (word.chars().count() / 3).max(1) && *distance < word.len()
        })
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_listed() {
        let keys = ["keep-last", "keep-within", "tags"];
        assert_eq!(suggest("keep_lsat", keys), "did you mean `keep-last`?");
        assert_eq!(suggest("Tags", keys), "did you mean `tags`?");
        assert_eq!(suggest("color", keys), "use one of `keep-last`, `keep-within`, `tags`");
        assert_eq!(suggest("color", []), "the policy file has none");
    }
}
