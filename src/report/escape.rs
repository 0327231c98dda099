//! Escapes text from outside for a terminal, a CI log, Markdown and HTML.

use std::borrow::Cow;

/// For a terminal and for plain logs: control characters and invisible characters are shown as
/// escapes, and the marks by which CI runners recognise commands are broken up.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| !c.is_control() && !is_direction_mark(c);
    if text.chars().all(harmless) && !text.contains("##[") && !text.starts_with("::") {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if harmless(c) { safe.push(c) } else { safe.extend(c.escape_unicode()) }
    }
    let safe = safe.replace("##[", "## [");
    Cow::Owned(if safe.starts_with("::") { format!(" {safe}") } else { safe })
}

/// Marks that reorder the text around them, break lines or cannot be seen at all.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The message of a GitHub workflow command.
#[must_use]
pub fn workflow_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// A cell of a Markdown table, or a piece of a paragraph: no markup, no HTML, one line.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c if c.is_control() || is_direction_mark(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// A piece of HTML, where Markdown is not read: no tags, one line.
#[must_use]
pub fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() || is_direction_mark(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[31m\n::error::x|`<b>`\u{202e}##[error]%";

    #[test]
    fn nothing_reaches_a_terminal_or_a_log_raw() {
        let safe = terminal(HOSTILE);
        assert!(!safe.chars().any(char::is_control));
        assert!(!safe.contains("##[") && !safe.contains('\u{202e}'));
        assert!(!terminal("::error::x").starts_with("::"));
        assert_eq!(terminal("plain: é"), "plain: é");
    }

    #[test]
    fn a_workflow_command_stays_one_line() {
        assert_eq!(workflow_message("50%\r\n"), "50%25%0D%0A");
        assert_eq!(workflow_property("a:b,c"), "a%3Ab%2Cc");
    }

    #[test]
    fn markdown_has_no_markup_left() {
        let safe = markdown(HOSTILE);
        assert!(!safe.contains('\n') && !safe.contains('<') && safe.contains("\\|"));
    }
}
