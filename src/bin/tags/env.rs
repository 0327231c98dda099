//! The environment variables and the clock, read here and nowhere else.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::folders::{Folders, System};

/// The value of an environment variable; none when it is unset or empty.
#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from)
}

/// The current time.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The words of the command line, without the program.
pub(crate) fn words() -> impl Iterator<Item = String> {
    std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned())
}

/// The variables whose names end with one of these, and the files that they name.
pub(crate) fn files_by_suffix(suffixes: &[&str]) -> impl Iterator<Item = (String, PathBuf)> {
    std::env::vars_os().filter_map(move |(name, value)| {
        let is_one = |name: &String| suffixes.iter().any(|suffix| name.ends_with(suffix));
        let name = name.into_string().ok().filter(is_one)?;
        (!value.is_empty()).then(|| (name, PathBuf::from(value)))
    })
}

/// `$TAGS_POLICY`.
pub(crate) fn policy() -> Option<PathBuf> {
    path("TAGS_POLICY")
}

/// The folders of the user who runs this.
fn folders() -> Folders<impl Fn(&str) -> Option<PathBuf>> {
    Folders::of(System::HERE, path)
}

/// The directory of the cache.
pub(crate) fn cache_directory() -> Option<PathBuf> {
    folders().cache()
}

/// The directory of journals and of what has to be known the next time.
pub(crate) fn state_directory() -> Option<PathBuf> {
    folders().state()
}

/// Docker's config file, whether or not it exists.
pub(crate) fn docker_config() -> Option<PathBuf> {
    folders().docker_config()
}

/// Whether this runs in GitHub Actions.
pub(crate) fn in_github_actions() -> bool {
    variable("GITHUB_ACTIONS").as_deref() == Some("true")
}

/// The file with the payload of the event that started the workflow run.
pub(crate) fn github_event() -> Option<PathBuf> {
    path("GITHUB_EVENT_PATH")
}

/// Whether this runs in a CI job, where nobody answers questions.
pub(crate) fn in_ci() -> bool {
    in_github_actions() || variable("CI").is_some_and(|value| value != "false" && value != "0")
}

/// The file to which a step appends its outputs.
pub(crate) fn github_output() -> Option<PathBuf> {
    path("GITHUB_OUTPUT")
}

/// The file to which a step appends its summary.
pub(crate) fn github_step_summary() -> Option<PathBuf> {
    path("GITHUB_STEP_SUMMARY")
}
