//! Images that the conventions do not cover: test images, and images that the project does not build.

use super::conventions::Conventions;
use super::reference::{Reference, is_local_host};

/// Registries that keep what is pushed for a short time only.
const THROW_AWAY: [&str; 2] = ["ttl.sh", "docker.io/ttl.sh"];
/// Words in a tag or an image that say that it is not released.
const WORDS: [&str; 8] = ["test", "tests", "e2e", "ci", "qa", "pr", "preview", "review"];

/// Whether an image is for tests: by the policy, its registry, or a word of its name or tag.
pub(crate) fn is_test(reference: &Reference, conventions: Conventions<'_>) -> bool {
    let lint = conventions.policy.map(|policy| &policy.lint);
    let repository = reference.repository();
    lint.is_some_and(|lint| lint.test_images.iter().any(|glob| glob.is_match(&repository)))
        || is_throw_away(&reference.host)
        || has_test_word(reference)
}

/// Whether a word of an image's name or tag says that it is for tests.
pub(crate) fn has_test_word(reference: &Reference) -> bool {
    has_word(reference.image()) || reference.tag.as_deref().is_some_and(has_word)
}

/// Whether a registry is this machine, or keeps nothing for long.
pub(crate) fn is_throw_away(host: &str) -> bool {
    is_local_host(host) || THROW_AWAY.contains(&host)
}

/// Whether the policy says that the project does not build an image.
pub(crate) fn is_third_party(reference: &Reference, conventions: Conventions<'_>) -> bool {
    let lint = conventions.policy.map(|policy| &policy.lint);
    let repository = reference.repository();
    lint.is_some_and(|lint| lint.third_party.iter().any(|glob| glob.is_match(&repository)))
}

/// Whether no rule about releases covers an image.
pub(crate) fn is_exempt(reference: &Reference, conventions: Conventions<'_>) -> bool {
    is_test(reference, conventions) || is_third_party(reference, conventions)
}

fn has_word(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}
