//! Asks whether what a rollback would need is still there: its bytes may be known from an earlier
//! run, and some registries keep the tags of manifests that are gone.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::super::{AT_ONCE, Collector};
use super::complete::Completion;
use super::follow::{Place, contradiction};
use super::holding::Holding;
use crate::model::{Contents, Digest, Links, PushTimes, Repository};

/// Asks for the manifests that a decision counts on, and for all below them, each once. Changes the
/// contents where something is gone; true if so, so that the decision has to be made again.
pub async fn prove(
    collector: Collector<'_>,
    completion: &mut Completion,
    contents: &mut Contents,
    needed: &BTreeSet<(&Repository, &Digest)>,
) -> bool {
    let mut changed = false;
    for repository in std::mem::take(&mut contents.repositories) {
        let at = repository.repository.clone();
        let mut holding = Holding::new(repository);
        let roots = needed.iter().filter(|(repository, _)| **repository == at);
        let roots: BTreeSet<Digest> = roots.map(|(_, digest)| (*digest).clone()).collect();
        let mut wanted = below(&holding, &roots);
        wanted.retain(|digest| completion.proved.insert((at.clone(), digest.clone())));
        if let Ok(reader) = collector.reader(&at.registry) {
            let place = Place { collector, reader, path: &at.path };
            changed |= ask(place, &mut holding, wanted).await;
        }
        contents.repositories.push(holding.into_contents());
    }
    changed
}

/// These, and all that they list and that is taken to be there.
fn below(holding: &Holding, roots: &BTreeSet<Digest>) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Digest> = roots.iter().collect();
    while let Some(digest) = next.pop() {
        if let Some(record) = holding.records.get(digest)
            && found.insert(digest.clone())
        {
            next.extend(record.links.children());
        }
    }
    found
}

async fn ask(place: Place<'_>, holding: &mut Holding, wanted: BTreeSet<Digest>) -> bool {
    let answers: Vec<_> = stream::iter(wanted)
        .map(|digest| async move {
            let answer = place.reader.manifest_is_there(place.path, &digest).await;
            (digest, answer)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let is_plain = holding.frame().push_times == PushTimes::Untold;
    let mut changed = false;
    for (digest, answer) in answers {
        match answer {
            Ok(true) => continue,
            // Only an index names it; what a listing names is not taken for gone.
            Ok(false) if is_plain && holding.record(&digest).tags.is_empty() => {
                holding.records.remove(&digest);
                holding.gone.insert(digest);
            }
            Ok(false) => {
                holding.record(&digest).links = Links::Unread;
                holding.unread(contradiction(place.path, &digest));
            }
            Err(error) => {
                holding.record(&digest).links = Links::Unread;
                holding.unread(error.to_unread());
            }
        }
        changed = true;
    }
    changed
}
