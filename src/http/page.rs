//! The next page of a listing, from its `Link` header.
//!
//! A next page must have the same authority and path. Another authority would get the credentials, and
//! another path is the list of another repository: one server was seen to link from
//! `/v2/docker/app/tags/list` to `/v2/app/tags/list`.
//! <https://www.rfc-editor.org/rfc/rfc8288#section-3>

use reqwest::header::{HeaderMap, LINK};
use url::Url;

use super::error::{ErrorKind, RequestError};
use super::error_body::sanitized;
use super::redacted_url;

/// At most this many characters of a `Link` are quoted.
const QUOTED: usize = 200;

/// The URL of the next page, if there is one.
///
/// # Errors
/// [`RequestError`] when the link leads to another host, scheme, port or path, or is no URL.
pub(crate) fn next_page(current: &Url, headers: &HeaderMap) -> Result<Option<Url>, RequestError> {
    next_page_where(current, headers, |next| next.path() == current.path())
}

/// As [`next_page`], for a list of referrers. Any path of this repository's referrers is accepted, since
/// each referrer is read by its own digest anyway.
///
/// # Errors
/// [`RequestError`] as for [`next_page`].
pub(crate) fn next_referrers(
    current: &Url,
    headers: &HeaderMap,
) -> Result<Option<Url>, RequestError> {
    let folder = |url: &Url| url.path().rsplit_once('/').map(|(folder, _)| folder.to_owned());
    next_page_where(current, headers, |next| folder(next) == folder(current))
}

fn next_page_where(
    current: &Url,
    headers: &HeaderMap,
    is_same_list: impl Fn(&Url) -> bool,
) -> Result<Option<Url>, RequestError> {
    let Some(target) = link_target(headers, "next") else {
        let unclear = without_relation(headers);
        return unclear.map_or(Ok(None), |link| Err(refused(current, link, "without a relation")));
    };
    let refused = |why| refused(current, target, why);
    let mut next = current.join(target).map_err(|_| refused("not a valid URL"))?;
    let same_host = next.host_str() == current.host_str() && next.scheme() == current.scheme();
    if same_host && next.port() != current.port() && next.port().is_none() {
        // Nexus leaves out its port. The host is the same, so the port of the request is used.
        let _ = next.set_port(current.port());
    }
    if !same_host || next.port_or_known_default() != current.port_or_known_default() {
        return Err(refused("another host"));
    }
    if !is_same_list(&next) {
        return Err(refused("another list"));
    }
    next.set_fragment(None);
    let _ = next.set_username("");
    let _ = next.set_password(None);
    Ok(Some(next))
}

fn refused(current: &Url, link: &str, why: &str) -> RequestError {
    let message = format!(
        "the listing of {} is incomplete: its `Link` header points to {}, {why}, and was not followed",
        redacted_url(current),
        quoted(link)
    );
    RequestError::new(ErrorKind::BadAnswer, message)
        .with_hint("the registry's administrator can correct the `Link` header")
}

/// A `Link` for a message. Only values that cannot be secrets are shown.
fn quoted(target: &str) -> String {
    let (place, query) = target.split_once('?').unwrap_or((target, ""));
    let place = place.rsplit_once('@').map_or(place, |(_, rest)| rest);
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name @ ("n" | "last" | "page" | "per_page"), value)) => format!("{name}={value}"),
        Some((name, _)) => format!("{name}=…"),
        None => "…".to_owned(),
    };
    let pairs: Vec<String> = query.split('&').filter(|text| !text.is_empty()).map(pair).collect();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    sanitized(&format!("{place}{query}")).chars().take(QUOTED).collect()
}

/// Whether another page follows, for listings whose pages are requested by number.
pub(crate) fn has_next(headers: &HeaderMap) -> bool {
    link_target(headers, "next").is_some()
}

/// The target of the first link with this relation.
pub(crate) fn link_target<'a>(headers: &'a HeaderMap, relation: &str) -> Option<&'a str> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|value| link_targets(value, relation)).next()
}

/// A link that does not say its relation: there may be another page.
fn without_relation(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(LINK).iter();
    let links = values.flat_map(|value| value.to_str().map_or(vec!["?"], entries));
    let has_relation = |link: &str| {
        let mut parameters = link.split(';').skip(1).filter_map(|one| one.split_once('='));
        parameters.any(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))
    };
    links.map(str::trim).find(|link| !link.is_empty() && !has_relation(link))
}

/// The targets of a `Link` header's value that have this relation.
fn link_targets<'a>(value: &'a str, relation: &str) -> Vec<&'a str> {
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

/// The target of an entry, if it has this relation. One server was seen to leave out the angle
/// brackets.
fn target<'a>(entry: &'a str, relation: &str) -> Option<&'a str> {
    let entry = entry.trim();
    let (target, parameters) = match entry.strip_prefix('<') {
        Some(rest) => rest.split_once('>')?,
        None => entry.split_once(';')?,
    };
    let target = target.trim();
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
            "<?n=2&last=b>; rel=\"next\"",
            "https://reg.example:5000/v2/a/tags/list?n=2&last=b; rel=next",
            "/v2/a/tags/list?n=2&last=b;rel=\"next\"",
        ] {
            assert_eq!(next(link), expected, "{link}");
        }
        assert_eq!(next("</first>; rel=\"first\""), Ok(None));
        assert_eq!(next(""), Ok(None));
    }

    #[test]
    fn a_link_without_a_relation_may_be_another_page() {
        for link in ["garbage", "</v2/a/tags/list?n=2&last=b>", "</v2/a/tags/list>; title=next"] {
            let error = next(link).expect_err(link);
            assert!(error.contains("incomplete"), "{error}");
        }
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

    #[test]
    fn another_path_is_another_list_and_the_message_quotes_the_link() {
        for link in [
            "</v2/b/tags/list?n=2&last=b>; rel=next",
            "</v2/a/b/tags/list?last=b>; rel=next",
            "<list?last=b>; rel=next, </v2/a/tags>; rel=next",
            "</v2/a/tags/list/../../../b/tags/list>; rel=next",
        ] {
            let told = next(link);
            if link.starts_with("<list") {
                // Relative to the same folder this is the same list.
                assert!(told.is_ok(), "{told:?}");
                continue;
            }
            let quoted = link.split(['<', '>']).nth(1).expect("a target");
            assert!(told.as_ref().is_err_and(|message| message.contains(quoted)), "{told:?}");
        }
    }

    #[test]
    fn a_quoted_link_is_short_and_contains_no_secrets() {
        assert_eq!(quoted("https://a:b@reg/x?sig=1&last=b&c"), "reg/x?sig=…&last=b&…");
        assert_eq!(quoted("/v2/app/tags/list?n=2&last=b"), "/v2/app/tags/list?n=2&last=b");
        assert!(quoted(&format!("/v2/{}", "x".repeat(5000))).len() <= QUOTED);
    }
}
