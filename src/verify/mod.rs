//! Verifies a release: in every registry every image has both tags, with the same digest and complete
//! content.
//!
//! Pure: from observations to checks and findings. What could not be read never counts as missing.

mod difference;
mod finding;
mod place;
mod recorded;
mod running;

use std::collections::BTreeMap;

use crate::model::{
    ContentTree, Digest, EnvironmentName, ImageName, Place, PlaceObservation, Sha, TagReference,
    Unread, UnreadCause,
};
use crate::policy::Environment;
use crate::running::Running;

pub use difference::{Difference, explain};
pub use finding::{Finding, FindingCode, Severity};

/// Which of the two tags is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum CheckKind {
    /// The immutable tag of the release.
    Sha,
    /// The moving tag of the environment.
    Latest,
}

impl CheckKind {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One tag in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCheck {
    /// Where.
    pub place: Place,
    /// The tag.
    pub reference: TagReference,
    /// Which of the two it is.
    pub kind: CheckKind,
    /// What it points to, if it exists.
    pub digest: Option<Digest>,
    /// What is wrong with it, if anything.
    pub problem: Option<FindingCode>,
}

/// The verdict on a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyVerdict {
    /// All checks passed.
    Passed,
    /// A check failed.
    Failed,
    /// A registry could not be read.
    Unknown(UnreadCause),
}

/// The result of verifying one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The environment.
    pub environment: EnvironmentName,
    /// The release.
    pub sha: Sha,
    /// Those of its images that the policy's patterns found.
    pub images: Vec<ImageName>,
    /// Each tag in each place, by image, registry and kind.
    pub checks: Vec<TagCheck>,
    /// What is wrong: first in the order of the checks, then across registries, then running images.
    pub findings: Vec<Finding>,
    /// How many running images do not belong to an image of the environment.
    pub running_ignored: usize,
}

impl Verification {
    /// The verdict. A registry that could not be read takes precedence over a failure in another one;
    /// warnings are ignored.
    #[must_use]
    pub fn verdict(&self) -> VerifyVerdict {
        let errors = || self.findings.iter().filter(|f| f.severity == Severity::Error);
        if let Some(cause) = errors().filter_map(|finding| finding.unread).min() {
            return VerifyVerdict::Unknown(cause);
        }
        if errors().next().is_some() { VerifyVerdict::Failed } else { VerifyVerdict::Passed }
    }
}

/// Judges the observations of a release.
#[must_use]
pub fn verify(
    environment: &Environment,
    sha: &Sha,
    observations: &BTreeMap<Place, PlaceObservation>,
    running: Option<&Running>,
) -> Verification {
    let mut checks = Vec::new();
    let mut findings = Vec::new();
    let seen: Vec<ObservedCopy<'_>> = observations.iter().collect();
    // Places are sorted by image, so the copies of one image are adjacent.
    let images: Vec<&[ObservedCopy<'_>]> =
        seen.chunk_by(|(a, _), (b, _)| a.image == b.image).collect();
    for copies in &images {
        for &(place, observation) in *copies {
            let sibling = sibling_digest(place, copies);
            let case = place::PlaceCase { environment, sha, place, observation, sibling };
            let judged = place::judge(&case);
            checks.extend(judged.checks);
            findings.extend(judged.findings);
        }
    }
    if environment.same_digest {
        for copies in images {
            compare_registries(copies, &mut checks, &mut findings);
        }
    }
    if let Some(running) = running {
        findings.extend(running::judge(environment, sha, observations, running));
    }
    Verification {
        environment: environment.name.clone(),
        sha: sha.clone(),
        images: environment.found.clone(),
        checks,
        findings,
        running_ignored: running.map_or(0, |running| running.ignored),
    }
}

/// The result if the release could not be determined, since places could not be listed.
#[must_use]
pub fn unresolved(
    environment: &Environment,
    asked: &Sha,
    unread: &[(Place, Unread)],
) -> Verification {
    Verification {
        environment: environment.name.clone(),
        sha: asked.clone(),
        images: environment.found.clone(),
        checks: Vec::new(),
        findings: unread.iter().map(|(place, why)| Finding::unreadable(place, why)).collect(),
        running_ignored: 0,
    }
}

type ObservedCopy<'a> = (&'a Place, &'a PlaceObservation);

/// What the SHA tag of the same image points to in another registry.
fn sibling_digest<'a>(place: &Place, copies: &[ObservedCopy<'a>]) -> Option<&'a Digest> {
    copies
        .iter()
        .filter(|(other, _)| other.registry != place.registry)
        .find_map(|(_, observation)| observation.sha_tag.digest())
}

/// Finds the registries where an image has another digest than in most registries.
fn compare_registries(
    copies: &[ObservedCopy<'_>],
    checks: &mut [TagCheck],
    findings: &mut Vec<Finding>,
) {
    let copies: Vec<CopyDigest<'_>> = copies
        .iter()
        .filter_map(|(place, seen)| seen.sha_tag.digest().map(|digest| (*place, *seen, digest)))
        .collect();
    let Some((usual_place, usual, usual_digest)) = most_common(&copies) else {
        return;
    };
    for (place, observation, digest) in &copies {
        if digest == usual_digest {
            continue;
        }
        let mine = tree(observation);
        let why = match (tree(usual), mine) {
            (Some(usual), Some(mine)) => explain(usual, mine).to_string(),
            _ => "run without --quick to see why".to_owned(),
        };
        let message = format!(
            "{} is {} in {} and {} in {}: {why}",
            place.image,
            usual_digest.short(),
            usual_place.registry,
            digest.short(),
            place.registry
        );
        let finding = Finding::at(FindingCode::DigestDiffers, place, message)
            .tag(&observation.sha_reference.tag)
            .hint("push one build to all registries (one `docker buildx build` with all tags, or a copy that keeps digests), or set `same-digest = false`");
        findings.push(finding);
        for check in checks.iter_mut() {
            if check.place == **place && check.kind == CheckKind::Sha && check.problem.is_none() {
                check.problem = Some(FindingCode::DigestDiffers);
            }
        }
    }
}

fn tree(observation: &PlaceObservation) -> Option<&ContentTree> {
    observation.content.as_ref().and_then(|content| content.tree.as_ref())
}

type CopyDigest<'a> = (&'a Place, &'a PlaceObservation, &'a Digest);

/// The copy whose digest most registries have; among equally common ones the first.
fn most_common<'a, 'b>(copies: &'b [CopyDigest<'a>]) -> Option<&'b CopyDigest<'a>> {
    let count = |digest: &Digest| copies.iter().filter(|(_, _, other)| *other == digest).count();
    copies.iter().rev().max_by_key(|(_, _, digest)| count(digest))
}
