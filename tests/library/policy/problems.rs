//! What a policy file may not say, and what is said about it: place, message and next step.
//!
//! The cases are in `problems/*.txt`: a name, what is added to `base.toml` from line 13
//! on (in its last table, `[environment.prod]`), and all the problems of that.

use std::fmt::Write as _;

use proptest::prelude::*;
use tags::policy::{PolicyError, parse};

const BASE: &str = include_str!("problems/base.toml");

/// The problems of a text, one a line, as the cases have them.
fn problems(text: &str) -> String {
    let Err(error) = parse("tags.toml", text) else { return "valid\n".to_owned() };
    let mut listed = String::new();
    for (position, problem) in error.problems() {
        writeln!(listed, "{position} {}", problem.message).unwrap();
        if let Some(help) = &problem.help {
            writeln!(listed, "  help: {help}").unwrap();
        }
    }
    listed
}

fn check(cases: &str) {
    let mut checked = 0;
    for case in cases.split("== ").skip(1) {
        let (name, rest) = case.split_once('\n').unwrap();
        let (added, expected) = rest.split_once("--\n").unwrap();
        assert_eq!(problems(&format!("{BASE}{added}")).trim(), expected.trim(), "{name}");
        checked += 1;
    }
    assert!(checked > 3, "only {checked} cases were found");
}

fn error(text: &str) -> PolicyError {
    parse("tags.toml", text).unwrap_err()
}

#[test]
fn the_base_of_the_cases_is_valid() {
    assert_eq!(problems(BASE), "valid\n");
}

#[test]
fn registries() {
    check(include_str!("problems/registries.txt"));
}

#[test]
fn images() {
    check(include_str!("problems/images.txt"));
}

#[test]
fn github() {
    check(include_str!("problems/github.txt"));
}

#[test]
fn environments() {
    check(include_str!("problems/environments.txt"));
}

#[test]
fn rules() {
    check(include_str!("problems/rules.txt"));
}

#[test]
fn the_file_as_a_whole() {
    check(include_str!("problems/the_file.txt"));
}

#[test]
fn the_version_is_required_and_one() {
    let missing = "1:1 `version` is missing\n  help: begin the file with `version = 1`\n";
    assert_eq!(problems(""), missing);
    assert_eq!(problems("# nothing\n"), missing);
    let other = "1:11 unknown `version` 2\n  help: this program reads version 1\n";
    assert_eq!(problems("version = 2"), other);
    assert_eq!(
        problems("version = '1'"),
        "1:11 `version`: expected a whole number, found string\n"
    );
}

#[test]
fn syntax_errors_are_reported_alone_and_once_a_line() {
    assert_eq!(
        problems("version = 1\nversion = 2\nurl = x y\n[limits]\nmax-shar = 1\n"),
        "2:1 duplicate key\n3:7 string values must be quoted, expected literal string\n"
    );
}

#[test]
fn an_environment_needs_an_image() {
    let text = "version = 1\n[environment.prod]\nsha-tag = 'p-{sha}'\nlatest-tag = 'p'";
    assert_eq!(
        problems(text),
        "2:14 environment `prod` has no images\n  \
         help: add one in a table `[image.<name>]`, or look for them with `[images]`\n"
    );
}

#[test]
fn what_is_no_problem() {
    for (what, added) in [
        (
            "two environments of one branch",
            "branch = 'x'\n[environment.dev]\nbranch = 'x'\nsha-tag = 'd-{sha}'\nlatest-tag = 'd'",
        ),
        (
            "the same tags in other repositories",
            "[environment.dev]\nsha-tag = 'prod-{sha}'\nlatest-tag = 'prod-latest'\nrepositories = { hub = { app = 'dev' } }",
        ),
        ("an own repository that is the image's", "repositories = { hub = { app = 'app' } }"),
        (
            "plain http where that is accepted",
            "[registry.x]\nkind = 'oci'\nurl = 'http://host'\ninsecure = true",
        ),
        ("http to this machine", "[registry.x]\nkind = 'oci'\nurl = 'http://[::1]:5000'"),
        ("no minimal age", "[protect]\nmin-age = '0s'"),
        ("a share that is a whole number", "[limits]\nmax-share = 1\nmax-deletions = 0x10"),
        ("the young only", "[[retention]]\ntags = ['*']\nkeep-last = 0\nkeep-within = '1h 30m'"),
        (
            "lists of nothing",
            "bad-shas = []\nformer-sha-tags = []\n[protect]\ntags = []\nshas = []",
        ),
        ("lines of Windows", "order = 'git'\r\n[limits]\r\nmax-deletions = 1\r\n"),
    ] {
        assert_eq!(problems(&format!("{BASE}{added}")), "valid\n", "{what}");
    }
}

#[test]
fn the_text_shows_each_place() {
    let text = "version = 1\r\n[limits]\nmäx = 'é' # so\nmax-share = 2";
    assert!(problems(text).starts_with("3:2 "), "a bare key has no umlaut: {}", problems(text));
    let text = "version = 1\r\n[limits]\r\n\"mäx\" = 'é' # so\r\nmax-share = 2";
    insta::assert_snapshot!(error(text), @r#"
    error: unknown key `mäx`
     --> tags.toml:3:1
      |
    3 | "mäx" = 'é' # so
      | ^^^^^
      |
      = help: use one of `max-deletions`, `max-share`, `max-copy`

    error: `max-share` must be from 0 to 1, and is 2
     --> tags.toml:4:13
      |
    4 | max-share = 2
      |             ^
      |
      = help: 0.5 means half of a repository
    "#);
    assert!(error(text).render_with_colour().contains("\u{1b}["));
    assert!(!error(text).to_string().contains('\u{1b}'));
}

#[test]
fn credentials_never_show() {
    for line in [
        "url = 'https://me:hunter2@host'",
        "url = 'https://me:hunt/er2@host/x'",
        "token = 'hunter2'",
        "token = hunter2",
        "API_KEY = ['hunter2']",
        "token-env = 'hunter2 !'",
        "token-env = 'dop_v1_hunter2'",
        "namespace = 'ghp_hunter2 '",
        "username-env = 5 \npassword = \"\"\"\nhunter2\"\"\"",
        "x = { secret = 'hunter2' }",
    ] {
        let error = error(&format!("version = 1\n[registry.r]\nkind = 'ghcr'\n{line}\n"));
        for shown in [error.to_string(), error.render_with_colour(), format!("{error:?}")] {
            assert!(!shown.contains("hunter2") && !shown.contains("er2@"), "{line}: {shown}");
        }
    }
}

/// Control characters do not leave, whatever comes in.
fn is_harmless(shown: &str) -> bool {
    shown.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'))
}

#[test]
fn control_characters_do_not_reach_a_terminal() {
    for text in [
        "\u{1b}[31m = 1",
        "\"\\u001b[31m\" = 1",
        "a = \"\u{9b}31m\u{202e}\u{2028}\" # \u{7f}\u{85}\r \u{0}",
        "version = 1\n[registry.\"\\u009b\\u0007\"]\n",
    ] {
        let error = parse("a\u{1b}\n.toml", text).unwrap_err().to_string();
        assert!(is_harmless(&error), "{error:?}");
    }
}

/// Whatever the text is: no panic, and errors have a place in it and are fit to be shown.
fn survives(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = parse("tags.toml", text) {
        prop_assert!(error.problems().len() > 0);
        for (position, problem) in error.problems() {
            prop_assert!(problem.span.end <= text.len());
            prop_assert!(position.line <= text.matches('\n').count() + 1);
        }
        prop_assert!(is_harmless(&error.to_string()), "{error}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
        survives(&text)?;
    }

    #[test]
    fn mangled_policies_never_panic(
        from in 0.0..1.0_f64,
        length in 0..30_usize,
        replacement in "(?s)([\\[\\]{}=\"'#.,0-9a-z\n\r -]|\u{1b}|é|\\{sha\\}|.){0,12}",
    ) {
        let reference = include_str!("../../../policies/reference.toml");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small file"
        )]
        let start = (reference.len() as f64 * from) as usize;
        let start = reference.floor_char_boundary(start);
        let end = reference.ceil_char_boundary((start + length).min(reference.len()));
        survives(&format!("{}{replacement}{}", &reference[..start], &reference[end..]))?;
    }
}
