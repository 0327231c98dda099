//! Tests of each promise in the parent module's documentation.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::*;

const TOKEN: &str = "ghp_s3cr3t t?ken/\"012>3\\4\u{e9}";

fn knowing(secret: &str) -> Secrets {
    let secrets = Secrets::default();
    secrets.add(secret);
    secrets
}

fn percent(text: &str, all: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b if !all && b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02x}"),
        })
        .collect()
}

fn unicode(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<Vec<_>>().concat()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("JSON");
    quoted[1..quoted.len() - 1].to_owned()
}

/// Every spelling that is promised.
fn spellings(secret: &str) -> Vec<String> {
    let mut all = vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        STANDARD.encode(format!("robot:{secret}")),
        percent(secret, false),
        percent(secret, true),
        percent(secret, true).to_uppercase(),
        secret.replace(' ', "+"),
        unicode(secret),
        unicode(secret).to_lowercase(),
        json(secret),
        json(&json(secret)),
        json(&unicode(secret)),
        percent(&json(secret), false),
        json(&percent(&STANDARD.encode(secret), false)),
        secret.escape_debug().to_string(),
    ];
    for before in ["", "a", "ab", "abc"] {
        all.push(URL_SAFE.encode(format!("{before}{secret}and more")));
    }
    all
}

#[test]
fn a_secret_is_replaced_in_every_spelling() {
    let secrets = knowing(TOKEN);
    for spelling in spellings(TOKEN) {
        let text = format!("before {spelling} after");
        let safe = secrets.redact_text(&text);
        assert!(safe.starts_with("before ") && safe.contains("***"), "{spelling}: {safe}");
        assert!(safe.ends_with(" after") && !safe.contains("t?ken"), "{spelling}: {safe}");
        assert!(secrets.occur_in(text.as_bytes()));
    }
    for exact in [TOKEN.to_owned(), json(TOKEN), unicode(TOKEN), percent(TOKEN, true)] {
        assert_eq!(secrets.redact_text(&format!("<{exact}>")), "<***>");
    }
}

#[test]
fn text_without_a_secret_is_not_changed() {
    let secrets = knowing(TOKEN);
    for text in ["", "x", "ghp_s3cr3t", "100% \\ &amp; %zz \\u12", "\u{1f600}\\ud83d\\ude00\\ud83d"]
    {
        assert!(matches!(secrets.redact_text(text), Cow::Borrowed(_)), "{text}");
        assert!(matches!(Secrets::default().redact(text.as_bytes()), Cow::Borrowed(_)));
    }
}

#[test]
fn json_stays_json_whatever_the_secret_ends_with() {
    for secret in ["back-slash\\", "quote-at-end\"", "\\\"both-ways\"\\", "line\nbreak-in-it\n"] {
        let secrets = knowing(secret);
        for value in [secret.to_owned(), format!("{secret}{secret}"), format!("\\{secret}\\")] {
            let text = serde_json::json!({ "a": value, "b": [secret] }).to_string();
            let safe = secrets.redact(text.as_bytes());
            let read: serde_json::Value = serde_json::from_slice(&safe).expect("JSON");
            assert_eq!(read["b"][0], "***", "{secret}: {read}");
        }
    }
}

#[test]
fn short_secrets_are_words_and_shorter_ones_none() {
    let secrets = knowing("prod");
    assert_eq!(secrets.redact_text("prod-latest, prod: \"prod\""), "prod-latest, ***: \"***\"");
    assert_eq!(knowing("abc").redact_text("abc abc"), "abc abc");
    let pair = Secrets::default();
    pair.add_pair("alice", "abc");
    assert_eq!(pair.redact_text(&format!("Basic {}", STANDARD.encode("alice:abc"))), "Basic ***");
}

#[test]
fn secrets_that_overlap_are_covered_together() {
    let secrets = knowing("first-secret-one");
    secrets.add("one-second-secret");
    secrets.add("first-secret-one-and-longer");
    assert_eq!(secrets.redact_text("first-secret-one-second-secret!"), "***!");
    assert_eq!(secrets.redact_text("first-secret-one-and-longer!"), "***!");
}

#[test]
fn passwords_of_urls_are_secrets() {
    let secrets = Secrets::default();
    secrets.add_url(&"http://me:p%40ss-w0rd@proxy.example:1".parse().expect("a URL"));
    assert_eq!(secrets.redact_text("me:p%40ss-w0rd@, p@ss-w0rd"), "me:***@, ***");
    assert_eq!(format!("{secrets:?}"), "Secrets");
}

#[test]
fn a_secret_that_looks_like_an_escape_is_found_behind_other_escapes() {
    let secrets = knowing("A0 a\\%30");
    for spelling in ["A0 a\\%30", "A0 a\\\\%30", "A0 a\\\\\\\\%30", "A0%20a%5C%2530"] {
        let safe = secrets.redact_text(spelling);
        assert_eq!(safe, "***", "{spelling}");
    }
}

proptest::proptest! {
    #[test]
    fn no_spelling_of_any_secret_gets_through(
        secret in "[ -~]{8,40}",
        before in "[ -~]{0,6}",
        after in "[ -~]{0,6}",
    ) {
        let secrets = knowing(&secret);
        secrets.add_pair("robot", &secret);
        for spelling in spellings(&secret) {
            let safe = secrets.redact_text(&format!("{before} {spelling} {after}")).into_owned();
            proptest::prop_assert!(!safe.contains(&spelling), "{spelling:?} in {safe:?}");
            proptest::prop_assert!(safe.contains("***"));
        }
    }

    #[test]
    fn json_stays_json(secret in "[ -~]{8,20}", value in "[ -~]{0,20}") {
        let secrets = knowing(&secret);
        let text = serde_json::json!({ "a": format!("{value}{secret}"), "b": secret }).to_string();
        let safe = secrets.redact(text.as_bytes());
        let read: Result<serde_json::Value, _> = serde_json::from_slice(&safe);
        proptest::prop_assert!(read.is_ok(), "{text} became {}", String::from_utf8_lossy(&safe));
    }
}
