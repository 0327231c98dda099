//! What the adversary does between two requests: what colleagues do on any day, at the worst moment.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::{SubsecRound as _, TimeDelta};
use tags::model::{Digest, Manifest, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::Access;

use super::asked::Asked;
use super::chance::Chance;
use super::content::{IMAGES, built, index_of, path, sha};
use super::truth::{FRESH, Place, closure, required};
use super::watch::{Deed, Name, Watch, shown};
use super::world::now;
use crate::support::tag;

/// Where and when something is done.
pub(super) struct Moment<'a> {
    pub(super) access: &'a Access<'a>,
    pub(super) place: &'a Place,
    pub(super) asked: &'a Asked,
    /// How many things were done before.
    pub(super) number: usize,
}

impl Moment<'_> {
    /// Does something, and writes down what.
    pub(super) fn act(&self, watch: &mut Watch, chance: &mut Chance) {
        let said = match chance.below(100) {
            0..30 => self.rolls_back(watch, chance),
            30..45 => self.tags(watch, chance),
            45..65 => self.reuses(watch, chance),
            65..80 => self.releases(watch, chance),
            80..92 => self.removes(watch, chance),
            _ => self.moves(watch, chance),
        };
        if let Some(said) = said {
            let when = format!("{} before {:?}: {said}", shown(self.place), self.asked);
            watch.somebody_did(when);
        }
    }

    /// What no sound reader has to keep.
    fn doomed(&self, watch: &Watch) -> Vec<Digest> {
        let needed: BTreeSet<Digest> = required(&watch.scenario, &watch.stores)
            .into_iter()
            .filter(|((place, _), _)| place == self.place)
            .flat_map(|(_, digest)| {
                closure(self.access.store(), &self.place.path, &digest).manifests
            })
            .collect();
        let all = self.access.store().manifests(&self.place.path).into_keys();
        // What is about to be deleted is the best target.
        let target = match self.asked {
            Asked::Delete(digest) | Asked::Version(digest) => Some(digest.clone()),
            _ => None,
        };
        let mut doomed: Vec<Digest> = all.filter(|digest| !needed.contains(digest)).collect();
        doomed.sort_by_key(|digest| Some(digest) != target.as_ref());
        doomed
    }

    fn target(&self, watch: &Watch, chance: &mut Chance) -> Option<Digest> {
        let doomed = self.doomed(watch);
        if chance.per_mille(300) { doomed.first().cloned() } else { chance.pick(&doomed).cloned() }
    }

    fn owns(&self, watch: &mut Watch, name: Name, digest: &Digest) {
        watch.moment += 1;
        let deed = Deed { digest: digest.clone(), since: Instant::now(), moment: watch.moment };
        // What cannot be pulled as it stands is nobody's duty.
        if closure(self.access.store(), &self.place.path, digest).missing.is_empty() {
            watch.deeds.insert((self.place.clone(), name), deed);
        }
    }

    fn sets(&self, watch: &mut Watch, name: &TagName, digest: &Digest) {
        self.access.set_tag(&self.place.path, name, digest);
        self.owns(watch, Name::Tag(name.clone()), digest);
    }

    fn latest(watch: &Watch, chance: &mut Chance) -> TagName {
        let environment = chance.pick(&watch.scenario.environments).expect("an environment");
        tag(&format!("{environment}-latest"))
    }

    /// A colleague goes back to an old release.
    fn rolls_back(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let digest = self.target(watch, chance)?;
        let latest = Self::latest(watch, chance);
        self.sets(watch, &latest, &digest);
        Some(format!("moves {latest} to {}", digest.short()))
    }

    /// A new tag on something old.
    fn tags(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let digest = self.target(watch, chance)?;
        let name = tag(&format!("hotfix-{}", self.number));
        self.sets(watch, &name, &digest);
        Some(format!("sets {name} on {}", digest.short()))
    }

    /// A push that reuses parts of what is old.
    fn reuses(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let store = self.access.store();
        let is_image = |digest: &Digest| {
            let stored = store.manifest(&self.place.path, digest)?;
            let manifest = Manifest::parse(Some(&stored.media_type), &stored.bytes).ok()?;
            matches!(manifest, Manifest::Image(_)).then_some(())
        };
        let mut images = self.doomed(watch);
        images.retain(|digest| is_image(digest).is_some());
        let first = chance.pick(&images)?.clone();
        let mut children = vec![first];
        children.extend(chance.pick(&images).cloned().filter(|other| *other != children[0]));
        let index = index_of(store, &self.place.path, &children);
        self.access.push_manifest(&self.place.path, &index, &[]);
        watch.pushed.insert((self.place.clone(), index.digest.clone()));
        let kind = watch.scenario.registries[self.place.registry];
        let said = match chance.below(4) {
            0 => {
                let latest = Self::latest(watch, chance);
                self.sets(watch, &latest, &index.digest);
                format!("under {latest}")
            }
            // A plain registry tells nobody of it.
            1 if kind != RegistryKind::Oci => {
                self.owns(watch, Name::Untagged(index.digest.clone()), &index.digest);
                "without a tag".to_owned()
            }
            _ => {
                let name = tag(&format!("hotfix-{}", self.number));
                self.sets(watch, &name, &index.digest);
                format!("under {name}")
            }
        };
        let parts: Vec<String> = children.iter().map(Digest::short).collect();
        Some(format!("pushes {} of {} {said}", index.digest.short(), parts.join(" and ")))
    }

    /// A new release, in one repository or in all of this registry.
    fn releases(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let environment = *chance.pick(&watch.scenario.environments)?;
        let number = FRESH + self.number % 20;
        let latest = chance.per_mille(500).then(|| tag(&format!("{environment}-latest")));
        let both = chance.per_mille(600);
        let created = (now() - TimeDelta::minutes(1)).trunc_subsecs(0);
        for image in IMAGES {
            let place = Place { path: path(image), ..self.place.clone() };
            if !both && place != *self.place {
                continue;
            }
            let text = format!("{image} of {environment} {number}");
            let image = built(&text, created, chance.below(6));
            self.access.push(&place.path, &image, &[]);
            for manifest in image.manifests() {
                watch.pushed.insert((place.clone(), manifest.digest.clone()));
            }
            let there = Moment { place: &place, ..*self };
            let name = tag(&format!("{environment}-{}", sha(number)));
            there.sets(watch, &name, &image.root.digest);
            if let Some(latest) = &latest {
                there.sets(watch, latest, &image.root.digest);
            }
        }
        Some(format!("pushes release {number} of {environment}, in both: {both}, {latest:?}"))
    }

    /// Somebody else deletes.
    fn removes(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let tags: Vec<TagName> = self.access.store().tags(&self.place.path)?.into_keys().collect();
        if chance.per_mille(500) {
            let name = chance.pick(&tags)?;
            self.access.delete_tag(&self.place.path, name);
            return Some(format!("deletes the tag {name}"));
        }
        let all: Vec<Digest> =
            self.access.store().manifests(&self.place.path).into_keys().collect();
        let digest = if chance.per_mille(700) {
            self.target(watch, chance)?
        } else {
            chance.pick(&all)?.clone()
        };
        self.access.delete_manifest(&self.place.path, &digest);
        watch.removed.insert((self.place.clone(), digest.clone()));
        Some(format!("deletes {}", digest.short()))
    }

    /// A tag that a rule names goes to another old manifest.
    fn moves(&self, watch: &mut Watch, chance: &mut Chance) -> Option<String> {
        let tags = self.access.store().tags(&self.place.path)?;
        let previews: Vec<TagName> =
            tags.into_keys().filter(|name| name.as_str().starts_with("pr-")).collect();
        let (name, digest) = (chance.pick(&previews)?, self.target(watch, chance)?);
        self.access.set_tag(&self.place.path, name, &digest);
        // Only here is a tag as young as its last push.
        if watch.scenario.registries[self.place.registry] == RegistryKind::Docr {
            self.owns(watch, Name::Tag(name.clone()), &digest);
        }
        Some(format!("moves {name} to {}", digest.short()))
    }
}
