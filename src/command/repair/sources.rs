//! Which places lack a release, and what each is filled from. Pure: what was seen comes in.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::copy::CopyCause;
use crate::model::{
    ContentReport, Digest, MovedTag, Place, PlaceObservation, RegistryName, Repository, TagName,
    TagObservation, TagReference, Unread,
};
use crate::report::RepairResult;
use crate::verify::{Finding, FindingCode, Severity, Verification};

/// A place that lacks the release, or a part of it.
#[derive(Debug)]
pub(super) struct Lacking {
    pub(super) place: Place,
    pub(super) repository: Repository,
    /// The SHA tag that the place has, or is to have.
    pub(super) tag: TagName,
    /// What it is filled from, or why it is not.
    pub(super) from: Result<Source, Unfilled>,
}

impl Lacking {
    pub(super) fn reference(&self) -> TagReference {
        TagReference { repository: self.repository.clone(), tag: self.tag.clone() }
    }
}

/// A registry that has the release of an image whole.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) registry: RegistryName,
    pub(super) repository: Repository,
    pub(super) tag: TagName,
    pub(super) digest: Digest,
}

/// Why a place is not filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfilled {
    pub(super) result: RepairResult,
    pub(super) message: String,
}

/// What was read of a release.
pub(super) struct Seen<'a> {
    pub(super) verification: &'a Verification,
    pub(super) places: &'a BTreeMap<Place, PlaceObservation>,
    /// The SHA tags that moved since the release was recorded.
    pub(super) moved: &'a [MovedTag],
}

impl Seen<'_> {
    /// The places that lack something, by image and registry, each with what to fill it from.
    pub(super) fn lacking(&self, from: Option<&RegistryName>) -> Vec<Lacking> {
        let all: Vec<_> = self.places.iter().collect();
        let images = all.chunk_by(|(a, _), (b, _)| a.image == b.image);
        let lacking = images.flat_map(|copies| {
            let lacking = self.image(copies, from);
            let differing = self.differing(copies, &lacking);
            lacking.into_iter().chain(differing)
        });
        let mut lacking: Vec<Lacking> = lacking.collect();
        lacking.sort_by(|a, b| a.place.cmp(&b.place));
        lacking
    }

    /// The findings that no copy mends: they are to be known, whatever is filled.
    pub(super) fn lasting(&self) -> impl Iterator<Item = &Finding> {
        const LASTING: [FindingCode; 3] = [
            FindingCode::DigestDiffers,
            FindingCode::PlatformMissing,
            FindingCode::RevisionDiffers,
        ];
        let findings = self.verification.findings.iter();
        findings.filter(|finding| {
            finding.severity == Severity::Error && LASTING.contains(&finding.code)
        })
    }

    /// The places whose SHA tag or content could not be read.
    pub(super) fn unread(&self) -> Vec<(&Place, Unread)> {
        let each = self.places.iter().flat_map(|(place, seen)| {
            let tag = match &seen.sha_tag {
                TagObservation::Unread(unread) => Some(unread.clone()),
                _ => None,
            };
            let content = seen.content.iter().flat_map(|content| content.unread.clone());
            tag.into_iter().chain(content).map(move |unread| (place, unread))
        });
        each.collect()
    }

    fn image(
        &self,
        copies: &[(&Place, &PlaceObservation)],
        from: Option<&RegistryName>,
    ) -> Vec<Lacking> {
        let choice = Choice {
            whole: copies.iter().filter_map(|copy| self.whole(copy)).collect(),
            tagged: copies.iter().filter_map(|(place, seen)| tagged(place, seen)).collect(),
            unread: copies.iter().any(|(_, seen)| !is_read(seen)),
            unfit: copies.iter().find_map(|(place, _)| self.unfit(place)),
            from,
        };
        let lacking = copies.iter().filter(|(_, seen)| is_read(seen) && !is_whole(seen));
        let lacking = lacking.map(|(place, seen)| {
            let source = choice.source(place, seen.sha_tag.digest());
            let own = &seen.sha_reference;
            let tag = match (&source, seen.sha_tag.digest()) {
                // All places of a release have the same tag.
                (Ok(source), None) => source.tag.clone(),
                _ => own.tag.clone(),
            };
            let repository = own.repository.clone();
            Lacking { place: (*place).clone(), repository, tag, from: source }
        });
        lacking.collect()
    }

    /// The whole copies of an image that differ from most others. They are refused, unless what the
    /// image lacks says so already, or was filled from the registry that was chosen.
    fn differing(
        &self,
        copies: &[(&Place, &PlaceObservation)],
        lacking: &[Lacking],
    ) -> Vec<Lacking> {
        let is_missing = |(_, seen): &(&Place, &PlaceObservation)| {
            matches!(seen.sha_tag, TagObservation::Missing)
        };
        let is_refused = |lacking: &Lacking| {
            lacking.from.as_ref().is_err_and(|why| why.result == RepairResult::Refused)
        };
        if copies.iter().any(is_missing) || lacking.iter().any(is_refused) {
            return Vec::new();
        }
        let whole = copies.iter().filter(|(_, seen)| is_whole(seen));
        let differing = whole.filter_map(|(place, seen)| {
            let mut found = self.lasting();
            let found = found.find(|finding| {
                finding.code == FindingCode::DigestDiffers && finding.place.as_ref() == Some(place)
            })?;
            let TagReference { repository, tag } = seen.sha_reference.clone();
            let message = format!(
                "digest-differs: {}; a SHA tag is never moved: find out which build is the right one",
                found.message
            );
            Some(Lacking { place: (*place).clone(), repository, tag, from: Err(refused(message)) })
        });
        differing.collect()
    }

    /// A copy that is whole, and of the right platforms and revision.
    fn whole(&self, (place, seen): &(&Place, &PlaceObservation)) -> Option<Source> {
        let digest = seen.sha_tag.digest().filter(|_| is_whole(seen) && is_read(seen))?;
        if self.unfit(place).is_some() {
            return None;
        }
        let reference = &seen.sha_reference;
        Some(Source {
            registry: place.registry.clone(),
            repository: reference.repository.clone(),
            tag: reference.tag.clone(),
            digest: digest.clone(),
        })
    }

    /// Why a copy is not the release that it should be.
    fn unfit(&self, place: &Place) -> Option<&str> {
        const UNFIT: [FindingCode; 2] =
            [FindingCode::PlatformMissing, FindingCode::RevisionDiffers];
        let mut findings = self.verification.findings.iter();
        let found = findings
            .find(|finding| finding.place.as_ref() == Some(place) && UNFIT.contains(&finding.code));
        found.map(|finding| finding.message.as_str())
    }
}

/// Whether the SHA tag and all content could be read.
fn is_read(seen: &PlaceObservation) -> bool {
    let unread = seen.content.as_ref().is_some_and(|content| !content.unread.is_empty());
    !matches!(seen.sha_tag, TagObservation::Unread(_)) && !unread
}

/// What the SHA tag of a place says, whether the place has it whole or not.
fn tagged(place: &Place, seen: &PlaceObservation) -> Option<Tagged> {
    let digest = seen.sha_tag.digest()?.clone();
    let is_whole = is_read(seen) && is_whole(seen);
    let state = match (is_whole, is_read(seen)) {
        (true, _) => "",
        (false, true) => " (not whole)",
        (false, false) => " (not read whole)",
    };
    Some(Tagged { registry: place.registry.clone(), digest, state })
}

fn is_whole(seen: &PlaceObservation) -> bool {
    let whole = |content: &ContentReport| content.missing.is_empty() && content.tree.is_some();
    seen.sha_tag.digest().is_some() && seen.content.as_ref().is_some_and(whole)
}

/// The digest that a registry's SHA tag names.
struct Tagged {
    registry: RegistryName,
    digest: Digest,
    state: &'static str,
}

/// What there is to copy one image from.
struct Choice<'a> {
    whole: Vec<Source>,
    /// All SHA tags: one on a copy that is broken says as much as one on a whole copy.
    tagged: Vec<Tagged>,
    /// Whether a registry could not be read: its copy may be another one.
    unread: bool,
    /// What is wrong with a copy that is whole.
    unfit: Option<&'a str>,
    /// The registry that was named.
    from: Option<&'a RegistryName>,
}

impl Choice<'_> {
    /// What a place is filled from whose SHA tag points to this digest, if it exists.
    fn source(&self, place: &Place, has: Option<&Digest>) -> Result<Source, Unfilled> {
        match has {
            Some(digest) => self.same(place, digest),
            None => self.missing(place),
        }
    }

    /// The tag is there and stays where it is: only a copy of the same digest fills it.
    fn same(&self, place: &Place, digest: &Digest) -> Result<Source, Unfilled> {
        let same = |source: &&Source| source.digest == *digest;
        let named = self.whole.iter().filter(same).find(|one| Some(&one.registry) == self.from);
        if let Some(source) = named.or_else(|| self.whole.iter().find(same)) {
            return Ok(source.clone());
        }
        let Some(other) = self.whole.first() else {
            return Err(self.nothing_whole(place));
        };
        Err(refused(format!(
            "the SHA tag points to {} here, which no registry has whole; {} has {}. A SHA tag is never moved",
            digest.short(),
            other.registry,
            other.digest.short()
        )))
    }

    fn missing(&self, place: &Place) -> Result<Source, Unfilled> {
        if let Some(from) = self.from {
            let named = self.whole.iter().find(|source| source.registry == *from);
            return named.cloned().ok_or_else(|| {
                let why = self.unfit.map(|why| format!(": {why}")).unwrap_or_default();
                failed(format!("{from} does not have {} of this release whole{why}", place.image))
            });
        }
        let digests: BTreeSet<&Digest> = self.tagged.iter().map(|tagged| &tagged.digest).collect();
        match (digests.len(), self.whole.first()) {
            (0, _) | (_, None) => Err(self.nothing_whole(place)),
            (1, _) if self.unread => Err(Unfilled {
                result: RepairResult::Failed(CopyCause::Registry),
                message: "not filled, since a registry that may have another copy could not be read; --from REGISTRY chooses one".to_owned(),
            }),
            (1, Some(source)) => Ok(source.clone()),
            _ => {
                let each = self.tagged.iter().map(|Tagged { registry, digest, state }| {
                    format!("{registry} has {}{state}", digest.short())
                });
                let each: Vec<String> = each.collect();
                Err(refused(format!(
                    "digest-differs: {}; --from REGISTRY chooses one",
                    each.join(", ")
                )))
            }
        }
    }

    fn nothing_whole(&self, place: &Place) -> Unfilled {
        if self.unread {
            return Unfilled {
                result: RepairResult::Failed(CopyCause::Registry),
                message: format!(
                    "no registry that could be read has {} of this release whole",
                    place.image
                ),
            };
        }
        let why = self.unfit.map(|why| format!("; what there is, is not copied: {why}"));
        failed(format!(
            "no registry has {} of this release whole{}",
            place.image,
            why.unwrap_or_default()
        ))
    }
}

fn refused(message: String) -> Unfilled {
    Unfilled { result: RepairResult::Refused, message }
}

fn failed(message: String) -> Unfilled {
    Unfilled { result: RepairResult::Failed(CopyCause::Source), message }
}
