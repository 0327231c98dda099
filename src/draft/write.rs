//! The text of a draft: one table after the other, each with where it was seen.

use super::place::shown;
use super::text::{key, list, one_line, string};
use super::{
    Draft, DraftBranch, DraftEnvironment, DraftImage, DraftLatest, DraftRegistry, RegistryAddress,
    proposal,
};
use crate::model::{ImageName, RegistryName, ReleaseOrder};
use crate::policy::RegistryKind;

/// How many notes are written.
const MOST_NOTES: usize = 40;

/// The text of the policy file.
pub(super) fn text(draft: &Draft) -> String {
    let mut lines = head(draft);
    for registry in &draft.registries {
        registry_table(registry, &mut lines);
    }
    for image in &draft.images {
        image_table(image, &mut lines);
    }
    for environment in &draft.environments {
        environment_table(environment, draft, &mut lines);
    }
    if draft.environments.is_empty() {
        example(draft, &mut lines);
    } else {
        lines.push(String::new());
        lines.extend(proposal::lines(draft));
    }
    github(draft, &mut lines);
    notes(draft, &mut lines);
    lines.join("\n") + "\n"
}

fn head(draft: &Draft) -> Vec<String> {
    vec![
        "# The policy of `tags`: what the registries must hold, and what may be deleted."
            .to_owned(),
        format!(
            "# Begun by `tags init` from {}; the comments say where each entry was seen.",
            one_line(&draft.source)
        ),
        "# `tags check` says what it means; `tags schema` describes every key.".to_owned(),
        "version = 1".to_owned(),
    ]
}

/// The table of a registry, to connect to it.
#[must_use]
pub fn registry_alone(address: &RegistryAddress) -> String {
    let mut lines = vec![format!("[registry.{}]", address.kind.as_str())];
    address_lines(address, &mut lines);
    lines.join("\n") + "\n"
}

fn address_lines(address: &RegistryAddress, lines: &mut Vec<String>) {
    lines.push(format!("kind = {}", string(address.kind.as_str())));
    if let Some(namespace) = &address.namespace {
        lines.push(format!("namespace = {}", string(namespace.as_str())));
    }
    if let Some(url) = &address.url {
        lines.push(format!("url = {}", string(url)));
    }
    if let Some(url) = &address.api_url {
        lines.push(format!("api-url = {}", string(url)));
    }
    if address.is_plain_http() {
        lines.push(
            "insecure = true  # plain HTTP, as in the address: credentials are sent unencrypted"
                .to_owned(),
        );
    }
}

fn registry_table(registry: &DraftRegistry, lines: &mut Vec<String>) {
    let DraftRegistry { name, address, places } = registry;
    lines.push(String::new());
    lines.push(format!("# {}: {}", one_line(&address.host()), one_line(&shown(places))));
    lines.push(format!("[registry.{}]", key(name.as_str())));
    address_lines(address, lines);
    lines.push(match address.kind {
        RegistryKind::Docr => "# the token is read from $DIGITALOCEAN_ACCESS_TOKEN".to_owned(),
        RegistryKind::Ghcr => "# the token is read from $GITHUB_TOKEN or $GH_TOKEN".to_owned(),
        RegistryKind::Oci => "# the login is read from Docker's config; token-env and username-env name variables instead".to_owned(),
    });
}

fn image_table(image: &DraftImage, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("# {}", one_line(&shown(&image.places))));
    lines.push(format!("[image.{}]", key(image.name.as_str())));
    let repositories = image.repositories.iter();
    let repositories: Vec<String> = repositories
        .map(|(registry, path)| format!("{} = {}", key(registry.as_str()), string(path.as_str())))
        .collect();
    lines.push(format!("repositories = {{ {} }}", repositories.join(", ")));
}

fn environment_table(environment: &DraftEnvironment, draft: &Draft, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("# {}", one_line(&shown(&environment.places))));
    lines.extend(environment.comments.iter().map(|comment| format!("# {}", one_line(comment))));
    lines.push(format!("[environment.{}]", key(environment.name.as_str())));
    lines.push(branch(&environment.branch));
    lines.push(format!("sha-tag = {}", string(&environment.sha_tag.to_string())));
    let latest = environment.latest.tag();
    lines.push(format!("latest-tag = {}", string(latest.as_str())));
    if let DraftLatest::NotSeen(latest, shared) = &environment.latest {
        lines.push(match shared {
            Some(tag) => format!("# `{tag}` is moved for other environments as well, so it is the latest tag of none of them."),
            None => "# No tag was seen that surely is its latest tag.".to_owned(),
        });
        lines.push(format!("# The key is required; with the next line `tags verify` only warns where `{latest}` is missing."));
        lines.push("latest-required = false".to_owned());
    }
    if let Some(images) = &environment.images {
        lines.push(format!("images = {}", list(images.iter().map(ImageName::as_str))));
    }
    if let Some(registries) = &environment.registries {
        lines.push(format!("registries = {}", list(registries.iter().map(RegistryName::as_str))));
    }
    if !has_push_times(environment, draft) {
        lines.push(
            "# A plain OCI registry has no push times: the build time in the image config says how old a release is."
                .to_owned(),
        );
        lines.push(format!("order = {}", string(ReleaseOrder::Built.as_str())));
    }
}

/// Whether one of an environment's registries tells when a tag was pushed. Without push times and this
/// order, `min-age` would count from when `tags cleanup` first saw an image.
fn has_push_times(environment: &DraftEnvironment, draft: &Draft) -> bool {
    let is_own = |image: &&DraftImage| {
        environment.images.as_ref().is_none_or(|own| own.contains(&image.name))
    };
    let used =
        |name: &&RegistryName| environment.registries.as_ref().is_none_or(|own| own.contains(name));
    let mut registries =
        draft.images.iter().filter(is_own).flat_map(|image| image.repositories.keys()).filter(used);
    registries.any(|name| {
        let registry = draft.registries.iter().find(|one| one.name == *name);
        registry.is_some_and(|one| one.address.kind != RegistryKind::Oci)
    })
}

fn branch(branch: &DraftBranch) -> String {
    const USE: &str = "set it, so that `tags verify` finds the environment in CI";
    match branch {
        DraftBranch::One(name) => format!("branch = {}", string(name)),
        DraftBranch::Several(names) => {
            let names = one_line(&names.join(", "));
            format!("# branch: not known, since pushes to each of {names} set these tags; {USE}")
        }
        DraftBranch::Unnamed => {
            format!("# branch: not known, since pushes to any branch set these tags; {USE}")
        }
        DraftBranch::Unknown => format!("# branch: not known; {USE}"),
    }
}

/// What an environment would look like, where none was found.
fn example(draft: &Draft, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push("# No environment was found: tags that begin or end alike and have a commit in them, such as".to_owned());
    lines.push(
        "# `prod-<sha>`. This is how entries look; remove the `#` and put your own names in:"
            .to_owned(),
    );
    let registry = draft.registries.first().map(|one| one.name.as_str());
    if registry.is_none() {
        lines.extend(
            ["#[registry.ghcr]", "#kind = \"ghcr\"", "#namespace = \"acme\"", "#"]
                .map(str::to_owned),
        );
    }
    if draft.images.is_empty() {
        let registry = key(registry.unwrap_or("ghcr"));
        lines.push("#[image.backend]".to_owned());
        lines.push(format!("#repositories = {{ {registry} = \"backend\" }}"));
        lines.push("#".to_owned());
    }
    lines.extend(
        [
            "#[environment.prod]",
            "#branch = \"main\"",
            "#sha-tag = \"prod-{sha}\"",
            "#latest-tag = \"prod-latest\"",
        ]
        .map(str::to_owned),
    );
}

fn github(draft: &Draft, lines: &mut Vec<String>) {
    let Some(repository) = &draft.github else { return };
    lines.push(String::new());
    lines.push(
        "# For records of releases, `tags runs`, and the order in which releases were deployed:"
            .to_owned(),
    );
    lines.push("#[github]".to_owned());
    lines.push(format!("#repository = {}", string(repository)));
}

fn notes(draft: &Draft, lines: &mut Vec<String>) {
    if draft.notes.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("# Not known, or not read:".to_owned());
    for note in draft.notes.iter().take(MOST_NOTES) {
        lines.push(format!("# - {}: {}", one_line(&note.place), one_line(&note.what)));
    }
    if draft.notes.len() > MOST_NOTES {
        lines.push(format!("# - and {} more", draft.notes.len() - MOST_NOTES));
    }
}
