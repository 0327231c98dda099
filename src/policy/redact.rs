//! Keeps credentials and control characters of a policy file out of messages.
//!
//! Credentials do not belong in the file. If one is there anyway, the error message must not print it
//! into a CI log. Masked text keeps its length in bytes, so that spans stay correct.

use std::ops::Range;

/// The prefixes of the tokens of common registries.
const TOKEN_PREFIXES: [&str; 11] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "dop_v1_",
    "doo_v1_",
    "dor_v1_",
    "dckr_pat_",
    "glpat-",
];

/// Words that name a credential, alone or after a hyphen.
const CREDENTIAL_WORDS: [&str; 12] = [
    "token",
    "password",
    "passwd",
    "pass",
    "secret",
    "credential",
    "credentials",
    "auth",
    "api-key",
    "apikey",
    "username",
    "user",
];

/// The longest message in characters; the rest would be text of the file.
const LONGEST_MESSAGE: usize = 600;

/// Whether a key looks like the name of a credential.
pub(super) fn names_credential(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('_', "-");
    CREDENTIAL_WORDS.iter().any(|word| {
        key.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('-'))
    })
}

/// Whether a text looks like a token.
pub(super) fn looks_like_token(text: &str) -> bool {
    TOKEN_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// A message that is safe for a terminal and a log: on one line, no control characters, no credentials.
pub(super) fn visible(text: &str) -> String {
    let masked = mask(text, &[]);
    let mut shown: String = masked
        .chars()
        .take(LONGEST_MESSAGE)
        .flat_map(|c| if misleads(c) { c.escape_unicode().collect() } else { vec![c] })
        .collect();
    if masked.chars().nth(LONGEST_MESSAGE).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that reorder or hide text.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Replaces the control characters that the renderer does not replace itself, each by a character with
/// as many bytes.
pub(super) fn without_c1(line: &str) -> String {
    line.chars()
        .map(|c| match c {
            '\u{80}'..='\u{9f}' => '\u{b7}',
            c if misleads(c) && c.len_utf8() == 3 => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// The text with the given spans, and whatever looks like a credential, as asterisks.
pub(super) fn mask(text: &str, spans: &[Range<usize>]) -> String {
    let mut hidden: Vec<Range<usize>> = spans.to_vec();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let found = assigned(line).chain(tokens(line)).chain(userinfo(line));
        hidden.extend(found.map(|range| range.start + start..range.end + start));
        start += line.len();
    }
    if hidden.is_empty() {
        return text.to_owned();
    }
    hidden.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let mut hidden = hidden.into_iter().peekable();
    for (at, c) in text.char_indices() {
        while hidden.peek().is_some_and(|range| range.end <= at) {
            hidden.next();
        }
        if c != '\n' && hidden.peek().is_some_and(|range| range.start <= at) {
            masked.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            masked.push(c);
        }
    }
    masked
}

/// The value after `password =`, to the end of the line.
fn assigned(line: &str) -> impl Iterator<Item = Range<usize>> {
    let end = line.trim_end().len();
    line.match_indices('=').filter_map(move |(at, _)| {
        let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let key_start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
            .map_or(0, |other| other + before[other..].chars().next().map_or(1, char::len_utf8));
        names_credential(&before[key_start..]).then_some(at + 1..end.max(at + 1))
    })
}

/// Words with the prefix of a token.
fn tokens(line: &str) -> impl Iterator<Item = Range<usize>> {
    TOKEN_PREFIXES.iter().flat_map(move |prefix| {
        line.match_indices(prefix).map(|(at, _)| {
            let length = line[at..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
                .unwrap_or(line.len() - at);
            at..at + length
        })
    })
}

/// `user:password@` in URLs.
fn userinfo(line: &str) -> impl Iterator<Item = Range<usize>> {
    line.match_indices("://").filter_map(|(at, separator)| {
        let start = at + separator.len();
        let authority = line[start..]
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | '?' | '#'))
            .map_or(line.len(), |length| start + length);
        line[start..authority].rfind('@').map(|length| start..start + length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_and_lengths_kept() {
        for (text, expected) in [
            ("token = \"abc\"\nurl = 1", "token =******\nurl = 1"),
            ("a = { api_key = 'x' }", "a = { api_key =******"),
            ("https://me:pw@host/x", "https://*****@host/x"),
            ("see ghp_abc1 there", "see ******** there"),
            ("token-env = \"TOKEN\"", "token-env = \"TOKEN\""),
        ] {
            assert_eq!(mask(text, &[]), expected);
        }
        let accent = 1..3;
        assert_eq!(mask("aéb", std::slice::from_ref(&accent)), "a**b");
    }

    #[test]
    fn messages_have_no_control_characters() {
        assert_eq!(visible("a\u{1b}[31m\nb\u{202e}"), "a\\u{1b}[31m\\u{a}b\\u{202e}");
        assert_eq!(without_c1("a\u{9b}b"), "a·b");
    }
}
