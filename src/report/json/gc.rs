//! `tags gc` as JSON.

use serde::Serialize;

use super::time;
use crate::model::{Collection, Digest, IndexAtRisk};
use crate::report::document::{gc_hint, gc_sentence};
use crate::report::{GarbageAction, GarbageOutcome, GarbageRun};

#[derive(Serialize)]
struct GcJson<'a> {
    registry: &'a str,
    /// The type of the collection to start; null for --follow and --cancel.
    r#type: Option<&'static str>,
    collection: Option<CollectionJson<'a>>,
    at_risk: Vec<AtRiskJson>,
    message: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct CollectionJson<'a> {
    uuid: &'a str,
    state: String,
    created_at: Option<String>,
    updated_at: Option<String>,
    blobs_deleted: Option<u64>,
    freed_bytes: Option<u64>,
}

#[derive(Serialize)]
struct AtRiskJson {
    repository: String,
    tag: String,
    digest: String,
    untagged_children: Vec<String>,
}

/// `tags gc` as JSON.
pub(super) fn gc(run: &GarbageRun) -> impl Serialize {
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
