//! Checks after the deletions what had to survive: latest tags, current releases and rollback
//! floors, in the repositories that lost something.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use crate::change::result::Survivor;
use crate::collect::{Collector, Stage, check_content};
use crate::model::{Digest, EnvironmentName, Repository, TagKind, TagName};
use crate::policy::Policy;
use crate::registry::tag_digest;
use crate::retention::{Decision, KeepCode, PlanEntry, ReasonCode};

/// How many survivors are checked at once.
const AT_ONCE: usize = 8;

/// The input of the check.
#[derive(Clone, Copy)]
pub(super) struct SurvivorCheck<'a> {
    pub(super) collector: Collector<'a>,
    pub(super) entries: &'a [PlanEntry],
    pub(super) policy: &'a Policy,
}

/// A tag whose image must be complete.
struct NeededTag<'a> {
    environment: &'a EnvironmentName,
    repository: &'a Repository,
    tag: &'a TagName,
}

/// Checks what had to survive in the given repositories.
pub(super) async fn survivors_check(
    check: &SurvivorCheck<'_>,
    touched: &BTreeSet<Repository>,
) -> Vec<Survivor> {
    let entries = check.entries.iter();
    let entries = entries.filter(|e| touched.contains(&e.repository) && must_survive(e));
    let needed: Vec<NeededTag<'_>> = entries.flat_map(|entry| needed_tags(check, entry)).collect();
    check.collector.progress.expect(needed.len(), Stage::Survivors);
    let mut survivors: Vec<Survivor> = stream::iter(needed)
        .map(|one| survivor(check, one))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    survivors.sort_by(|a, b| {
        (&a.environment, &a.repository, &a.tag).cmp(&(&b.environment, &b.repository, &b.tag))
    });
    survivors
}

fn must_survive(entry: &PlanEntry) -> bool {
    let protected = matches!(
        entry.reason.code,
        ReasonCode::Keep(KeepCode::LatestTag | KeepCode::CurrentRelease | KeepCode::RollbackFloor)
    );
    // A manifest that lost a tag may have another one that must survive, whatever its reason is.
    protected || matches!(entry.decision, Decision::Untag(_))
}

/// The tags that a manifest keeps, with the environments that they belong to.
fn needed_tags<'a>(check: &SurvivorCheck<'a>, entry: &'a PlanEntry) -> Vec<NeededTag<'a>> {
    let environments = check.policy.environments.values();
    let environments = environments.filter(|environment| environment.uses(&entry.repository));
    environments
        .flat_map(|environment| {
            let is_its = |tag: &&TagName| {
                let going = matches!(&entry.decision, Decision::Untag(tags) if tags.contains(tag));
                let kind = environment.scheme.classify(tag);
                !going && matches!(kind, TagKind::Sha(_) | TagKind::Latest)
            };
            entry.tags.iter().filter(is_its).map(|tag| NeededTag {
                environment: &environment.name,
                repository: &entry.repository,
                tag,
            })
        })
        .collect()
}

async fn survivor(check: &SurvivorCheck<'_>, needed: NeededTag<'_>) -> Survivor {
    let (damage, unread) = match tag_read(check, &needed).await {
        Ok(Some(digest)) => {
            let report = check_content(check.collector, needed.repository, &digest).await;
            let missing: Vec<String> = report.missing.iter().map(ToString::to_string).collect();
            let damage = (!missing.is_empty()).then(|| format!("missing: {}", missing.join(", ")));
            (damage, report.unread.first().map(|unread| unread.message.clone()))
        }
        Ok(None) => (Some("the tag no longer exists".to_owned()), None),
        Err(unread) => (None, Some(unread)),
    };
    check.collector.progress.advance(Stage::Survivors);
    Survivor {
        environment: needed.environment.clone(),
        repository: needed.repository.clone(),
        tag: needed.tag.clone(),
        damage,
        unread,
    }
}

/// What the tag points to now. If the tag is lost, its image cannot be pulled by it, even if all content
/// exists.
async fn tag_read(
    check: &SurvivorCheck<'_>,
    needed: &NeededTag<'_>,
) -> Result<Option<Digest>, String> {
    let name = &needed.repository.registry;
    let Some(registry) = check.collector.connections.registry(name) else {
        return Err(format!("the policy has no registry `{name}`"));
    };
    // A tag counts as missing only if GET answers 404 as well.
    let found = tag_digest(registry, &needed.repository.path, needed.tag).await;
    found.map_err(|error| error.to_unread().message)
}
