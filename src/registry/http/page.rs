//! The next page of a listing, from its `Link` header.
//!
//! A page elsewhere than on the same authority is refused: it would take the credentials along.
//! <https://www.rfc-editor.org/rfc/rfc8288#section-3>

use reqwest::header::{HeaderMap, LINK};
use url::Url;

use super::super::error::{ErrorKind, RegistryError};
use super::{authority, shown};

/// The URL of the next page, if there is one.
///
/// # Errors
/// [`RegistryError`] when the link leads to another host, scheme or port, or is no URL.
pub(crate) fn next_page(current: &Url, headers: &HeaderMap) -> Result<Option<Url>, RegistryError> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let Some(target) = links.flat_map(|value| link_targets(value, "next")).next() else {
        return Ok(None);
    };
    let refused = |why: String| {
        let message = format!("the listing of {} goes on {why}", shown(current));
        RegistryError::new(ErrorKind::BadAnswer, message).with_hint(
            "the list is incomplete; the registry's administrator can mend its `Link` header",
        )
    };
    let mut next =
        current.join(target).map_err(|_| refused("at something that is no address".into()))?;
    let same_host = next.host_str() == current.host_str() && next.scheme() == current.scheme();
    if same_host && next.port() != current.port() && next.port().is_none() {
        // Nexus forgets its own port; the host is the same, so the port of the request is meant.
        let _ = next.set_port(current.port());
    }
    if !same_host || next.port_or_known_default() != current.port_or_known_default() {
        return Err(refused(format!("at another host ({}), which is not asked", authority(&next))));
    }
    Ok(Some(next))
}

/// The targets of a `Link` header's value that have this relation.
pub(crate) fn link_targets<'a>(value: &'a str, relation: &str) -> Vec<&'a str> {
    entries(value).into_iter().filter_map(|entry| target(entry, relation)).collect()
}

/// Splits a header value at the commas between links; commas inside `<…>` and quotes stay.
fn entries(value: &str) -> Vec<&str> {
    let (mut start, mut angle, mut quoted) = (0, false, false);
    let mut entries = Vec::new();
    for (at, c) in value.char_indices() {
        match c {
            '"' if !angle => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            ',' if !angle && !quoted => {
                entries.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(&value[start..]);
    entries
}

/// The target of an entry that has this relation.
fn target<'a>(entry: &'a str, relation: &str) -> Option<&'a str> {
    let (target, parameters) = entry.trim().strip_prefix('<')?.split_once('>')?;
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .any(|(name, value)| {
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case(relation))
        })
        .then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(link: &'static str) -> Result<Option<String>, String> {
        let url = Url::parse("https://reg.example:5000/v2/a/tags/list?n=2").expect("a URL");
        let headers = [(LINK, link.parse().expect("a value"))].into_iter().collect();
        next_page(&url, &headers)
            .map(|url| url.map(String::from))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn links_are_followed_in_every_spelling_seen() {
        let expected = Ok(Some("https://reg.example:5000/v2/a/tags/list?n=2&last=b".to_owned()));
        for link in [
            "</v2/a/tags/list?n=2&last=b>; rel=\"next\"",
            "</v2/a/tags/list?n=2&last=b>;rel=next",
            "<https://reg.example:5000/v2/a/tags/list?n=2&last=b>; title=\"x, y\"; REL=\"next\"",
            "</first>; rel=first, </v2/a/tags/list?n=2&last=b>; rel=\"prev next\"",
            "<https://reg.example/v2/a/tags/list?n=2&last=b>; rel=\"next\"",
        ] {
            assert_eq!(next(link), expected, "{link}");
        }
        assert_eq!(next("</first>; rel=\"first\""), Ok(None));
        assert_eq!(next("garbage"), Ok(None));
    }

    #[test]
    fn a_page_on_another_authority_is_refused() {
        for link in [
            "<https://evil.example/v2/a/tags/list>; rel=next",
            "<http://reg.example:5000/v2/a/tags/list>; rel=next",
            "<https://reg.example:6000/v2/a/tags/list>; rel=next",
            "<//evil.example/v2/a/tags/list>; rel=next",
        ] {
            assert!(next(link).is_err(), "{link}");
        }
    }
}
