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
    // Runners skip blanks before a command.
    Cow::Owned(if safe.starts_with("::") { safe.replacen("::", ": :", 1) } else { safe })
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

/// A cell of a Markdown table, or a piece of a paragraph: no HTML, one line, and no markup but code,
/// which is what stands between two back-quotes.
#[must_use]
pub fn markdown(text: &str) -> String {
    between_quotes(text, plain_markdown, code)
}

/// Code in Markdown. What back-quotes cannot hold everywhere, also in a cell of a table, is code by its tag.
#[must_use]
pub fn code(text: &str) -> String {
    let is_special =
        |c: char| matches!(c, '`' | '|' | '<' | '>') || c.is_control() || is_direction_mark(c);
    if text.trim().is_empty() {
        return plain_markdown(text);
    }
    if text.contains(is_special) {
        return format!("<code>{}</code>", plain_markdown(text));
    }
    format!("`{text}`")
}

/// A piece of HTML, where Markdown is not read: one line, and no tags but for code, which is what stands
/// between two back-quotes.
#[must_use]
pub fn html(text: &str) -> String {
    between_quotes(text, plain_html, |code| format!("<code>{}</code>", plain_html(code)))
}

/// A text with what stands between two back-quotes written as code, and the rest as plain text.
fn between_quotes(
    text: &str,
    plain: impl Fn(&str) -> String,
    code: impl Fn(&str) -> String,
) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut safe = String::with_capacity(text.len() + 8);
    for (index, part) in parts.iter().enumerate() {
        let is_closed = index + 1 < parts.len();
        match index % 2 {
            0 => safe.push_str(&plain(part)),
            // Two back-quotes side by side would be one mark for code.
            _ if is_closed && !part.trim().is_empty() && !safe.ends_with('`') => {
                safe.push_str(&code(part));
            }
            _ => {
                safe.push_str("&#96;");
                safe.push_str(&plain(part));
                safe.push_str(if is_closed { "&#96;" } else { "" });
            }
        }
    }
    safe
}

fn plain_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '[' | ']' | '\\' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            '`' => safe.push_str("&#96;"),
            c => push_html(&mut safe, c),
        }
    }
    safe
}

fn plain_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => safe.push_str("&quot;"),
            c => push_html(&mut safe, c),
        }
    }
    safe
}

fn push_html(safe: &mut String, c: char) {
    match c {
        '<' => safe.push_str("&lt;"),
        '>' => safe.push_str("&gt;"),
        '&' => safe.push_str("&amp;"),
        c if c.is_control() || is_direction_mark(c) => safe.push(' '),
        c => safe.push(c),
    }
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
        assert_eq!(terminal("::error::x"), ": :error::x");
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
        let without_code = safe.replace("<code>", "").replace("</code>", "");
        assert!(!without_code.contains(['\n', '<']) && safe.contains("\\|"));
    }

    #[test]
    fn what_stands_between_back_quotes_is_code() {
        assert_eq!(markdown("run `tags *list*`"), "run `tags *list*`");
        assert_eq!(html("run `a<b`"), "run <code>a&lt;b</code>");
        for (text, safe) in [
            ("one ` alone <b>", "one &#96; alone &lt;b&gt;"),
            ("``", "&#96;&#96;"),
            ("`a``b`", "`a`&#96;b&#96;"),
            ("`a|b`", "<code>a\\|b</code>"),
            ("`a\nb`", "<code>a b</code>"),
        ] {
            assert_eq!(markdown(text), safe);
        }
    }
}
