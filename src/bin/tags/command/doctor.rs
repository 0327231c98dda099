//! `tags doctor`: asks every registry of the policy about itself and about the token.

use futures_util::future::join_all;
use tags::doctor::{DoctorContext, DoctorReport, examine};
use tags::model::{RegistryName, TagReference};
use tags::policy::Policy;
use tags::report;

use crate::ambient;
use crate::args::Global;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Rendered};

pub(crate) async fn run(global: &Global) -> Result<Exit, Failure> {
    let context = Context::new(global)?;
    let policy = &context.policy;
    let cleans_up = !policy.retention.is_empty() || policy.untagged_keep_within.is_some();
    let around = DoctorContext { now: ambient::now(), cleans_up };
    let examined = policy.registries.iter().map(async |(name, registry)| {
        let backend = context.connections.registry(name)?;
        let found = backend.diagnosis_find(probe(policy, name).as_ref()).await;
        Some((name.clone(), examine(registry, &found, around)))
    });
    let registries = join_all(examined).await.into_iter().flatten().collect();
    let examination = DoctorReport { registries };
    context.log_traffic();
    let rendered = Rendered {
        human: report::human::doctor(&examination),
        json: report::json::doctor(&examination),
        annotations: report::github::doctor(&examination),
        annotates_by_itself: false,
        outputs: report::github::doctor_outputs(&examination),
        markdown: report::markdown::doctor(&examination),
    };
    output::write(&rendered, global.format)?;
    Ok(examination.missing().map_or(Exit::Ok, Exit::unread))
}

/// A tag that the policy has in a registry: the first environment's latest one.
fn probe(policy: &Policy, name: &RegistryName) -> Option<TagReference> {
    policy.environments.values().find_map(|environment| {
        let mut images = environment.images.values();
        let repository = images.find_map(|image| image.repositories.get(name))?;
        let tag = environment.scheme.latest.clone();
        Some(TagReference { repository: repository.clone(), tag })
    })
}
