//! One repository while it is read: records by digest, so that each is there once, whatever came
//! first.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Claim, Digest, Links, ManifestRecord, PushTimes, Reach, RepositoryContents, TagName, TagPush,
    Unread,
};

/// A repository's contents, by digest.
pub(super) struct Holding {
    frame: RepositoryContents,
    pub(super) records: BTreeMap<Digest, ManifestRecord>,
    pub(super) gone: BTreeSet<Digest>,
    pub(super) deleted_before: BTreeSet<Digest>,
    pub(super) abandoned: BTreeSet<Digest>,
}

impl Holding {
    /// What is known already, to be read on.
    pub(super) fn new(mut frame: RepositoryContents) -> Self {
        let records = std::mem::take(&mut frame.manifests);
        Self {
            records: records.into_iter().map(|record| (record.digest.clone(), record)).collect(),
            gone: std::mem::take(&mut frame.gone).into_iter().collect(),
            deleted_before: std::mem::take(&mut frame.deleted_before).into_iter().collect(),
            abandoned: std::mem::take(&mut frame.abandoned).into_iter().collect(),
            frame,
        }
    }

    /// Everything, sorted.
    pub(super) fn into_contents(self) -> RepositoryContents {
        let mut manifests: Vec<ManifestRecord> = self.records.into_values().collect();
        for record in &mut manifests {
            record.tags.sort_by(|a, b| a.name.cmp(&b.name));
        }
        RepositoryContents {
            manifests,
            gone: self.gone.into_iter().collect(),
            deleted_before: self.deleted_before.into_iter().collect(),
            abandoned: self.abandoned.into_iter().collect(),
            ..self.frame
        }
    }

    /// Where it is, and what it is of.
    pub(super) fn frame(&self) -> &RepositoryContents {
        &self.frame
    }

    /// Notes what the push times that were listed belong to.
    pub(super) fn times_belong(&mut self, push_times: PushTimes) {
        self.frame.push_times = push_times;
    }

    /// Whether all tags are known.
    pub(super) fn is_listed(&self) -> bool {
        !matches!(self.frame.reach, Reach::Unlisted(_))
    }

    /// Whether a digest was met already.
    pub(super) fn knows(&self, digest: &Digest) -> bool {
        self.records.contains_key(digest) || self.gone.contains(digest)
    }

    /// Not all tags are known. Of several reasons the gravest is kept, of equals always the same.
    pub(super) fn unlisted(&mut self, why: Unread) {
        match &self.frame.reach {
            Reach::Unlisted(known)
                if (known.cause, &known.message) <= (why.cause, &why.message) => {}
            _ => self.frame.reach = Reach::Unlisted(why),
        }
    }

    /// Not every manifest could be read. Of several reasons the gravest is kept, of equals always
    /// the same.
    pub(super) fn unread(&mut self, why: Unread) {
        match &self.frame.reach {
            Reach::Unlisted(_) => {}
            Reach::ManifestsUnread(known)
                if (known.cause, &known.message) <= (why.cause, &why.message) => {}
            Reach::Whole | Reach::ManifestsUnread(_) => {
                self.frame.reach = Reach::ManifestsUnread(why);
            }
        }
    }

    /// A record that is there, or one that nothing is known of yet.
    pub(super) fn record(&mut self, digest: &Digest) -> &mut ManifestRecord {
        self.records.entry(digest.clone()).or_insert_with(|| unknown(digest.clone()))
    }

    /// Puts tags on a manifest, each name once.
    pub(super) fn tag(&mut self, digest: &Digest, tags: impl IntoIterator<Item = TagPush>) {
        let record = self.record(digest);
        let mut all = std::mem::take(&mut record.tags).into_vec();
        all.extend(tags);
        all.sort_by(|a, b| a.name.cmp(&b.name).then(b.pushed.cmp(&a.pushed)));
        all.dedup_by(|later, first| later.name == first.name);
        record.tags = all.into();
    }

    /// Marks the manifests that share a tag, which can stand on one only.
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
            self.record(&digest).claim = Claim::Disputed;
        }
    }
}

/// A manifest of which only the digest is known.
fn unknown(digest: Digest) -> ManifestRecord {
    ManifestRecord {
        digest,
        tags: Box::default(),
        pushed: None,
        built: None,
        bytes: None,
        links: Links::Unread,
        claim: Claim::Agreed,
    }
}
