//! From the tags of a registry to what was seen: patterns with a commit in them, and moving tags.

use std::collections::{BTreeMap, BTreeSet};

use super::RegistryAddress;
use super::environment::label;
use super::sighting::{DraftNote, SeenTag, Sighting, Sightings};
use crate::lint::survey::Branches;
use crate::model::{RepositoryPath, TagName, TagPattern};

/// A repository with its tags.
#[derive(Debug)]
pub struct ListedRepository {
    /// The path below the registry's namespace.
    pub path: RepositoryPath,
    /// The tags.
    pub tags: Vec<TagName>,
}

/// What was seen in a registry.
#[must_use]
pub fn of_listing(registry: &RegistryAddress, repositories: &[ListedRepository]) -> Sightings {
    let mut sightings = Sightings::default();
    for (number, repository) in repositories.iter().enumerate() {
        RepositoryReading { registry, repository, number }.read(&mut sightings);
    }
    sightings
}

/// The shortest and the longest SHA.
const SHORTEST: usize = 7;
const LONGEST: usize = 64;
/// The lengths of a whole SHA.
const WHOLE: [usize; 2] = [40, 64];
/// How many tags of a pattern prove it where nothing else does.
const ENOUGH: usize = 2;
/// How many tags are named in a note.
const SHOWN: usize = 5;

struct RepositoryReading<'a> {
    registry: &'a RegistryAddress,
    repository: &'a ListedRepository,
    number: usize,
}

impl RepositoryReading<'_> {
    fn read(&self, sightings: &mut Sightings) {
        let mut patterns: BTreeMap<String, PatternTags> = BTreeMap::new();
        let mut rest: BTreeSet<&TagName> = BTreeSet::new();
        for tag in self.repository.tags.iter().filter(|tag| !tag.is_accessory()) {
            match commit_in(tag) {
                Some((pattern, is_strong)) => {
                    let entry = patterns.entry(pattern.to_string()).or_insert_with(|| {
                        PatternTags { pattern, tags: Vec::new(), is_strong: false }
                    });
                    entry.tags.push(tag);
                    entry.is_strong |= is_strong;
                }
                None => {
                    rest.insert(tag);
                }
            }
        }
        let all: BTreeSet<&str> = self.repository.tags.iter().map(TagName::as_str).collect();
        let (environments, others): (Vec<_>, Vec<_>) =
            patterns.into_values().partition(|one| one.is_environment(&all));
        for other in &others {
            if let Some(glob) = preview_glob(&other.pattern) {
                sightings.other_tags.entry(glob).or_insert_with(|| other.place(&self.path()));
            }
            rest.extend(other.tags.iter().filter(|_| preview_glob(&other.pattern).is_none()));
        }
        let has_label = environments.iter().any(|one| label(&one.pattern).is_some());
        for one in &environments {
            if has_label && label(&one.pattern).is_none() {
                let what = format!("{} name no environment", one.place(&self.path()));
                sightings.note(DraftNote::new(self.path(), what));
            } else {
                self.add(SeenTag::Commit(one.pattern.clone()), one.place(&self.path()), sightings);
            }
        }
        self.others(&rest, environments.is_empty(), sightings);
    }

    /// The tags without a commit.
    fn others(&self, tags: &BTreeSet<&TagName>, is_alone: bool, sightings: &mut Sightings) {
        for tag in tags {
            if is_version(tag.as_str()) {
                let start = tag.as_str().starts_with('v');
                let glob = if start { "v[0-9]*" } else { "[0-9]*.[0-9]*" };
                sightings.versions.insert(glob.to_owned());
            } else if !is_preview(tag.as_str()) {
                self.add(SeenTag::Moving((*tag).clone()), self.path(), sightings);
            }
        }
        if is_alone {
            self.add(SeenTag::Other, self.path(), sightings);
            let shown: Vec<String> =
                tags.iter().take(SHOWN).map(|tag| format!("`{tag}`")).collect();
            let what = match (shown.len(), tags.len()) {
                (0, _) => "it has no tags that could be those of an environment".to_owned(),
                (_, count) => format!(
                    "none of its tags is known to name a commit: {}{}",
                    shown.join(", "),
                    if count > SHOWN { ", …" } else { "" }
                ),
            };
            sightings.note(DraftNote::new(self.path(), what));
        }
    }

    /// Tags are not known to be pushed together. Only beside SHA tags that name no environment, `latest`
    /// is taken for their latest tag.
    fn add(&self, tag: SeenTag, place: String, sightings: &mut Sightings) {
        let together = match &tag {
            SeenTag::Commit(pattern) => label(pattern).is_none(),
            SeenTag::Moving(tag) => tag.as_str() == "latest",
            SeenTag::Other => false,
        };
        let set = if together { 2 * self.number } else { 2 * self.number + 1 };
        let is_commit = matches!(tag, SeenTag::Commit(_));
        sightings.list.push(Sighting {
            registry: self.registry.clone(),
            path: self.repository.path.clone(),
            tag,
            branches: Branches::default(),
            environment: None,
            set: if together || is_commit { set } else { usize::MAX - self.number },
            place,
        });
    }

    fn path(&self) -> String {
        self.repository.path.to_string()
    }
}

/// Tags of one pattern.
struct PatternTags<'a> {
    pattern: TagPattern,
    tags: Vec<&'a TagName>,
    /// Whether one of them surely names a commit.
    is_strong: bool,
}

impl PatternTags<'_> {
    /// Whether these are the SHA tags of an environment: no single build, and no preview.
    fn is_environment(&self, all: &BTreeSet<&str>) -> bool {
        let latest = self.pattern.to_string().replace("{sha}", "latest");
        let is_proved = self.tags.len() >= ENOUGH || all.contains(latest.as_str());
        self.is_strong && is_proved && preview_glob(&self.pattern).is_none()
    }

    /// ``12 tags `prod-{sha}` in backend``
    fn place(&self, path: &str) -> String {
        let count = self.tags.len();
        let tags = if count == 1 { "tag" } else { "tags" };
        format!("{count} {tags} `{}` in {path}", self.pattern)
    }
}

/// The pattern of a tag with a commit in it, and whether the digits are surely those of a commit: a whole
/// SHA, or digits and letters.
fn commit_in(tag: &TagName) -> Option<(TagPattern, bool)> {
    let text = tag.as_str();
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut found = None;
    let mut start = 0;
    for piece in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let end = start + piece.len();
        if (SHORTEST..=LONGEST).contains(&piece.len()) && piece.chars().all(is_hex) {
            let whole = WHOLE.contains(&piece.len());
            let letters = piece.chars().any(|c| c.is_ascii_alphabetic());
            let digits = piece.chars().any(|c| c.is_ascii_digit());
            let pattern = TagPattern::parse(&format!("{}{{sha}}{}", &text[..start], &text[end..]));
            let strength = (whole, letters && digits);
            if let Ok(pattern) = pattern
                && found.as_ref().is_none_or(|(_, known)| *known < strength)
            {
                found = Some((pattern, strength));
            }
        }
        start = end + 1;
    }
    found.map(|(pattern, (whole, mixed))| (pattern, whole || mixed))
}

/// A glob for the tags of a pattern whose fixed part is that of one preview or build: `pr-12-{sha}`.
fn preview_glob(pattern: &TagPattern) -> Option<String> {
    let text = pattern.to_string();
    let start = text.split("{sha}").next().unwrap_or_default();
    let has_number = start.bytes().any(|b| b.is_ascii_digit());
    let letters: String = start.chars().take_while(|c| !c.is_ascii_digit()).collect();
    (is_preview(start) || has_number).then(|| format!("{letters}*")).filter(|glob| glob != "*")
}

/// Whether a tag is that of a pull request, a preview or a cache.
fn is_preview(tag: &str) -> bool {
    const WORDS: [&str; 9] =
        ["pr", "pull", "preview", "review", "mr", "cache", "buildcache", "tmp", "ci"];
    tag.split(|c: char| !c.is_ascii_alphabetic()).any(|word| WORDS.contains(&word))
}

fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, bool)> {
        let tag = TagName::parse(text).expect("a tag");
        commit_in(&tag).map(|(pattern, is_strong)| (pattern.to_string(), is_strong))
    }

    #[test]
    fn a_commit_is_found_between_separators() {
        let whole = "a".repeat(40);
        for (tag, pattern, is_strong) in [
            (format!("prod-{whole}"), "prod-{sha}", true),
            ("uat-1a2b3c4".to_owned(), "uat-{sha}", true),
            ("20240101-1a2b3c4".to_owned(), "20240101-{sha}", true),
            ("1a2b3c4_dev".to_owned(), "{sha}_dev", true),
            ("build-1234567".to_owned(), "build-{sha}", false),
            ("deadbeef".to_owned(), "{sha}", false),
        ] {
            assert_eq!(read(&tag), Some((pattern.to_owned(), is_strong)), "{tag}");
        }
        for tag in ["latest", "v1.2.3", "prod-123456", "prod1a2b3c4", "feature-x"] {
            assert_eq!(read(tag), None, "{tag}");
        }
    }
}
