//! Looks at the true contents before each request: what is lost, through which request, and whether
//! that could have been seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tags::model::{Digest, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::Store;

use super::asked::Asked;
use super::scenario::Scenario;
use super::truth::{Place, Tags, closure, required};

/// How long what was seen may be relied upon, and what a busy machine may add to that.
const RELIANCE: Duration = Duration::from_secs(3);

/// How many deletions may be on their way while another sees that something moved.
const ON_THE_WAY: usize = 3;

/// What the adversary did and wants to stay.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    /// What it leads to.
    pub(super) digest: Digest,
    pub(super) since: Instant,
    pub(super) moment: u64,
}

/// A tag, or a manifest without one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Tag(TagName),
    Untagged(Digest),
}

#[derive(Debug, Clone)]
struct Event {
    moment: u64,
    at: Instant,
    what: Asked,
}

/// What went with a deletion that nobody could have kept back.
#[derive(Debug, Clone)]
pub(super) struct Unavoidable {
    pub(super) place: Place,
    pub(super) name: Name,
    pub(super) digest: Digest,
}

#[derive(Debug)]
pub(super) struct Watch {
    pub(super) scenario: Scenario,
    pub(super) stores: Vec<Store>,
    /// What a sound reader keeps in every state that the run could have seen.
    required: Tags,
    pub(super) deeds: BTreeMap<(Place, Name), Deed>,
    /// What was asked in this run, by repository.
    events: BTreeMap<Place, Vec<Event>>,
    /// The manifests that others pushed and deleted in this run.
    pub(super) pushed: BTreeSet<(Place, Digest)>,
    pub(super) removed: BTreeSet<(Place, Digest)>,
    /// What others deleted in any run.
    removed_before: BTreeSet<(Place, Digest)>,
    /// What could not be looked at after it was to be deleted: a manifest, or a listing.
    unseen: BTreeSet<(Place, Option<Digest>)>,
    pub(super) unavoidable: Vec<Unavoidable>,
    pub(super) violations: Vec<String>,
    pub(super) story: Vec<String>,
    pub(super) moment: u64,
    changed: BTreeSet<usize>,
}

impl Watch {
    pub(super) fn new(scenario: &Scenario, stores: Vec<Store>) -> Self {
        Self {
            scenario: scenario.clone(),
            required: Tags::new(),
            stores,
            deeds: BTreeMap::new(),
            events: BTreeMap::new(),
            pushed: BTreeSet::new(),
            removed: BTreeSet::new(),
            removed_before: BTreeSet::new(),
            unseen: BTreeSet::new(),
            unavoidable: Vec::new(),
            violations: Vec::new(),
            story: Vec::new(),
            moment: 0,
            changed: BTreeSet::new(),
        }
    }

    /// A run of the program begins.
    pub(super) fn begin(&mut self, what: &str) {
        self.story.push(format!("--- {what}"));
        self.required = required(&self.scenario, &self.stores);
        self.events.clear();
        self.pushed.clear();
        self.removed_before.append(&mut self.removed);
        self.unseen.clear();
        self.unavoidable.clear();
    }

    /// A request fails that was to look after a deletion.
    pub(super) fn fails(&mut self, place: &Place, what: &Asked) {
        let events = self.events.get(place).map(Vec::as_slice).unwrap_or_default();
        let deleted = |digest: &Digest| {
            events.iter().any(|event| event.what == Asked::Delete(digest.clone()))
        };
        let unseen = match what {
            Asked::Manifest(digest) if deleted(digest) => Some(digest.clone()),
            Asked::Listing(_) if events.iter().any(|e| matches!(e.what, Asked::Delete(_))) => None,
            _ => return,
        };
        self.unseen.insert((place.clone(), unseen));
    }

    /// Whether the program may have been kept from seeing that a manifest went.
    pub(super) fn is_unseen(&self, place: &Place, digest: &Digest) -> bool {
        let of = |what: Option<Digest>| self.unseen.contains(&(place.clone(), what));
        of(Some(digest.clone())) || of(None)
    }

    /// The true contents are other ones since somebody did something.
    pub(super) fn somebody_did(&mut self, what: String) {
        self.story.push(what);
        let now = required(&self.scenario, &self.stores);
        self.required.retain(|key, digest| now.get(key) == Some(digest));
        // What somebody else took away is not the program's to keep.
        let stores = &self.stores;
        self.deeds.retain(|(place, name), deed| lost(stores, place, name, &deed.digest).is_empty());
    }

    /// Whatever is gone since the last request to this registry went through that one.
    pub(super) fn check(&mut self, registry: usize) {
        if self.changed.remove(&registry) {
            self.compare(registry);
        }
    }

    /// The same for all registries; what is on its way there is looked at again.
    pub(super) fn check_all(&mut self) {
        (0..self.stores.len()).for_each(|registry| self.compare(registry));
    }

    fn compare(&mut self, registry: usize) {
        let mut gone = Vec::new();
        self.required.retain(|(place, name), digest| {
            if place.registry != registry {
                return true;
            }
            let lost = lost(&self.stores, place, &Name::Tag(name.clone()), digest);
            if !lost.is_empty() {
                gone.push(format!("{}:{name} must be kept and lost {}", shown(place), lost[0]));
            }
            lost.is_empty()
        });
        let mut broken = Vec::new();
        self.deeds.retain(|(place, name), deed| {
            let whole = place.registry != registry
                || lost(&self.stores, place, name, &deed.digest).is_empty();
            if !whole {
                broken.push((place.clone(), name.clone(), deed.clone()));
            }
            whole
        });
        let last = self.last_change(registry);
        for text in gone {
            self.violations.push(format!("{text}, through {last}"));
        }
        for (place, name, deed) in broken {
            let parts = lost(&self.stores, &place, &name, &deed.digest).join(", ");
            let said = format!("{} {name:?} lost {parts} through {last}", shown(&place));
            match self.excuse(&place, &name, &deed) {
                Ok(()) => {
                    self.story.push(format!("unavoidable: {said}"));
                    self.unavoidable.push(Unavoidable { place, name, digest: deed.digest });
                }
                Err(why) => self.violations.push(format!("{said}: {why}")),
            }
        }
    }

    /// A request that is about to be carried out, after whatever the adversary did before it.
    pub(super) fn asked(&mut self, place: &Place, what: &Asked) {
        self.moment += 1;
        let event = Event { moment: self.moment, at: Instant::now(), what: what.clone() };
        if matches!(what, Asked::Delete(_) | Asked::DeleteTag(_)) {
            self.seen_lately(place, &event);
        }
        self.events.entry(place.clone()).or_default().push(event);
    }

    /// The request is one that may change something.
    pub(super) fn may_change(&mut self, registry: usize) {
        self.changed.insert(registry);
    }

    fn last_change(&self, registry: usize) -> String {
        let events = self.events.iter().filter(|(place, _)| place.registry == registry);
        let last = events.flat_map(|(_, events)| events).max_by_key(|event| event.moment);
        last.map_or_else(String::new, |event| format!("{:?}", event.what))
    }

    /// No deletion is sent on what was seen too long ago.
    fn seen_lately(&mut self, place: &Place, deletion: &Event) {
        let events = self.events.get(place).map(Vec::as_slice).unwrap_or_default();
        let tags = self.stores[place.registry].tags(&place.path).unwrap_or_default();
        for environment in &self.scenario.environments {
            let latest = TagName::parse(&format!("{environment}-latest")).expect("a tag");
            if !tags.contains_key(&latest) {
                continue;
            }
            let tells = |event: &&Event| match &event.what {
                Asked::Tag(tag) => *tag == latest,
                Asked::Listing(_) => self.scenario.registries[place.registry] != RegistryKind::Oci,
                _ => false,
            };
            let age = events.iter().rfind(tells).map(|event| deletion.at - event.at);
            if age.is_none_or(|age| age > RELIANCE) {
                let said = format!("{} {:?}: {latest} was last seen", shown(place), deletion.what);
                self.violations.push(format!("{said} {age:?} before"));
                return;
            }
        }
    }

    /// Whether a loss could not have been seen coming: it came about between the last look that
    /// could have shown it and the deletion.
    fn excuse(&self, place: &Place, name: &Name, deed: &Deed) -> Result<(), &'static str> {
        let events = self.events.get(place).map(Vec::as_slice).unwrap_or_default();
        let is_deletion =
            |event: &&Event| matches!(event.what, Asked::Delete(_) | Asked::DeleteTag(_));
        let culprit = events.iter().rfind(is_deletion).ok_or("nothing was deleted there")?;
        if let Name::Tag(tag) = name
            && tag.as_str().ends_with("-latest")
        {
            let look = events
                .iter()
                .find(|event| event.moment > deed.moment && event.what == Asked::Tag(tag.clone()));
            let after = |event: &&Event| look.is_some_and(|look| event.moment > look.moment);
            return if culprit.at - deed.since > RELIANCE {
                Err("what was seen was too old")
            } else if events.iter().filter(is_deletion).filter(after).count() > ON_THE_WAY {
                Err("it was seen before")
            } else {
                Ok(())
            };
        }
        let first = events.iter().find(is_deletion).ok_or("nothing was deleted there")?;
        let read = events
            .iter()
            .rfind(|event| event.moment < first.moment && event.what == Asked::Listing(true));
        let read = read.ok_or("the repository was not read before")?;
        if read.moment > deed.moment {
            return Err("the listing before the first deletion had it");
        }
        let own = Asked::Version(deed.digest.clone());
        if self.scenario.registries[place.registry] == RegistryKind::Ghcr
            && culprit.what == Asked::Delete(deed.digest.clone())
            && events.iter().rfind(|event| event.what == own).is_none_or(|o| o.moment > deed.moment)
        {
            return Err("the version had that tag when it was last asked, or was not asked");
        }
        Ok(())
    }

    /// What is missing of a manifest and was not taken away by others.
    fn missing(&self, place: &Place, root: &Digest) -> Option<Digest> {
        let missing = closure(&self.stores[place.registry], &place.path, root).missing;
        let others = |digest: &Digest| {
            let key = (place.clone(), digest.clone());
            self.removed.contains(&key) || self.removed_before.contains(&key)
        };
        missing.into_iter().find(|digest| !others(digest))
    }

    /// What is not back of something that was lost.
    pub(super) fn still_lost(&self, one: &Unavoidable) -> Option<String> {
        let Unavoidable { place, name, digest } = one;
        let store = &self.stores[place.registry];
        let said = |what: &str| Some(format!("{} {name:?}: {what} after undo", shown(place)));
        match name {
            // Where it points to is for the journal to say.
            Name::Tag(tag) if tag.as_str().ends_with("-latest") => {
                let Some(digest) = store.resolve(&place.path, tag) else {
                    return said("gone");
                };
                self.missing(place, &digest).and_then(|_| said("not whole"))
            }
            // Nobody saw that tag but its registry; the manifest is what was written down.
            _ => self.missing(place, digest).and_then(|_| said("not whole")),
        }
    }
}

pub(super) fn shown(place: &Place) -> String {
    format!("r{}/{}", place.registry, place.path)
}

/// What is not there of what a name must lead to.
fn lost(stores: &[Store], place: &Place, name: &Name, digest: &Digest) -> Vec<String> {
    let store = &stores[place.registry];
    let mut lost = Vec::new();
    if let Name::Tag(tag) = name {
        match store.resolve(&place.path, tag) {
            Some(now) if now == *digest => {}
            Some(now) => lost.push(format!("its place, it is at {} now", now.short())),
            None => lost.push("itself".to_owned()),
        }
    }
    let missing = closure(store, &place.path, digest).missing;
    lost.extend(missing.iter().map(|digest| digest.short().clone()));
    lost
}
