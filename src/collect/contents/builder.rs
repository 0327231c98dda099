//! Builds the contents of one repository: one record per digest.

use std::collections::{BTreeMap, BTreeSet};

use super::named::{ManifestNames, NamedContent};
use super::stored::ContentNumbers;
use crate::model::{
    ContentsCoverage, Contradiction, Digest, Inconsistency, ManifestRecord, PushTimes, References,
    RepositoryContents, TagAgreement, TagName, TagPush, Unread,
};

/// A repository's contents, by digest.
pub(super) struct RepositoryBuilder {
    contents: RepositoryContents,
    pub(super) records: BTreeMap<Digest, ManifestRecord>,
    pub(super) missing: BTreeSet<Digest>,
    pub(super) deleted_earlier: BTreeSet<Digest>,
    pub(super) orphaned: BTreeSet<Digest>,
    inconsistencies: BTreeSet<Inconsistency>,
    named: NamedContent,
    pub(super) numbers: ContentNumbers,
}

impl RepositoryBuilder {
    /// Starts from contents that were read before.
    pub(super) fn new(mut contents: RepositoryContents) -> Self {
        let records = std::mem::take(&mut contents.manifests);
        Self {
            records: records.into_iter().map(|record| (record.digest.clone(), record)).collect(),
            missing: std::mem::take(&mut contents.missing).into_iter().collect(),
            deleted_earlier: std::mem::take(&mut contents.deleted_earlier).into_iter().collect(),
            orphaned: std::mem::take(&mut contents.orphaned).into_iter().collect(),
            inconsistencies: std::mem::take(&mut contents.inconsistencies).into_iter().collect(),
            named: NamedContent::default(),
            numbers: ContentNumbers::new(std::mem::take(&mut contents.stored)),
            contents,
        }
    }

    /// The contents, sorted.
    pub(super) fn into_contents(mut self) -> RepositoryContents {
        self.apply_named();
        let mut manifests: Vec<ManifestRecord> = self.records.into_values().collect();
        for record in &mut manifests {
            record.tags.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let stored = self.numbers.sorted(&mut manifests);
        RepositoryContents {
            manifests,
            stored,
            missing: self.missing.into_iter().collect(),
            deleted_earlier: self.deleted_earlier.into_iter().collect(),
            orphaned: self.orphaned.into_iter().collect(),
            inconsistencies: self.inconsistencies.into_iter().collect(),
            ..self.contents
        }
    }

    /// Adds what a manifest references, to be compared with the records once everything is read.
    pub(super) fn add_named(&mut self, digest: &Digest, named: ManifestNames) {
        self.named.add(digest, named);
    }

    fn apply_named(&mut self) {
        for (digest, how) in self.named.misdeclared(self.records.keys()) {
            self.record(&digest).agreement = TagAgreement::Misdeclared;
            self.add_inconsistency(Inconsistency::Misdeclared(digest, how));
        }
        for (by, named) in std::mem::take(&mut self.named).manifest_layers() {
            let exists = by != named && self.records.contains_key(named);
            let references =
                self.records.get_mut(by).filter(|_| exists).map(|record| &mut record.references);
            if let Some(References::Read { children, .. }) = references
                && !children.contains(named)
            {
                let mut all = std::mem::take(children).into_vec();
                all.push(named.clone());
                *children = all.into();
            }
        }
    }

    /// Adds a contradiction.
    pub(super) fn add_inconsistency(&mut self, inconsistency: Inconsistency) {
        self.inconsistencies.insert(inconsistency);
    }

    /// Sources disagree about a tag: adds it to every existing manifest that one of them names. If none
    /// names a manifest, the tag may be on any.
    pub(super) fn contradict(&mut self, contradiction: Contradiction) {
        let digests: BTreeSet<Digest> = contradiction.digests().cloned().collect();
        if digests.is_empty() {
            self.unlisted(contradiction.to_unread(&self.contents.repository.path));
            return;
        }
        for digest in &digests {
            if self.missing.contains(digest) {
                continue;
            }
            self.tag(digest, [TagPush { name: contradiction.tag.clone(), pushed: None }]);
            self.record(digest).agreement = TagAgreement::Disputed;
        }
        self.add_inconsistency(Inconsistency::Tag(contradiction));
    }

    /// Whether any manifest has a tag.
    pub(super) fn has_tags(&self) -> bool {
        self.records.values().any(|record| !record.tags.is_empty())
    }

    /// The manifests that have a tag.
    pub(super) fn tagged(&self, name: &TagName) -> BTreeSet<Digest> {
        let has = |record: &&ManifestRecord| record.tags.iter().any(|tag| tag.name == *name);
        self.records.values().filter(has).map(|record| record.digest.clone()).collect()
    }

    /// The repository, its image and its coverage.
    pub(super) fn contents(&self) -> &RepositoryContents {
        &self.contents
    }

    /// Sets whether the listed push times are those of tags or of manifests.
    pub(super) fn set_push_times(&mut self, push_times: PushTimes) {
        self.contents.push_times = push_times;
    }

    /// Whether all tags are known.
    pub(super) fn is_listed(&self) -> bool {
        !matches!(self.contents.coverage, ContentsCoverage::Unlisted(_))
    }

    /// Whether a digest is known to exist or to be missing.
    pub(super) fn knows(&self, digest: &Digest) -> bool {
        self.records.contains_key(digest) || self.missing.contains(digest)
    }

    /// Marks that not all tags are known. The most severe cause is kept; of equally severe ones the first by
    /// message, so that the order of answers does not matter.
    pub(super) fn unlisted(&mut self, why: Unread) {
        match &self.contents.coverage {
            ContentsCoverage::Unlisted(known)
                if (known.cause, &known.message) <= (why.cause, &why.message) => {}
            _ => self.contents.coverage = ContentsCoverage::Unlisted(why),
        }
    }

    /// Marks that not every manifest could be read. The cause to keep is chosen as in
    /// [`Self::unlisted`].
    pub(super) fn unread(&mut self, why: Unread) {
        match &self.contents.coverage {
            ContentsCoverage::Unlisted(_) => {}
            ContentsCoverage::ManifestsUnread(known)
                if (known.cause, &known.message) <= (why.cause, &why.message) => {}
            ContentsCoverage::Complete | ContentsCoverage::ManifestsUnread(_) => {
                self.contents.coverage = ContentsCoverage::ManifestsUnread(why);
            }
        }
    }

    /// The record of a digest; a new one if there is none.
    pub(super) fn record(&mut self, digest: &Digest) -> &mut ManifestRecord {
        self.records.entry(digest.clone()).or_insert_with(|| unknown(digest.clone()))
    }

    /// Adds tags to a manifest, each name once.
    pub(super) fn tag(&mut self, digest: &Digest, tags: impl IntoIterator<Item = TagPush>) {
        let record = self.record(digest);
        let mut all = std::mem::take(&mut record.tags).into_vec();
        all.extend(tags);
        all.sort_by(|a, b| a.name.cmp(&b.name).then(b.pushed.cmp(&a.pushed)));
        all.dedup_by(|later, first| later.name == first.name);
        record.tags = all.into();
    }

    /// Marks manifests that are listed with the same tag, which only one of them can have.
    pub(super) fn dispute_shared_tags(&mut self) {
        let mut first: BTreeMap<&TagName, &Digest> = BTreeMap::new();
        let mut disputed: BTreeSet<Digest> = BTreeSet::new();
        for (digest, record) in &self.records {
            for tag in &record.tags {
                let holder = *first.entry(&tag.name).or_insert(digest);
                if holder != digest {
                    disputed.extend([holder.clone(), digest.clone()]);
                }
            }
        }
        for digest in disputed {
            self.record(&digest).agreement = TagAgreement::Disputed;
        }
    }
}

/// A manifest with nothing known but its digest.
fn unknown(digest: Digest) -> ManifestRecord {
    ManifestRecord {
        digest,
        tags: Box::default(),
        pushed: None,
        built: None,
        bytes: None,
        stored: Box::default(),
        references: References::Unread,
        agreement: TagAgreement::Agreed,
    }
}
