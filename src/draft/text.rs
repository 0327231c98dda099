//! Text from outside in a TOML file: as a string, as a key, and in a comment of one line.

/// Longer texts in comments are cut.
const LONGEST: usize = 300;

/// A text in a comment: on one line, without characters that hide or reorder text.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars().take(LONGEST) {
        if misleads(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    if text.chars().nth(LONGEST).is_some() {
        safe.push('…');
    }
    safe
}

/// Control characters, and those that reorder or hide text.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || ('\u{f0000}'..='\u{10ffff}').contains(&c)
}

/// A basic string: <https://toml.io/en/v1.0.0#string>.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if misleads(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A key, quoted if it has to be.
pub(super) fn key(text: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !text.is_empty() && text.bytes().all(is_bare) { text.to_owned() } else { string(text) }
}

/// A list of strings.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| string(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_in_its_string_or_comment() {
        let hostile = "a\"]\n[evil]\u{1b}\u{202e}\\";
        let table: toml::Table = format!("k = {}", string(hostile)).parse().expect("TOML");
        assert_eq!(table["k"].as_str(), Some(hostile));
        assert!(!one_line(hostile).contains(['\n', '\u{1b}', '\u{202e}']));
        assert_eq!((key("a-b_1"), key("a.b")), ("a-b_1".to_owned(), "\"a.b\"".to_owned()));
    }
}
