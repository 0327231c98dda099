//! The registries that were seen, each with a name of its own.

use super::RegistryAddress;
use super::place::sorted;
use super::sighting::Sighting;
use crate::model::RegistryName;

/// A registry of a draft.
#[derive(Debug, Clone)]
pub struct DraftRegistry {
    /// Its name.
    pub name: RegistryName,
    /// Its address.
    pub address: RegistryAddress,
    /// Where it was seen.
    pub places: Vec<String>,
}

/// The registries in the order in which they were seen, each with a name of its own.
pub(super) fn registries(sightings: &[Sighting]) -> Vec<DraftRegistry> {
    let mut found: Vec<(RegistryAddress, Vec<&String>)> = Vec::new();
    for sighting in sightings {
        match found.iter_mut().find(|(address, _)| *address == sighting.registry) {
            Some((_, places)) => places.push(&sighting.place),
            None => found.push((sighting.registry.clone(), vec![&sighting.place])),
        }
    }
    let mut registries: Vec<DraftRegistry> = Vec::new();
    for (address, places) in found {
        let is_free = |name: &RegistryName| !registries.iter().any(|one| one.name == *name);
        let name = names(&address).find(is_free);
        let Some(name) = name else { continue };
        registries.push(DraftRegistry { name, address, places: sorted(places) });
    }
    registries
}

/// Names for a registry, the best first.
fn names(address: &RegistryAddress) -> impl Iterator<Item = RegistryName> {
    let short = address.short_name();
    let with_namespace = address
        .namespace
        .as_ref()
        .map(|namespace| format!("{short}-{}", namespace.as_str().replace('/', "-")));
    let numbered = (2..).map({
        let short = short.clone();
        move |number: u32| format!("{short}-{number}")
    });
    let all = std::iter::once(short).chain(with_namespace).chain(numbered);
    let named = all.map(|name| RegistryName::parse(&name).ok());
    named.take(10_000).flatten()
}
