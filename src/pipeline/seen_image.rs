//! The images of an environment in the logs of one run.

use std::collections::BTreeSet;

use super::evidence::{Evidence, EvidenceKind};
use super::image_name::{TagMeaning, images_named, tag_meaning};
use super::log::{JobLog, JobRole};
use super::stage_finding::quoted;
use crate::model::{ImageName, Sha};
use crate::policy::Environment;

/// One image in one log.
pub(super) struct SeenImage<'a> {
    pub(super) job: &'a JobLog,
    pub(super) evidence: &'a Evidence,
    /// The images that it may be: several if too much of its name is masked.
    pub(super) images: BTreeSet<&'a ImageName>,
    pub(super) meaning: TagMeaning,
}

impl SeenImage<'_> {
    pub(super) fn is_pushed(&self) -> bool {
        self.evidence.kind == EvidenceKind::Push
    }

    /// Whether a job that deploys or migrates pulled it.
    pub(super) fn is_deployed(&self) -> bool {
        !self.is_pushed() && self.job.role != JobRole::Other
    }

    pub(super) fn text(&self) -> String {
        format!("the job {} pulled {}", quoted(&self.job.job), self.evidence.reference)
    }
}

/// The images in the logs of one run. Images of others are left out.
pub(super) struct SeenImages<'a> {
    pub(super) environment: &'a Environment,
    /// The commit that the run built, if it names one.
    pub(super) sha: Option<&'a Sha>,
    pub(super) seen: Vec<SeenImage<'a>>,
}

impl<'a> SeenImages<'a> {
    pub(super) fn of(
        environment: &'a Environment,
        sha: Option<&'a Sha>,
        logs: &'a [JobLog],
    ) -> Self {
        let of_log = |job: &'a JobLog| {
            let evidence = job.log.evidence().map_or(&[][..], |evidence| &evidence.images);
            evidence.iter().map(move |evidence| SeenImage {
                job,
                evidence,
                images: images_named(environment, &evidence.reference),
                meaning: tag_meaning(environment, &evidence.reference),
            })
        };
        let seen = logs.iter().flat_map(of_log).filter(|seen| !seen.images.is_empty()).collect();
        Self { environment, sha, seen }
    }

    /// What was pulled by jobs that deploy or migrate.
    pub(super) fn deployed(&self) -> impl Iterator<Item = &SeenImage<'a>> {
        self.seen.iter().filter(|seen| seen.is_deployed())
    }
}
