//! Running references that must survive a cleanup: text in, references of the policy out.
//!
//! What cannot be understood is an error and never left out, since what is left out here may be
//! deleted. `running` reads the same lists to find out which release runs.

use std::collections::BTreeMap;

use crate::model::{Contents, Digest, ImageId, Repository, RepositoryContents, TagKind, TagName};
use crate::policy::{Mirrors, Policy};
use crate::running::{Listed, ListedItem, ListedReference, listed, unknown_mirror};

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

/// What is named by a digest or an ID alone: which repository has it, only what was read tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnqualifiedReference {
    /// As it was given.
    pub text: String,
    /// What it names.
    pub content: UnqualifiedContent,
}

/// Content without a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnqualifiedContent {
    /// A manifest.
    Digest(Digest),
    /// A manifest or a config.
    Id(ImageId),
}

/// Everything that was listed as in use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUse {
    /// What is of the policy by its name, in the order given, each once.
    pub references: Vec<InUseReference>,
    /// What only its content can tell, in the order given, each once.
    pub unqualified: Vec<UnqualifiedReference>,
    /// How many references are of no repository of the policy.
    pub ignored: usize,
    /// What seems to be of the policy, and is pulled by an address that it has not.
    pub warnings: Vec<String>,
}

/// What is in use of all that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InUseFound {
    /// What is of the policy; what was found by its content, once for each manifest.
    pub references: Vec<InUseReference>,
    /// How many things of the list are of the policy.
    pub known: usize,
    /// How many are not.
    pub others: usize,
}

impl InUseFound {
    /// That a list protects nothing, if it does not.
    ///
    /// # Errors
    /// [`InUseError::NothingKnown`] when there is a list and nothing of it was found.
    pub fn checked(&self) -> Result<(), InUseError> {
        match (self.known, self.others) {
            (0, count @ 1..) => Err(InUseError::NothingKnown { count }),
            _ => Ok(()),
        }
    }
}

/// The manifests that are, or hold, what an ID names, by repository and digest.
pub type ImagesById = BTreeMap<ImageId, Vec<(Repository, Digest)>>;

impl InUse {
    /// The IDs in it.
    #[must_use]
    pub fn ids(&self) -> Vec<ImageId> {
        let ids = self.unqualified.iter().filter_map(|item| match &item.content {
            UnqualifiedContent::Id(id) => Some(id.clone()),
            UnqualifiedContent::Digest(_) => None,
        });
        ids.collect()
    }

    /// What of it is in the repositories that were read. An ID that may be several protects all.
    #[must_use]
    pub fn found(&self, contents: &Contents, by_id: &ImagesById) -> InUseFound {
        let mut found = InUseFound {
            references: self.references.clone(),
            known: self.references.len(),
            others: self.ignored,
        };
        for item in &self.unqualified {
            let places = match &item.content {
                UnqualifiedContent::Digest(digest) => holders(contents, digest),
                UnqualifiedContent::Id(id) => by_id.get(id).cloned().unwrap_or_default(),
            };
            let count = if places.is_empty() { &mut found.others } else { &mut found.known };
            *count += 1;
            found.references.extend(places.into_iter().map(|(repository, digest)| {
                let digest = Some(digest);
                InUseReference { text: item.text.clone(), repository, tag: None, digest }
            }));
        }
        found
    }
}

/// Every place of a manifest.
fn holders(contents: &Contents, digest: &Digest) -> Vec<(Repository, Digest)> {
    let holds = |at: &&RepositoryContents| at.manifests.iter().any(|one| one.digest == *digest);
    let holding = contents.repositories.iter().filter(holds);
    holding.map(|at| (at.repository.clone(), digest.clone())).collect()
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
                "give image references or IDs, as `docker ps --format '{{.Image}}'` or `kubectl get pods -A -o jsonpath='{..image} {..imageID}'` print them"
            }
            Self::Empty => {
                "if nothing runs, say --allow-empty-in-use; else look why the command that lists it printed nothing"
            }
            Self::NothingKnown { .. } => {
                "if nothing of the policy runs, say --allow-empty-in-use; else compare the hosts and paths with the policy's, and write those of mirrors into it"
            }
        }
    }
}

/// Reads references and matches them with the repositories of a policy. They are separated by
/// blanks or line ends.
///
/// # Errors
/// [`InUseError`] when something is no reference, or when nothing can be protected.
pub fn parse(text: &str, policy: &Policy) -> Result<InUse, InUseError> {
    let mut in_use = InUse::default();
    let mut count = 0;
    for item in listed(text) {
        count += 1;
        let read = item
            .read()
            .ok_or_else(|| InUseError::NotAReference { line: item.line, text: item.shown() })?;
        match read {
            Listed::Id(id) => in_use.add_unqualified(&item, UnqualifiedContent::Id(id)),
            Listed::Reference(reference) => in_use.add(&item, reference, policy),
        }
    }
    match (count, in_use.references.is_empty() && in_use.unqualified.is_empty()) {
        (0, _) => Err(InUseError::Empty),
        (_, true) => Err(InUseError::NothingKnown { count }),
        (_, false) => Ok(in_use),
    }
}

impl InUse {
    fn add_unqualified(&mut self, item: &ListedItem<'_>, content: UnqualifiedContent) {
        if !self.unqualified.iter().any(|known| known.content == content) {
            self.unqualified.push(UnqualifiedReference { text: item.shown(), content });
        }
    }

    /// Adds what a reference names, once for each repository that it can mean.
    fn add(&mut self, item: &ListedItem<'_>, reference: ListedReference, policy: &Policy) {
        let is_here = |at: &&Repository| reference.is_in(at, mirrors(policy, at));
        let mut named = false;
        for repository in policy.repositories.keys().filter(is_here) {
            named = true;
            let reference = InUseReference {
                text: item.text.to_owned(),
                repository: repository.clone(),
                tag: reference.tag.clone(),
                digest: reference.digest.clone(),
            };
            if !self.references.contains(&reference) {
                self.references.push(reference);
            }
        }
        match reference.digest {
            _ if named => {}
            // The same content is in use, whatever address it was pulled by.
            Some(digest) => self.add_unqualified(item, UnqualifiedContent::Digest(digest)),
            None => {
                self.ignored += 1;
                let warning = nearly_known(item, &reference, policy);
                self.warnings.extend(warning.filter(|text| !self.warnings.contains(text)));
            }
        }
    }
}

fn mirrors<'a>(policy: &'a Policy, repository: &Repository) -> Option<&'a Mirrors> {
    policy.registries.get(&repository.registry).map(|registry| &registry.mirrors)
}

/// What is said of a reference that would be of the policy if its host were a mirror.
fn nearly_known(
    item: &ListedItem<'_>,
    reference: &ListedReference,
    policy: &Policy,
) -> Option<String> {
    let tag = reference.tag.as_ref()?;
    let has_tag = |at: &Repository| {
        policy.environments.values().any(|environment| {
            environment.uses(at) && environment.scheme.classify(tag) != TagKind::Foreign
        })
    };
    let fitting = policy.repositories.keys().filter(|at| has_tag(at)).filter_map(|at| {
        let mirror = reference.mirror_that_fits(at, mirrors(policy, at))?;
        Some((at, mirror))
    });
    unknown_mirror(item, fitting)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        for text in [
            "<none>",
            "a b:c:d",
            "ghcr.io/meats-central/backend@sha256:ABC",
            "ghcr.io/a:\u{1b}",
            "sha256:abc",
            &format!("sha256:{HEX}0"),
            &HEX.to_uppercase(),
        ] {
            let error = read(&format!("{good}\n{text}")).expect_err(text);
            assert!(matches!(error, InUseError::NotAReference { line: 3, .. }), "{text}: {error}");
        }
        let upper = format!("{good}ghcr.io/meats-central/backend@sha256:{}", HEX.to_uppercase());
        assert!(!read(&upper).expect_err("no digest").protects_nothing());
    }

    #[test]
    fn what_has_no_name_is_matched_by_its_content() {
        let shown = [&HEX[..12], HEX, &format!("sha256:{HEX}"), &format!("docker://sha256:{HEX}")];
        let in_use = read(&shown.join("\n")).expect("IDs");
        assert_eq!((in_use.ids().len(), in_use.ignored), (2, 0));
        let foreign = format!("quay.io/a/b@sha256:{HEX} quay.io/a/c:1@sha256:{HEX} redis:7");
        let in_use = read(&foreign).expect("a digest");
        assert_eq!((in_use.unqualified.len(), in_use.ignored), (1, 1));
        let nowhere = in_use.found(&Contents::default(), &ImagesById::new());
        assert_eq!(nowhere.checked(), Err(InUseError::NothingKnown { count: 2 }));
        let id = ImageId::parse(&HEX[..12]).expect("an ID");
        let digest = Digest::of(b"");
        let at =
            read("ghcr.io/meats-central/backend").expect("one").references.remove(0).repository;
        let by_id = ImagesById::from([(id, vec![(at, digest.clone())])]);
        let found = read(&HEX[..12]).expect("an ID").found(&Contents::default(), &by_id);
        assert_eq!((found.known, found.others, found.checked()), (1, 0, Ok(())));
        assert_eq!(found.references[0].digest, Some(digest));
    }

    #[test]
    fn a_list_that_protects_nothing_is_told_from_one_that_does() {
        assert_eq!(read(" \r\n\n"), Err(InUseError::Empty));
        assert_eq!(read("redis:7 postgres"), Err(InUseError::NothingKnown { count: 2 }));
        assert!(read("redis:7").expect_err("nothing").protects_nothing());
    }

    /// A policy with a namespace and, where wanted, a mirror.
    fn mirrored(namespace: &str, path: &str, mirror: Option<&str>) -> Policy {
        let mirrors = mirror.map_or_else(String::new, |at| format!("mirrors = [\"{at}\"]"));
        let text = format!(
            r#"
version = 1
[registry.one]
kind = "ghcr"
namespace = "{namespace}"
{mirrors}
[registry.two]
kind = "oci"
url = "https://two.example"
[image.app]
repositories = {{ one = "{path}", two = "elsewhere/{path}x" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
"#
        );
        crate::policy::parse("tags.toml", &text).unwrap_or_else(|error| panic!("{error}"))
    }

    proptest! {
        /// What a warning proposes is what makes the reference the policy's own, and nothing else is.
        #[test]
        fn the_mirror_that_is_proposed_is_the_one_that_helps(
            namespace in "[a-z]{1,6}",
            path in "[a-z]{1,6}(/[a-z]{1,6}){0,2}",
            before in prop::collection::vec("[a-z0-9]{1,6}", 0..3),
            port in prop::option::of(1024u16..65535),
            whole: bool,
            digest: bool,
        ) {
            let host = port.map_or("h.example.com".to_owned(), |port| format!("h.example.com:{port}"));
            let mut parts = before.clone();
            parts.insert(0, host);
            let mirror = parts.join("/");
            let below = if whole { format!("{namespace}/{path}") } else { path.clone() };
            let digest = if digest { format!("@{}", Digest::of(b"")) } else { String::new() };
            let reference = format!("{mirror}/{below}:prod-3f2a1bc{digest}");
            let own = parse(&reference, &mirrored(&namespace, &path, Some(&mirror))).expect("its own");
            prop_assert_eq!(own.references.len(), 1);
            prop_assert_eq!(own.references[0].repository.registry.as_str(), "one");
            prop_assert!(own.unqualified.is_empty() && own.ignored == 0 && own.warnings.is_empty());

            let known = "ghcr.io/none/such:x two.example/elsewhere/";
            let list = format!("{known}{path}x:prod-latest {reference}");
            let stray = parse(&list, &mirrored(&namespace, &path, None)).expect("a list");
            prop_assert_eq!(stray.references.len(), 1);
            if digest.is_empty() {
                let said = stray.warnings.first().expect("a warning");
                let (_, line) = said.split_once("mirrors = [\"").expect("a line");
                let (proposed, _) = line.split_once("\"]").expect("its end");
                let again = parse(&reference, &mirrored(&namespace, &path, Some(proposed)));
                prop_assert_eq!(again.expect("its own").references.len(), 1);
            } else {
                prop_assert_eq!(stray.unqualified.len(), 1);
            }
        }

        /// An ID protects what it begins, and only that.
        #[test]
        fn an_id_is_of_the_digests_that_begin_with_it(
            bytes in prop::collection::vec(any::<u8>(), 0..8),
            length in 12usize..=64,
            other in prop::collection::vec(any::<u8>(), 9..12),
        ) {
            let digest = Digest::of(&bytes);
            let hex = &digest.encoded()[..length];
            for text in [hex.to_owned(), format!("sha256:{hex}"), format!("docker://sha256:{hex}")] {
                let ids = read(&text).expect("an ID").ids();
                prop_assert_eq!(ids.len(), 1);
                prop_assert!(ids[0].matches(&digest) && !ids[0].matches(&Digest::of(&other)));
            }
        }
    }
}
