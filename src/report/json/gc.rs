//! `tags gc` as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::time;
use crate::model::{Collection, Digest, IndexAtRisk};
use crate::report::document::{gc_hint, gc_sentence};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};

#[derive(Serialize, JsonSchema)]
pub(super) struct GcJson<'a> {
    /// The registry's name in the policy.
    registry: &'a str,
    /// The type of the collection to start; null for --follow and --cancel.
    r#type: Option<&'static str>,
    /// The garbage collection; null if there is none.
    collection: Option<CollectionJson<'a>>,
    /// Tagged indexes that a collection may break.
    at_risk: Vec<AtRiskJson>,
    /// How it ended, in words.
    message: String,
    /// What to do about it.
    hint: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct CollectionJson<'a> {
    /// Its identifier at DigitalOcean.
    uuid: &'a str,
    /// How far it is.
    state: String,
    /// When it was started, RFC 3339.
    created_at: Option<String>,
    /// When it last changed, RFC 3339.
    updated_at: Option<String>,
    /// How many blobs it deleted so far.
    blobs_deleted: Option<u64>,
    /// How many bytes it freed so far.
    freed_bytes: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct AtRiskJson {
    /// `host/path`.
    repository: String,
    /// The tag.
    tag: String,
    /// The index.
    digest: String,
    /// Its manifests without a tag.
    untagged_children: Vec<String>,
}

/// `tags gc` as JSON.
pub(super) fn gc(run: &GarbageRun) -> GcJson<'_> {
    let risks = match &run.end {
        GarbageOutcome::AtRisk(risks) => risks.as_slice(),
        _ => &[],
    };
    GcJson {
        registry: run.registry.as_str(),
        r#type: match run.action {
            GarbageAction::Start { kind, .. } => Some(kind.as_str()),
            GarbageAction::Follow | GarbageAction::Cancel => None,
        },
        collection: run.collection().map(collection),
        at_risk: risks.iter().map(at_risk).collect(),
        message: gc_sentence(run),
        hint: gc_hint(run),
    }
}

fn collection(collection: &Collection) -> CollectionJson<'_> {
    CollectionJson {
        uuid: &collection.id,
        state: collection.state.to_string(),
        created_at: collection.created.map(time),
        updated_at: collection.updated.map(time),
        blobs_deleted: collection.blobs_deleted,
        freed_bytes: collection.freed_bytes,
    }
}

fn at_risk(risk: &IndexAtRisk) -> AtRiskJson {
    AtRiskJson {
        repository: risk.repository.to_string(),
        tag: risk.tag.to_string(),
        digest: risk.index.to_string(),
        untagged_children: risk.untagged.iter().map(Digest::to_string).collect(),
    }
}
