//! The listing of a repository's tags, and the catalog of repositories, page by page.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags>; the
//! catalog is distribution's own:
//! <https://distribution.github.io/distribution/spec/api/#listing-repositories>.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::super::call::{Answer, Call};
use super::super::settings::Listing;
use super::super::shared::Shared;
use crate::model::RepositoryPath;

/// A page, and the name after which the next one begins.
struct Page {
    names: Vec<String>,
    next: Option<String>,
}

pub(super) fn tags(shared: &Shared, call: &Call, repository: &RepositoryPath) -> Answer {
    if call.method != Method::GET && call.method != Method::HEAD {
        return Answer::unsupported();
    }
    let listing = shared.settings.listing;
    let names = match listing {
        Listing::OldestFirst { .. } => by_time(shared, repository),
        Listing::IgnoresPageSize => shared.store.tag_names(repository, None),
        _ => shared.store.tag_names(repository, call.param("last")),
    };
    let Some(names) = names else {
        return Answer::error(
            StatusCode::NOT_FOUND,
            "NAME_UNKNOWN",
            "repository name not known to registry",
        );
    };
    match page(names, call, listing) {
        Ok(page) => {
            let tags = match listing {
                Listing::NullWhenEmpty if page.names.is_empty() => Value::Null,
                _ => json!(page.names),
            };
            let body = json!({"name": repository.as_str(), "tags": tags});
            linked(Answer::json(StatusCode::OK, &body), &page, call, listing)
        }
        Err(refusal) => refusal,
    }
}

/// The names of the tags in the order in which they were set.
fn by_time(shared: &Shared, repository: &RepositoryPath) -> Option<Vec<String>> {
    let mut tags: Vec<_> = shared.store.tags(repository)?.into_iter().collect();
    // Sorting is stable: tags of one time stay in the order of their names.
    tags.sort_by_key(|(_, stored)| stored.updated);
    Some(tags.iter().map(|(tag, _)| tag.as_str().to_owned()).collect())
}

pub(super) fn catalog(shared: &Shared, call: &Call) -> Answer {
    if call.method != Method::GET && call.method != Method::HEAD {
        return Answer::unsupported();
    }
    let names = shared.store.repositories().iter().map(ToString::to_string).collect();
    match page(names, call, Listing::Standard) {
        Ok(page) => {
            let body = json!({"repositories": page.names});
            linked(Answer::json(StatusCode::OK, &body), &page, call, Listing::Standard)
        }
        Err(refusal) => refusal,
    }
}

/// The largest page of tags in the order of time.
const MAX_PAGE_BY_TIME: usize = 1000;

/// The page of the names that `n` and `last` select.
fn page(names: Vec<String>, call: &Call, listing: Listing) -> Result<Page, Answer> {
    if listing == Listing::IgnoresPageSize {
        return Ok(Page { names, next: None });
    }
    let asked: Option<usize> = call.param("n").map(str::parse).transpose().map_err(|_| {
        Answer::error(
            StatusCode::BAD_REQUEST,
            "PAGINATION_NUMBER_INVALID",
            "invalid number of results requested",
        )
    })?;
    let size = match (asked, listing) {
        (asked, Listing::MaxPage(most)) => Some(asked.map_or(most, |size| size.min(most))),
        (asked, Listing::OldestFirst { default_page_size }) => {
            Some(asked.map_or(default_page_size, |size| size.min(MAX_PAGE_BY_TIME)))
        }
        (asked, _) => asked,
    };
    let mut rest: Vec<String> = match call.param("last") {
        Some(last) if matches!(listing, Listing::OldestFirst { .. }) => {
            let at = names.iter().position(|name| name == last).map_or(0, |at| at + 1);
            names.into_iter().skip(at).collect()
        }
        Some(last) => names.into_iter().filter(|name| name.as_str() > last).collect(),
        None => names,
    };
    let total = rest.len();
    rest.truncate(size.unwrap_or(usize::MAX));
    let next = if rest.len() < total { rest.last().cloned() } else { None };
    Ok(Page { names: rest, next })
}

fn linked(answer: Answer, page: &Page, call: &Call, listing: Listing) -> Answer {
    let Some(last) = page.next.as_ref().filter(|_| listing != Listing::WithoutLink) else {
        return answer;
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("last", last);
    if let Some(n) = call.param("n") {
        query.append_pair("n", n);
    }
    let next = format!("<{}?{}>; rel=\"next\"", call.path, query.finish());
    answer.with(header::LINK, &next)
}
