//! Reads the body of an error answer: its codes, and its message as one short, safe line.

use serde::Deserialize;

use crate::secrets::Secrets;

/// The first error of an OCI error body (`errors[].code`, `.message`) or of a management API
/// (`message`), as one short line.
pub(super) fn explanation(body: &[u8], secrets: &Secrets) -> Option<String> {
    let wire: ErrorBody = serde_json::from_slice(body).ok()?;
    let text = match wire.errors.unwrap_or_default().into_iter().next() {
        Some(first) => match first.message.filter(|message| !message.is_empty()) {
            Some(message) => format!("{}: {message}", first.code.unwrap_or_default()),
            None => first.code?,
        },
        None => wire.message.or(wire.details)?,
    };
    // A secret that is cut off or split is not recognised later.
    let text = secrets.redact_text(&text);
    Some(sanitized(&text).chars().take(200).collect())
}

/// Text from a server, made safe for messages and logs: no control characters, no marks that change the
/// direction of text, no old-style commands of CI runners.
pub(crate) fn sanitized(text: &str) -> String {
    let plain = |c: char| !c.is_control() && !is_invisible(c);
    let line: String = text.chars().map(|c| if plain(c) { c } else { ' ' }).collect();
    line.replace("##[", "## [")
}

/// The codes of the errors of an OCI error body.
pub(super) fn error_codes(body: &[u8]) -> Vec<String> {
    let wire: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let errors = wire.and_then(|wire| wire.errors).unwrap_or_default();
    errors.into_iter().filter_map(|error| error.code).collect()
}

/// Characters that change the direction of text, break lines or are invisible.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[derive(Deserialize)]
struct ErrorBody {
    errors: Option<Vec<ErrorEntry>>,
    message: Option<String>,
    details: Option<String>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    code: Option<String>,
    message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_body_becomes_one_short_line() {
        let explanation = |body: &[u8]| explanation(body, &Secrets::default());
        let body = br#"{"errors":[{"code":"DENIED","message":"no\n::error::access"}]}"#;
        assert_eq!(explanation(body).as_deref(), Some("DENIED: no ::error::access"));
        assert_eq!(explanation(br#"{"errors":[{"code":"DENIED"}]}"#).as_deref(), Some("DENIED"));
        assert_eq!(explanation(br#"{"id":"x","message":"gone"}"#).as_deref(), Some("gone"));
        assert_eq!(explanation(b"<html>"), None);
    }

    #[test]
    fn a_secret_is_redacted_before_the_text_is_cut() {
        let secrets = Secrets::default();
        secrets.add("s3cr3t-t0ken-0123456789");
        let words = format!("{}s3cr3t-t0ken-0123456789", "x".repeat(190));
        let said = explanation(format!(r#"{{"message":"{words}"}}"#).as_bytes(), &secrets);
        assert_eq!(said, Some(format!("{}***", "x".repeat(190))));
    }
}
