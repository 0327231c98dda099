//! From what workflows push to what was seen: references whose registry and repository are known.

use super::address::{RegistryAddress, is_loopback};
use super::sighting::{DraftNote, SeenTag, Sighting, Sightings};
use super::write::registry_alone;
use crate::lint::survey::{Part, Purpose, SeenPush, Survey};
use crate::model::{RepositoryPath, TagName, TagPattern};
use crate::policy;

/// What was seen in workflows. `github` is their repository, `owner/name`, if it is known.
#[must_use]
pub fn of_workflows(survey: Survey, github: Option<String>) -> Sightings {
    let mut sightings = Sightings { github, ..Sightings::default() };
    let of_job = |push: &SeenPush| push.purpose == Purpose::JobRegistry;
    let is_local = |push: &SeenPush| known(&push.host).is_some_and(|host| is_loopback(&host));
    let is_real = |push: &&SeenPush| !of_job(push) && !is_local(push);
    let has_real = survey.pushes.iter().any(|push| is_real(&push));
    for push in &survey.pushes {
        if of_job(push) || (has_real && is_local(push)) {
            let why = "it is on the machine of the job, or kept for a short time only";
            sightings.leave_out(&push.place, shown(push), why.to_owned());
        } else {
            add(push, &mut sightings);
        }
    }
    sightings.note_left_out();
    for unread in survey.unread {
        sightings.note(DraftNote::new(unread.place, unread.what));
    }
    sightings
}

fn add(push: &SeenPush, sightings: &mut Sightings) {
    let Some((registry, path)) = repository(push, sightings) else { return };
    let tag = match push.purpose {
        Purpose::Release => tag(push, sightings),
        Purpose::Test | Purpose::JobRegistry => {
            if let Some(glob) = glob(&push.tag) {
                sightings.other_tags.entry(glob).or_insert_with(|| push.place.clone());
            }
            return;
        }
    };
    let Some(tag) = tag else { return };
    sightings.list.push(Sighting {
        registry,
        path,
        tag,
        branches: push.branches.clone(),
        environment: push.environment.clone(),
        set: push.set,
        place: push.place.clone(),
    });
}

/// The registry and the repository, or a note why they are not known.
fn repository(
    push: &SeenPush,
    sightings: &mut Sightings,
) -> Option<(RegistryAddress, RepositoryPath)> {
    let found = match (known(&push.host), known(&push.path)) {
        (Some(host), _) if host.is_empty() => Err("its registry is not known".to_owned()),
        (Some(host), Some(path)) => match RepositoryPath::parse(&path.to_lowercase()) {
            Ok(path) => RegistryAddress::of_reference(&host, &path)
                .ok_or_else(|| format!("a repository on {host} needs an owner before its name"))
                .and_then(valid),
            Err(error) => Err(error.to_string()),
        },
        (None, _) => Err(unknown("its registry", &push.host)),
        (_, None) => Err(unknown("its repository", &push.path)),
    };
    match found {
        Ok(found) => Some(found),
        Err(why) => {
            sightings.leave_out(&push.place, shown(push), why);
            None
        }
    }
}

/// The same, if a policy may have such a registry.
fn valid(
    (address, path): (RegistryAddress, RepositoryPath),
) -> Result<(RegistryAddress, RepositoryPath), String> {
    let text = format!("version = 1\n{}", registry_alone(&address));
    let Err(error) = policy::parse("draft", &text) else { return Ok((address, path)) };
    let why = error.problems().next().map(|(_, problem)| problem.message.clone());
    Err(format!("its registry is not valid: {}", why.unwrap_or_default()))
}

/// The tag, or a note why it is no tag of a release.
fn tag(push: &SeenPush, sightings: &mut Sightings) -> Option<SeenTag> {
    let shas = push.tag.iter().filter(|part| **part == Part::Sha).count();
    let mut note = |why: String| {
        sightings.leave_out(&push.place, shown(push), why);
        Some(SeenTag::Other)
    };
    if push.tag.iter().any(|part| matches!(part, Part::Unknown(_))) {
        return note(unknown("a part of its tag", &push.tag));
    }
    if push.tag.contains(&Part::Version) {
        if shas > 0 {
            return note("its tag has a version or a git tag beside the commit".to_owned());
        }
        sightings.versions.extend(version_glob(&push.tag));
        return Some(SeenTag::Other);
    }
    if shas == 0 {
        let text = known(&push.tag).unwrap_or_default();
        if is_version(&text) {
            sightings.versions.extend(glob(&[Part::Text(letters(&text)), Part::Version]));
            return Some(SeenTag::Other);
        }
        return match TagName::parse(&text) {
            Ok(tag) => Some(SeenTag::Moving(tag)),
            Err(error) => note(error.to_string()),
        };
    }
    let pattern: String = push.tag.iter().map(pattern_part).collect();
    match TagPattern::parse(&pattern) {
        Ok(pattern) => Some(SeenTag::Commit(pattern)),
        Err(error) => note(error.to_string()),
    }
}

fn pattern_part(part: &Part) -> &str {
    match part {
        Part::Text(text) => text,
        Part::Sha => "{sha}",
        Part::Version | Part::Unknown(_) => "",
    }
}

/// The text, if all of it is known.
fn known(parts: &[Part]) -> Option<String> {
    let text = |part: &Part| match part {
        Part::Text(text) => Some(text.clone()),
        _ => None,
    };
    parts.iter().map(text).collect()
}

/// What is not known: `its registry is not known: ${{ vars.REGISTRY }}`.
fn unknown(what: &str, parts: &[Part]) -> String {
    let names: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Unknown(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let of_repository = names.iter().any(|name| name.contains("github.repository"));
    let hint = if of_repository {
        " (set $GITHUB_REPOSITORY to owner/name, or run this in a checkout whose remote `origin` is on GitHub)"
    } else {
        ""
    };
    match names.len() {
        0 => format!("{what} is not known"),
        _ => format!("{what} is not known: {}{hint}", names.join(", ")),
    }
}

/// A reference as people write it.
fn shown(push: &SeenPush) -> String {
    let show = |parts: &[Part]| -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Sha => "<sha>".to_owned(),
            Part::Version => "<version>".to_owned(),
            Part::Unknown(name) => name.clone(),
        };
        parts.iter().map(part).collect()
    };
    let (host, path, tag) = (show(&push.host), show(&push.path), show(&push.tag));
    let separator = if host.is_empty() { "" } else { "/" };
    format!("{host}{separator}{path}:{tag}")
}

/// A glob for tags that begin alike: `pr-*`. None where nothing tells them from others.
fn glob(parts: &[Part]) -> Option<String> {
    match parts {
        [Part::Text(start), _, ..] if TagName::parse(start).is_ok() => Some(format!("{start}*")),
        _ => None,
    }
}

fn version_glob(parts: &[Part]) -> Vec<String> {
    match glob(parts) {
        Some(glob) => vec![glob],
        None => vec!["v[0-9]*".to_owned(), "[0-9]*.[0-9]*".to_owned()],
    }
}

fn letters(text: &str) -> String {
    text.chars().take_while(|c| !c.is_ascii_digit()).collect()
}

/// Whether a tag is a version: `1.2`, `v1.2.3-rc.1`.
fn is_version(text: &str) -> bool {
    let numbers = text.strip_prefix('v').unwrap_or(text);
    let core = numbers.split(['-', '+', '_']).next().unwrap_or_default();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    core.contains('.') && core.split('.').all(is_number)
}
