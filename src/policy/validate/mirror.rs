//! `mirrors` of a registry: hosts, optionally with a path, from which the same images are pulled.

use std::collections::BTreeMap;

use toml::Spanned;

use super::value::refuse_duplicates;
use crate::model::{RegistryName, RepositoryPath};
use crate::policy::problem::Problems;
use crate::policy::raw::RawPolicy;
use crate::policy::read::{Field, List};
use crate::policy::settings::{Mirror, RegistrySettings};

const FORM: &str = "write host[:port][/path], such as `harbor.example.com/do-proxy`";

/// The valid mirrors.
pub(super) fn mirrors(field: &Field<List<String>>, problems: &mut Problems) -> Vec<Mirror> {
    refuse_duplicates(field, problems);
    field.items().filter_map(|text| mirror(text, problems)).collect()
}

fn mirror(text: &Spanned<String>, problems: &mut Problems) -> Option<Mirror> {
    let written = text.get_ref();
    if written.contains('@') {
        problems.hide(text.span());
        problems.add_with_help(text.span(), "credentials do not belong in a mirror", FORM);
        return None;
    }
    let read = read(written);
    if read.is_none() {
        let message = if written.contains("://") {
            format!("`{written}`: a mirror has no scheme")
        } else {
            format!("`{written}` is not the address of a mirror")
        };
        problems.add_with_help(text.span(), message, FORM);
    }
    read
}

fn read(text: &str) -> Option<Mirror> {
    let (host, path) = match text.split_once('/') {
        Some((host, path)) => (host, Some(RepositoryPath::parse(path).ok()?)),
        None => (text, None),
    };
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let numbered = port.is_none_or(|port| port.parse::<u16>().is_ok());
    // Without a dot or a port, a reference would be to Docker Hub.
    let is_host = port.is_some() || name.contains('.') || name == "localhost";
    let edges = !name.starts_with(['.', '-']) && !name.ends_with(['.', '-']);
    (!name.is_empty() && letters && numbered && is_host && edges)
        .then(|| Mirror { host: host.to_ascii_lowercase(), path })
}

/// Adds a problem for an address that two registries share: it would be ambiguous.
pub(super) fn refuse_shared(
    raw: &RawPolicy,
    registries: &BTreeMap<RegistryName, RegistrySettings>,
    problems: &mut Problems,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let own = registries.values().flat_map(|registry| {
        let host = registry.host();
        let below = registry.namespace.as_ref().map(|path| format!("{host}/{path}"));
        below.into_iter().chain([host]).map(|address| (address, &registry.name))
    });
    let own: BTreeMap<String, &RegistryName> = own.collect();
    for (name, table) in raw.registry.entries() {
        let name = name.get_ref().as_str();
        for text in table.into_iter().flat_map(|table| table.get_ref().mirrors.items()) {
            let address = text.get_ref().to_ascii_lowercase();
            let help = "give each registry its own path at the mirror";
            if let Some(itself) = own.get(&address) {
                let message = format!("`{address}` is the registry `{itself}` itself");
                problems.add_with_help(text.span(), message, help);
            }
            match taken.insert(address.clone(), name) {
                Some(other) if other != name => {
                    let message = format!("`{address}` is already a mirror of `{other}`");
                    problems.add_with_help(text.span(), message, help);
                }
                _ => {}
            }
        }
    }
}
