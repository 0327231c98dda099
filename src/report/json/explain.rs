//! `tags explain` as JSON.

use serde::Serialize;

use crate::report::document::subject;
use crate::retention::plan_file::wire::EntryJson;
use crate::retention::{Explained, Explanation};

#[derive(Serialize)]
struct ExplainJson<'a> {
    subject: String,
    manifests: Vec<ExplainedJson<'a>>,
}

#[derive(Serialize)]
struct ExplainedJson<'a> {
    #[serde(flatten)]
    entry: EntryJson<'a>,
    edges: Vec<EdgeJson<'a>>,
    gone: Vec<&'a str>,
    otherwise: &'static str,
}

#[derive(Serialize)]
struct EdgeJson<'a> {
    edge: &'static str,
    #[serde(flatten)]
    entry: EntryJson<'a>,
}

/// `tags explain` as JSON.
pub(super) fn explain(explanation: &Explanation) -> impl Serialize {
    ExplainJson {
        subject: subject(&explanation.subject),
        manifests: explanation.manifests.iter().map(explained).collect(),
    }
}

fn explained(explained: &Explained) -> ExplainedJson<'_> {
    let neighbours = explained.neighbours.iter();
    ExplainedJson {
        entry: EntryJson::from(&explained.entry),
        edges: neighbours
            .map(|neighbour| EdgeJson {
                edge: neighbour.edge.as_str(),
                entry: EntryJson::from(&neighbour.entry),
            })
            .collect(),
        gone: explained.missing.iter().map(crate::model::Digest::as_str).collect(),
        otherwise: explained.otherwise,
    }
}
