//! Running references that must survive a cleanup: text in, references of the policy out.
//!
//! What cannot be understood is an error and never left out, since what is left out here may be
//! deleted. `running` reads the same lists to find out which release runs.

use crate::model::{Digest, Repository, TagName};
use crate::policy::Policy;
use crate::running::{ListedItem, listed};

/// A reference in use, in a repository of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUseReference {
    /// The reference as it was given, without the container runtime in front.
    pub text: String,
    /// Its repository.
    pub repository: Repository,
    /// Its tag, if it names one; `latest` where it names neither tag nor digest.
    pub tag: Option<TagName>,
    /// Its digest, if it names one.
    pub digest: Option<Digest>,
}

/// Everything that was listed as in use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUse {
    /// What is of the policy, in the order given, each once.
    pub references: Vec<InUseReference>,
    /// How many references are of no repository of the policy.
    pub ignored: usize,
}

/// A list of references in use cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InUseError {
    /// Something is not an image reference.
    #[error("line {line} of the references in use has something else in it: `{text}`")]
    NotAReference {
        /// The line, from 1.
        line: usize,
        /// What it says.
        text: String,
    },
    /// Something is the ID of an image on the machine that runs it, which no registry knows.
    #[error(
        "line {line} of the references in use has an image ID, which no registry knows: `{text}`"
    )]
    ImageId {
        /// The line, from 1.
        line: usize,
        /// The ID.
        text: String,
    },
    /// There is nothing in it.
    #[error("the list of references in use is empty")]
    Empty,
    /// Nothing in it is of the policy.
    #[error("no repository of the policy has any of the {count} references in use")]
    NothingKnown {
        /// How many were listed.
        count: usize,
    },
}

impl InUseError {
    /// Whether the list can be read, but protects nothing. A person may say that this is right.
    #[must_use]
    pub fn protects_nothing(&self) -> bool {
        matches!(self, Self::Empty | Self::NothingKnown { .. })
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAReference { .. } => {
                "give image references, as `docker ps --format '{{.Image}}'` or `kubectl get pods -A -o jsonpath='{..image}'` print them"
            }
            Self::ImageId { .. } => {
                "the tag has moved on since it was pulled; `docker inspect --format '{{index .RepoDigests 0}}' ID` tells its digest in the registry"
            }
            Self::Empty => {
                "if nothing runs, say --allow-empty-in-use; else look why the command that lists it printed nothing"
            }
            Self::NothingKnown { .. } => {
                "if nothing of the policy runs, say --allow-empty-in-use; else compare the hosts and paths with the policy's"
            }
        }
    }
}

/// Reads references and matches them with the repositories of a policy. They are separated by
/// blanks or line ends.
///
/// # Errors
/// [`InUseError`] when something is no reference, or when nothing would be protected.
pub fn parse(text: &str, policy: &Policy) -> Result<InUse, InUseError> {
    let mut in_use = InUse::default();
    let mut count = 0;
    for item in listed(text) {
        count += 1;
        let found = references(&item, policy)?;
        if found.is_empty() {
            in_use.ignored += 1;
        }
        for reference in found {
            if !in_use.references.contains(&reference) {
                in_use.references.push(reference);
            }
        }
    }
    match (count, in_use.references.is_empty()) {
        (0, _) => Err(InUseError::Empty),
        (_, true) => Err(InUseError::NothingKnown { count }),
        (_, false) => Ok(in_use),
    }
}

/// What an item names, once for each repository that it can mean.
fn references(item: &ListedItem<'_>, policy: &Policy) -> Result<Vec<InUseReference>, InUseError> {
    if is_image_id(item.text) {
        return Err(InUseError::ImageId { line: item.line, text: item.shown() });
    }
    let reference = item
        .read()
        .ok_or_else(|| InUseError::NotAReference { line: item.line, text: item.shown() })?;
    let repositories = policy.repositories.keys().filter(|at| reference.is_in(at));
    Ok(repositories
        .map(|repository| InUseReference {
            text: item.text.to_owned(),
            repository: repository.clone(),
            tag: reference.tag.clone(),
            digest: reference.digest.clone(),
        })
        .collect())
}

/// 12 or 64 hex digits, or a digest with nothing before it.
fn is_image_id(text: &str) -> bool {
    let bare = text.strip_prefix("sha256:");
    let hex = bare.unwrap_or(text);
    let digits = hex.bytes().all(|b| b.is_ascii_hexdigit());
    digits && (bare.is_some() || matches!(hex.len(), 12 | 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "meatscentral"
[registry.ghcr]
kind = "ghcr"
namespace = "meats-central"
[registry.local]
kind = "oci"
url = "http://127.0.0.1:5000"
[image.backend]
repositories = { docr = "backend", ghcr = "backend", local = "backend" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
"#;
    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(text: &str) -> Result<InUse, InUseError> {
        parse(text, &crate::policy::parse("tags.toml", POLICY).expect("a policy"))
    }

    fn shown(text: &str) -> Vec<String> {
        let in_use = read(text).expect("references");
        let word = |reference: &InUseReference| {
            let tag = reference.tag.as_ref().map_or("-", TagName::as_str);
            let digest = reference.digest.as_ref().map_or("-".to_owned(), Digest::short);
            format!("{} {tag} {digest}", reference.repository.registry)
        };
        in_use.references.iter().map(word).collect()
    }

    #[test]
    fn what_docker_and_kubectl_print_is_understood() {
        let listed = format!(
            "\u{feff}registry.digitalocean.com/meatscentral/backend:prod-3f2a1bc\r\n\
             docker-pullable://ghcr.io/meats-central/backend@sha256:{HEX} 127.0.0.1:5000/backend\n\
             GHCR.io/meats-central/backend:prod-3f2a1bc@sha256:{HEX} docker.io/library/redis:7\n"
        );
        assert_eq!(
            shown(&listed),
            [
                "docr prod-3f2a1bc -",
                "ghcr - sha256:e3b0c44298fc",
                "local latest -",
                "ghcr prod-3f2a1bc sha256:e3b0c44298fc",
            ]
        );
        assert_eq!(read(&listed).expect("references").ignored, 1);
        let twice = "ghcr.io/meats-central/backend:a ghcr.io:443/meats-central/backend:a";
        assert!(shown(twice).iter().all(|line| line == "ghcr a -"));
    }

    #[test]
    fn what_cannot_be_understood_is_never_left_out() {
        let good = "ghcr.io/meats-central/backend:a\n";
        for id in [&HEX[..12], HEX, &format!("sha256:{HEX}"), &format!("docker://sha256:{HEX}")] {
            let error = read(&format!("{good}{id}")).expect_err("an image ID");
            assert!(matches!(error, InUseError::ImageId { line: 2, .. }), "{id}: {error}");
            assert!(error.hint().contains("RepoDigests"));
        }
        for text in
            ["<none>", "a b:c:d", "ghcr.io/meats-central/backend@sha256:ABC", "ghcr.io/a:\u{1b}"]
        {
            let error = read(&format!("{good}\n{text}")).expect_err(text);
            assert!(matches!(error, InUseError::NotAReference { line: 3, .. }), "{text}: {error}");
        }
        let upper = format!("{good}ghcr.io/meats-central/backend@sha256:{}", HEX.to_uppercase());
        assert!(!read(&upper).expect_err("no digest").protects_nothing());
    }

    #[test]
    fn a_list_that_protects_nothing_is_told_from_one_that_does() {
        assert_eq!(read(" \r\n\n"), Err(InUseError::Empty));
        assert_eq!(read("redis:7 postgres"), Err(InUseError::NothingKnown { count: 2 }));
        assert!(read("redis:7").expect_err("nothing").protects_nothing());
    }
}
