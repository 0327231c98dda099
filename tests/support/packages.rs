//! Programs of other people: found, or else skipped with a word on how to get them.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Once;

/// Set where these tests must not be skipped.
const REQUIRED: &str = "TAGS_REQUIRE_REAL_REGISTRY";

const HELP: &str = "Get it with: apt-get install -y docker-registry skopeo prometheus chromium";

/// Whether that has been said.
static SAID: Once = Once::new();

/// A program of a Debian package; none where it may be missing.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let places = variable("PATH");
    let mut programs = std::env::split_paths(&places).map(|place| place.join(name));
    let program = programs.find(|program| program.is_file());
    if program.is_none() {
        assert!(variable(REQUIRED) != "1", "{name} is missing, and {REQUIRED}=1. {HELP}");
        // Past the test harness, which would keep the output of a test that passes to itself.
        SAID.call_once(|| _ = writeln!(std::io::stderr(), "skipped: {name} is missing. {HELP}"));
    }
    program
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
