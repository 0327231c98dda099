//! Compares the digests that were deployed with those that were pushed, and with what the SHA tags point
//! to now. Only the same image by the same tag is compared.

use std::collections::BTreeMap;

use super::image_name::{TagMeaning, is_in, tag_form};
use super::run_finding::RunCode;
use super::seen_image::{SeenImage, SeenImages};
use super::stage_finding::Remark;
use crate::model::{Digest, Place, Sha};

/// The images that were deployed by another digest than elsewhere.
pub(super) fn other_digests(
    images: &SeenImages<'_>,
    tags: &BTreeMap<Place, Digest>,
) -> Vec<Remark> {
    let pulls: Vec<&SeenImage<'_>> = images.deployed().collect();
    let mut remarks = Vec::new();
    for (number, pull) in pulls.iter().enumerate() {
        let Some(digest) = &pull.evidence.digest else { continue };
        let pushed = same_tag(images, pull, images.seen.iter().filter(|seen| seen.is_pushed()));
        let pulled = same_tag(images, pull, pulls[..number].iter().copied());
        let now = tags_now(images, pull, tags);
        let sources = [
            (pushed, "it was pushed as"),
            (pulled, "it was pulled before as"),
            (now, "the SHA tag of the environment is"),
        ];
        let differs = |(known, what): (Vec<&Digest>, &'static str)| {
            let other = (*known.first()?).clone();
            (!known.contains(&digest)).then_some((other, what))
        };
        if let Some((other, what)) = sources.into_iter().find_map(differs) {
            remarks.push(remark(pull, digest, (&other, what)));
        }
    }
    remarks
}

fn remark(pull: &SeenImage<'_>, digest: &Digest, (other, what): (&Digest, &str)) -> Remark {
    let message = format!("{} as {digest}, and {what} {other}", pull.text());
    let hint =
        "the tag moved in between, or another build has the same tag; a SHA tag must never move";
    Remark::new(RunCode::DeployOtherDigest, message, hint)
}

/// The digests that others tell of the same image by the same tag.
fn same_tag<'a>(
    images: &SeenImages<'_>,
    pull: &SeenImage<'_>,
    others: impl Iterator<Item = &'a SeenImage<'a>>,
) -> Vec<&'a Digest> {
    let is_same = |other: &&SeenImage<'_>| {
        // Registries may have different digests where the policy says so.
        let is_comparable = images.environment.same_digest
            || pull.evidence.reference.name() == other.evidence.reference.name();
        is_comparable
            && pull.images.len() == 1
            && pull.images == other.images
            && have_same_tag(images, pull, other)
    };
    others.filter(is_same).filter_map(|other| other.evidence.digest.as_ref()).collect()
}

fn have_same_tag(images: &SeenImages<'_>, pull: &SeenImage<'_>, other: &SeenImage<'_>) -> bool {
    let (mine, theirs) = (&pull.evidence.reference, &other.evidence.reference);
    match (&pull.meaning, &other.meaning) {
        (TagMeaning::Sha(sha), TagMeaning::Sha(other)) => {
            sha.agrees_with(other) && are_same_form(tag_form(mine, sha), tag_form(theirs, other))
        }
        (TagMeaning::Digest, TagMeaning::Sha(other)) => {
            is_of_run(images, other)
                && are_same_form(Some(own_form(images)), tag_form(theirs, other))
        }
        (TagMeaning::Moving, TagMeaning::Moving) => mine.tag() == theirs.tag(),
        _ => false,
    }
}

/// What the SHA tags of the image point to now, in the registries that can be compared.
fn tags_now<'a>(
    images: &SeenImages<'_>,
    pull: &SeenImage<'_>,
    tags: &'a BTreeMap<Place, Digest>,
) -> Vec<&'a Digest> {
    let reference = &pull.evidence.reference;
    // By the tag of another environment the same build must come as by the environment's own.
    let is_same_tag = match &pull.meaning {
        TagMeaning::Sha(sha) => is_of_run(images, sha),
        TagMeaning::Digest => true,
        TagMeaning::Moving | TagMeaning::Unknown => false,
    };
    let environment = images.environment;
    let is_comparable = |place: &Place| {
        let repositories = environment.images.get(&place.image).map(|image| &image.repositories);
        let repository = repositories.and_then(|all| all.get_key_value(&place.registry));
        let is_here = repository.is_some_and(|at| is_in(environment, reference, at));
        pull.images.len() == 1
            && pull.images.contains(&place.image)
            && (environment.same_digest || is_here)
    };
    let comparable = tags.iter().filter(|(place, _)| is_same_tag && is_comparable(place));
    comparable.map(|(_, digest)| digest).collect()
}

fn is_of_run(images: &SeenImages<'_>, sha: &Sha) -> bool {
    images.sha.is_some_and(|run| run.agrees_with(sha))
}

/// The environment's own form of SHA tags.
fn own_form(images: &SeenImages<'_>) -> String {
    images.environment.scheme.sha.to_string()
}

/// Whether two tags have the same form, as far as they are not masked.
fn are_same_form(one: Option<String>, other: Option<String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
