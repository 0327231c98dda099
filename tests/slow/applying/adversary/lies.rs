//! One source that says something else than what is there, for as long as a seed lasts.

use serde_json::{Value, json};
use tags::model::{Digest, TagName};
use tags::policy::RegistryKind;
use tags::sandbox::{Access, Reply, RequestRecord};

use super::asked::Asked;
use super::chance::Chance;
use super::scenario::Lie;
use super::truth::Place;

/// Whoever asks, and for what.
pub(super) struct Question<'a> {
    pub(super) seed: u64,
    pub(super) kind: RegistryKind,
    pub(super) place: &'a Place,
    pub(super) asked: &'a Asked,
    pub(super) request: &'a RequestRecord,
    pub(super) access: &'a Access<'a>,
}

impl Question<'_> {
    /// Whether it is lied to about a name; always the same answer.
    fn about(&self, name: &str, per_mille: usize) -> bool {
        Chance::of(self.seed, &format!("lie {:?} {name}", self.place)).per_mille(per_mille)
    }

    /// Has the answer changed, if this is what the lie is about.
    pub(super) fn answered_with(&self, lie: Lie) {
        match (lie, self.asked) {
            (Lie::HeadMissing, Asked::Tag(tag)) if self.is("HEAD") && self.about_tag(tag) => {
                self.change(|reply| reply.status = 404);
            }
            (Lie::HeadElsewhere, Asked::Tag(tag)) if self.is("HEAD") && self.about_tag(tag) => {
                let other = self.other_digest();
                self.change(move |reply| {
                    reply.set_header("docker-content-digest", &other.to_string());
                });
            }
            (Lie::DeletionDenied, Asked::Delete(_) | Asked::DeleteTag(_)) => {
                let statuses = [400, 403, 409, 500, 502];
                let mut chance = Chance::of(self.seed, &self.request.target);
                let status = *chance.pick(&statuses).expect("a status");
                self.change(move |reply| reply.status = status);
            }
            (Lie::TypeWrong, Asked::Manifest(digest)) if self.about(&digest.to_string(), 400) => {
                self.change(another_type);
            }
            (lie, Asked::Listing(_)) => self.listed_with(lie),
            _ => {}
        }
    }

    fn listed_with(&self, lie: Lie) {
        let managed = self.kind != RegistryKind::Oci;
        match lie {
            Lie::LatestUnlisted => {
                self.json(|list| each_tag(list, |tags| tags.retain(|tag| !is_latest(tag))));
            }
            Lie::TagsLeftOut if managed => self.json(without_tags),
            Lie::ListingEmpty => self.json(emptied),
            Lie::ListingShort if self.kind == RegistryKind::Docr => self.json(shortened),
            Lie::TagsSwapped if managed => self.json(swapped),
            _ => {}
        }
    }

    fn about_tag(&self, tag: &TagName) -> bool {
        self.about(tag.as_str(), 300)
    }

    fn is(&self, method: &str) -> bool {
        self.request.method == method
    }

    fn change(&self, change: impl FnOnce(&mut Reply) + Send + 'static) {
        self.access.change_answer(change);
    }

    fn json(&self, change: impl FnOnce(&mut Value) + Send + 'static) {
        self.change(|reply| {
            if reply.status == 200 {
                reply.change_json(change);
            }
        });
    }

    /// Where a management API says otherwise, one that is there; elsewhere nobody could tell that
    /// from the truth.
    fn other_digest(&self) -> Digest {
        let all: Vec<Digest> =
            self.access.store().manifests(&self.place.path).into_keys().collect();
        let mut chance = Chance::of(self.seed, &format!("{:?}", self.asked));
        let other = chance.pick(&all).filter(|_| self.kind != RegistryKind::Oci);
        other.cloned().unwrap_or_else(|| Digest::of(b"nothing that anybody has"))
    }
}

fn is_latest(tag: &Value) -> bool {
    let name = tag.as_str().or_else(|| tag["tag"].as_str());
    name.is_some_and(|name| name.ends_with("-latest"))
}

fn another_type(reply: &mut Reply) {
    let now = reply.headers.iter().find(|(name, _)| name == "content-type");
    let index = now.is_some_and(|(_, value)| value.contains("index"));
    let other = if index { "manifest.v1+json" } else { "index.v1+json" };
    reply.set_header("content-type", &format!("application/vnd.oci.image.{other}"));
}

/// The lists of tags in a listing of any kind.
fn each_tag(list: &mut Value, change: impl Fn(&mut Vec<Value>)) {
    if let Some(tags) = list["tags"].as_array_mut() {
        change(tags);
    }
    for manifest in list["manifests"].as_array_mut().into_iter().flatten() {
        if let Some(tags) = manifest["tags"].as_array_mut() {
            change(tags);
        }
    }
    for version in list.as_array_mut().into_iter().flatten() {
        if let Some(tags) = version["metadata"]["container"]["tags"].as_array_mut() {
            change(tags);
        }
    }
}

fn without_tags(list: &mut Value) {
    for manifest in list["manifests"].as_array_mut().into_iter().flatten() {
        manifest.as_object_mut().map(|fields| fields.remove("tags"));
    }
    for version in list.as_array_mut().into_iter().flatten() {
        version.as_object_mut().map(|fields| fields.remove("metadata"));
    }
}

fn emptied(list: &mut Value) {
    if list.is_array() {
        *list = json!([]);
        return;
    }
    for name in ["tags", "manifests"] {
        if list[name].is_array() {
            list[name] = json!([]);
        }
    }
    if list["meta"]["total"].is_number() {
        list["meta"]["total"] = json!(0);
    }
}

fn shortened(list: &mut Value) {
    for name in ["tags", "manifests"] {
        if let Some(entries) = list[name].as_array_mut() {
            entries.pop();
        }
    }
}

/// The first two that have tags change places.
fn swapped(list: &mut Value) {
    if let Some(tags) = list["tags"].as_array_mut()
        && let [first, second, ..] = tags.as_mut_slice()
    {
        let digest = first["manifest_digest"].clone();
        first["manifest_digest"] = second["manifest_digest"].clone();
        second["manifest_digest"] = digest;
    }
    let versions = list.as_array_mut().into_iter().flatten();
    let mut tagged: Vec<&mut Value> = versions
        .map(|version| &mut version["metadata"]["container"]["tags"])
        .filter(|tags| tags.as_array().is_some_and(|tags| !tags.is_empty()))
        .collect();
    if let [first, second, ..] = tagged.as_mut_slice() {
        std::mem::swap(*first, *second);
    }
}
