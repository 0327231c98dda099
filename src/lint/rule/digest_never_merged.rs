//! The rule `digest-never-merged`: an image is pushed by its digest alone, and nothing uses it.

use super::report::{Applies, Problem, Reporter, Rule};
use crate::lint::evaluate::Workflows;
use crate::lint::finding::Severity;
use crate::lint::reference::TagKind;

pub(super) const RULE: Rule = Rule {
    name: "digest-never-merged",
    severity: Severity::Error,
    applies: Applies::Always,
    summary: "an image is pushed by its digest alone, and nothing uses it",
    why: "
        Builds for several platforms are pushed by digest, and a later job combines them under a tag.
        Without that job nobody can pull the image, and registries delete what has no tag. Nothing is
        reported if some workflow makes a manifest in the repository, or if the digest is used.",
    bad: include_str!("digest_never_merged.bad.yml"),
    good: include_str!("digest_never_merged.good.yml"),
    check,
};

fn check(workflows: &Workflows<'_>, out: &mut Reporter<'_>) {
    for (run, leg) in workflows.legs() {
        for pushed in &leg.digests {
            let repository = pushed.repository.repository();
            if pushed.repository.is_unresolved(workflows.symbols)
                || is_merged(workflows, &repository)
                || pushed.digest.is_some_and(|digest| is_mentioned(workflows, digest))
                || may_be_merged_unread(workflows, run.workflow_run)
            {
                continue;
            }
            let shown = workflows.symbols.show(&repository);
            let problem = Problem::new(
                shown.clone(),
                format!("`{shown}` is pushed by its digest alone, and no job gives it a tag"),
                "combine the digests with `docker buildx imagetools create -t`, in a job that needs this one",
            );
            out.report(run, pushed.at, problem);
        }
    }
}

/// Whether some workflow makes a manifest in the repository, or uses an image of it by digest.
fn is_merged(workflows: &Workflows<'_>, repository: &str) -> bool {
    let may_equal = |other: &str| workflows.symbols.may_equal(other, repository);
    workflows.legs().any(|(_, leg)| {
        leg.manifests.iter().any(|manifest| may_equal(&manifest.repository()))
            || leg.uses.iter().any(|used| {
                used.reference.kind == TagKind::Digest && may_equal(&used.reference.repository())
            })
    })
}

fn is_mentioned(workflows: &Workflows<'_>, digest: char) -> bool {
    workflows.legs().any(|(_, leg)| leg.mentions.contains(&digest))
}

/// Whether a script or an action that cannot be read may make the manifest. Jobs that push by digest
/// do not count.
fn may_be_merged_unread(workflows: &Workflows<'_>, workflow_run: usize) -> bool {
    !workflows.complete
        || workflows.has_unknown_caller(workflow_run)
        || workflows.may_push_unread(|at| {
            let run = &workflows.job_runs[at];
            run.legs.iter().all(|leg| leg.digests.is_empty())
        })
        || workflows
            .of_run(workflow_run)
            .any(|(_, run)| run.legs.iter().any(|leg| !leg.unread.is_empty()))
}
