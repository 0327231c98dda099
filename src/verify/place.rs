//! Judges the observation of one place: the SHA tag, the latest tag, the content.

use super::{CheckKind, Finding, FindingCode, Severity, TagCheck};
use crate::model::{ContentReport, Digest, Place, PlaceObservation, Platform, Sha, TagObservation};
use crate::policy::Environment;

/// One place and what was read of it.
pub(super) struct PlaceCase<'a> {
    pub(super) environment: &'a Environment,
    pub(super) sha: &'a Sha,
    pub(super) place: &'a Place,
    pub(super) observation: &'a PlaceObservation,
    /// The digest of the same release in another registry.
    pub(super) sibling: Option<&'a Digest>,
}

/// The checks and findings of one place.
pub(super) struct PlaceResult {
    pub(super) checks: Vec<TagCheck>,
    pub(super) findings: Vec<Finding>,
}

pub(super) fn judge(case: &PlaceCase<'_>) -> PlaceResult {
    let mut findings = Vec::new();
    findings.extend(sha_tag(case));
    findings.extend(content(case));
    let sha_problem = findings.first().map(|finding: &Finding| finding.code);
    let latest = latest_tag(case);
    let latest_problem = match &latest {
        LatestTag::Correct => None,
        LatestTag::Problem(finding) => Some(finding.code),
        LatestTag::Unknown => Some(FindingCode::RegistryUnreadable),
    };
    if let LatestTag::Problem(finding) = latest {
        findings.push(finding);
    }
    let observation = case.observation;
    let check = |kind, problem| TagCheck {
        place: case.place.clone(),
        reference: match kind {
            CheckKind::Sha => observation.sha_reference.clone(),
            CheckKind::Latest => observation.latest_reference.clone(),
        },
        kind,
        digest: match kind {
            CheckKind::Sha => observation.sha_tag.digest().cloned(),
            CheckKind::Latest => observation.latest_tag.digest().cloned(),
        },
        problem,
    };
    let checks = vec![check(CheckKind::Sha, sha_problem), check(CheckKind::Latest, latest_problem)];
    PlaceResult { checks, findings }
}

const MISSING_HINT: &str = "if it was just pushed, wait with --wait; else the push failed, the repository does not exist, or the token has no right to see it";

fn sha_tag(case: &PlaceCase<'_>) -> Option<Finding> {
    let reference = &case.observation.sha_reference;
    match &case.observation.sha_tag {
        TagObservation::Found(_) => None,
        TagObservation::Missing => {
            let message = format!("{reference} does not exist");
            let finding = Finding::at(FindingCode::ShaTagMissing, case.place, message);
            Some(finding.tag(&reference.tag).hint(MISSING_HINT))
        }
        TagObservation::Unread(why) => {
            Some(Finding::unreadable(case.place, why).tag(&reference.tag))
        }
    }
}

enum LatestTag {
    Correct,
    Problem(Finding),
    /// Cannot be judged; the finding of the SHA tag contains the reason.
    Unknown,
}

fn latest_tag(case: &PlaceCase<'_>) -> LatestTag {
    let observation = case.observation;
    let reference = &observation.latest_reference;
    let severity =
        if case.environment.latest_required { Severity::Error } else { Severity::Warning };
    match &observation.latest_tag {
        TagObservation::Missing => {
            let message = format!("{reference} does not exist");
            let finding = Finding::at(FindingCode::LatestTagMissing, case.place, message)
                .tag(&reference.tag)
                .hint(MISSING_HINT);
            LatestTag::Problem(finding.severity(severity))
        }
        TagObservation::Unread(why) => match &observation.sha_tag {
            TagObservation::Unread(_) => LatestTag::Unknown,
            _ => LatestTag::Problem(
                Finding::unreadable(case.place, why).tag(&reference.tag).severity(severity),
            ),
        },
        TagObservation::Found(latest) => {
            let expected = observation.sha_tag.digest().or(case.sibling);
            match (expected, &observation.sha_tag) {
                (Some(expected), _) if expected == latest => LatestTag::Correct,
                (None, TagObservation::Unread(_)) => LatestTag::Unknown,
                _ => LatestTag::Problem(points_elsewhere(case, latest).severity(severity)),
            }
        }
    }
}

fn points_elsewhere(case: &PlaceCase<'_>, latest: &Digest) -> Finding {
    let observation = case.observation;
    let reference = &observation.latest_reference;
    let points = match &observation.latest_release {
        Some(release) => {
            format!("{} ({})", case.environment.scheme.sha.render(release), latest.short())
        }
        None => latest.short(),
    };
    let wanted = match observation.sha_tag.digest() {
        Some(digest) => format!("{} ({})", observation.sha_reference.tag, digest.short()),
        None => observation.sha_reference.tag.to_string(),
    };
    Finding::at(
        FindingCode::LatestTagElsewhere,
        case.place,
        format!("{reference} points to {points}, not to {wanted}"),
    )
    .tag(&reference.tag)
    .hint("the build did not push the latest tag, or another build moved it since")
}

fn content(case: &PlaceCase<'_>) -> Vec<Finding> {
    let Some(report) = &case.observation.content else {
        return Vec::new();
    };
    let reference = &case.observation.sha_reference;
    let mut findings: Vec<Finding> =
        report.unread.iter().take(1).map(|why| Finding::unreadable(case.place, why)).collect();
    findings.extend(missing(case, report));
    findings.extend(platforms(case, report));
    findings.extend(revision(case, report));
    findings.into_iter().map(|finding| finding.tag(&reference.tag)).collect()
}

fn missing(case: &PlaceCase<'_>, report: &ContentReport) -> Option<Finding> {
    let (first, rest) = report.missing.split_first()?;
    let reference = &case.observation.sha_reference;
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    let message = format!("{reference} cannot be pulled: it lacks {first}{more}");
    let finding = Finding::at(FindingCode::ContentMissing, case.place, message);
    Some(
        finding.hint("push the image again; a part of it was deleted, or the push was interrupted"),
    )
}

fn platforms(case: &PlaceCase<'_>, report: &ContentReport) -> Vec<Finding> {
    let Some(tree) = &report.tree else {
        return Vec::new();
    };
    let wanted = case.environment.images.get(&case.place.image).map(|image| &image.platforms);
    let present = tree.platforms();
    // The config could not be read; there is another finding for that.
    if present.is_empty() && !(report.missing.is_empty() && report.unread.is_empty()) {
        return Vec::new();
    }
    let has = |wanted: &Platform| present.iter().any(|(platform, _)| platform.satisfies(wanted));
    if report.is_empty_index() {
        let message = format!("{} contains no runnable image", case.observation.sha_reference);
        let finding = Finding::at(FindingCode::PlatformMissing, case.place, message);
        return vec![
            finding
                .hint("an index was pushed without its images; check the last step of the build"),
        ];
    }
    wanted
        .into_iter()
        .flatten()
        .filter(|wanted| !has(wanted))
        .map(|wanted| {
            let names: Vec<String> =
                present.iter().map(|(platform, _)| platform.to_string()).collect();
            let has = if names.is_empty() { "no platform".to_owned() } else { names.join(", ") };
            let message =
                format!("{} has no {wanted}; it has {has}", case.observation.sha_reference);
            Finding::at(FindingCode::PlatformMissing, case.place, message)
                .hint("add the platform to the build, or take it out of `platforms` in the policy")
        })
        .collect()
}

/// The publisher may write anything into the label; only the SHA of another commit is a finding.
fn revision(case: &PlaceCase<'_>, report: &ContentReport) -> Option<Finding> {
    let labels = report.tree.as_ref()?.configs().into_iter().filter_map(|c| c.revision.as_ref());
    let revision = labels
        .filter_map(|label| Sha::parse(label).ok())
        .find(|revision| !revision.agrees_with(case.sha))?;
    let message = format!(
        "{} was built from {revision}, according to its label org.opencontainers.image.revision",
        case.observation.sha_reference
    );
    let finding = Finding::at(FindingCode::RevisionDiffers, case.place, message);
    Some(finding.hint("if the label is the base image's, set it in your own build; else the wrong commit was built"))
}
