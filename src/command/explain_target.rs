//! Parses the target of `tags explain`: a tag or a manifest of a repository, or a release.

use super::CommandError;
use crate::model::{Digest, EnvironmentName, Repository, Sha, TagName};
use crate::policy::{Policy, nearest};

/// What is to be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExplainTarget {
    /// The manifest that a tag points to.
    Tag(Repository, TagName),
    /// A manifest, tagged or not.
    Manifest(Repository, Digest),
    /// A release, by its SHA or the beginning of one.
    Release(EnvironmentName, Sha),
    /// A release of the one environment that has it.
    Commit(Sha),
}

/// Parses the target: `REPOSITORY:TAG`, `REPOSITORY@DIGEST`, or an environment and a SHA.
/// A repository may be shortened to the end of its address, or begin with its registry's name.
pub(super) fn explain_target(
    policy: &Policy,
    target: &str,
    sha: Option<&str>,
) -> Result<ExplainTarget, CommandError> {
    if let Some(sha) = sha {
        return release(policy, target, sha);
    }
    if let Some((name, digest)) = target.split_once('@') {
        let digest =
            Digest::parse(digest).map_err(|error| CommandError::usage(error.to_string()))?;
        // In `REPOSITORY:TAG@DIGEST` the tag is ignored.
        let name = tagged(name).map_or(name, |(name, _)| name);
        return Ok(ExplainTarget::Manifest(repository(policy, name)?, digest));
    }
    let Some((name, tag)) = tagged(target) else {
        if let Ok(sha) = Sha::parse(&target.to_ascii_lowercase()) {
            return Ok(ExplainTarget::Commit(sha));
        }
        let message = format!("`{target}` is neither a tag nor a release");
        return Err(CommandError::usage(message).hint(FORMS));
    };
    let tag = TagName::parse(tag).map_err(|error| CommandError::usage(error.to_string()))?;
    Ok(ExplainTarget::Tag(repository(policy, name)?, tag))
}

const FORMS: &str =
    "use `tags explain REPOSITORY:TAG`, `REPOSITORY@DIGEST`, `ENVIRONMENT SHA` or `SHA`";

/// Splits `REPOSITORY:TAG`. A colon before a slash belongs to a port.
fn tagged(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
}

fn release(policy: &Policy, name: &str, sha: &str) -> Result<ExplainTarget, CommandError> {
    let environment = EnvironmentName::parse(name).ok();
    let environment = environment.filter(|name| policy.environments.contains_key(name));
    let environment = environment.ok_or_else(|| {
        let names = policy.environments.keys().map(EnvironmentName::as_str);
        CommandError::usage(format!("no environment `{name}` in the policy")).suggest(
            name,
            names,
            "environments",
        )
    })?;
    let sha = Sha::parse(&sha.to_ascii_lowercase())
        .map_err(|error| CommandError::usage(error.to_string()))?;
    Ok(ExplainTarget::Release(environment, sha))
}

/// Everything by which a repository may be named: its address, or the end of it, or its path with
/// the registry's name in front.
fn forms(at: &Repository) -> Vec<String> {
    let path = at.path.as_str();
    let ends = path.match_indices('/').map(|(place, _)| path[place + 1..].to_owned());
    let whole = [path.to_owned(), format!("{}/{path}", at.registry), at.to_string()];
    ends.chain(whole).collect()
}

fn repository(policy: &Policy, name: &str) -> Result<Repository, CommandError> {
    let addresses = |at: &Repository| [at.to_string(), format!("{}/{}", at.registry, at.path)];
    let find = |is: &dyn Fn(&String) -> bool| -> Vec<&Repository> {
        policy.repositories.keys().filter(|at| addresses(at).iter().any(is)).collect()
    };
    let mut found = find(&|address| address == name);
    if found.is_empty() && !name.is_empty() {
        let end = format!("/{name}");
        found = find(&|address| address.ends_with(&end));
    }
    let list = |repositories: &[&Repository]| {
        repositories.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let forms: Vec<String> = policy.repositories.keys().flat_map(forms).collect();
            let known: Vec<&str> = forms.iter().map(String::as_str).collect();
            let hint = match nearest(name, &known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => "the policy has no images".to_owned(),
                None => {
                    let all: Vec<_> = policy.repositories.keys().collect();
                    format!("the policy has {}", list(&all))
                }
            };
            Err(CommandError::usage(format!("no repository `{name}` in the policy")).hint(hint))
        }
        [one, ..] => {
            let message = format!("`{name}` matches several repositories: {}", list(&found));
            let hint = format!("write more of the name, such as {}/{}", one.registry, one.path);
            Err(CommandError::usage(message).hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(target: &str, sha: Option<&str>) -> Option<String> {
        let text = include_str!("../../policies/projectmeats.toml");
        let policy = crate::policy::parse("tags.toml", text).expect("a policy");
        explain_target(&policy, target, sha).ok().map(|target| match target {
            ExplainTarget::Tag(at, tag) => format!("{} {} {tag}", at.registry, at.path),
            ExplainTarget::Manifest(at, digest) => format!("{} {}", at.registry, digest.short()),
            ExplainTarget::Release(environment, sha) => format!("{environment} {sha}"),
            ExplainTarget::Commit(sha) => format!("any {sha}"),
        })
    }

    #[test]
    fn a_repository_may_be_shortened_as_long_as_one_is_meant() {
        let meant = Some("ghcr meats-central/projectmeats-backend prod-latest".to_owned());
        for name in [
            "ghcr.io/meats-central/projectmeats-backend",
            "meats-central/projectmeats-backend",
            "ghcr/meats-central/projectmeats-backend",
        ] {
            assert_eq!(read(&format!("{name}:prod-latest"), None), meant, "{name}");
        }
        let digest = Digest::of(b"");
        let manifest = format!("meatscentral/projectmeats-frontend:x@{digest}");
        assert_eq!(read(&manifest, None), Some("docr sha256:e3b0c44298fc".to_owned()));
        assert_eq!(read("prod", Some("3F2A1BC")), Some("prod 3f2a1bc".to_owned()));
        assert_eq!(read("3F2A1BC", None), Some("any 3f2a1bc".to_owned()));
    }

    #[test]
    fn what_could_mean_several_things_or_none_is_asked_back() {
        for (target, sha) in [
            ("projectmeats-backend:prod-latest", None),
            ("meats-backend:prod-latest", None),
            (":prod-latest", None),
            ("prod", None),
            ("prod", Some("latest")),
            ("staging", Some("3f2a1bc")),
            ("meats-central/projectmeats-backend:-x", None),
            ("meats-central/projectmeats-backend@sha256:1", None),
        ] {
            assert_eq!(read(target, sha), None, "{target}");
        }
    }
}
