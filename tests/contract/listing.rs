//! A listing is everything or says that it is not.

use std::collections::BTreeSet;

use tags::model::TagName;
use tags::policy::RegistryKind;
use tags::registry::ErrorKind;
use tags::sandbox::content::{BuiltImage, Format};

use super::Subject;
use super::content::{build, path, tag};

pub(crate) async fn all_of_many_tags_are_listed(subject: &Subject) {
    let image = BuiltImage::single(&build("many", "amd64"), Format::Oci);
    let expected: BTreeSet<TagName> = (0..250).map(|n| tag(&format!("build-{n}"))).collect();
    let in_order: Vec<TagName> = expected.iter().cloned().collect();
    subject.push(&image, "acme/many", &in_order).await;
    let listing = subject.client().registry().tag_list(&path("acme/many")).await;
    assert!(listing.broken.is_none(), "{:?}", listing.broken);
    assert_eq!(listing.tags.len(), 250, "each once");
    assert_eq!(
        listing.tags.into_iter().map(|listed| listed.tag).collect::<BTreeSet<_>>(),
        expected
    );
}

pub(crate) async fn an_unknown_repository_is_an_error_and_not_an_empty_one(subject: &Subject) {
    let image = BuiltImage::single(&build("known", "amd64"), Format::Oci);
    subject.push(&image, "acme/known", &[tag("latest")]).await;
    let listing = subject.client().registry().tag_list(&path("acme/unknown")).await;
    assert_eq!(listing.tags, []);
    let error = listing.broken.unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.status(), Some(404));
    let named = error.to_string();
    let address = format!("{}/v2/acme/unknown/tags/list", subject.host());
    assert!(subject.kind != RegistryKind::Oci || named.contains(&address), "{error}");
    assert!(
        named.contains(subject.host()) && named.contains("acme/") && named.contains("unknown"),
        "{error}"
    );
}
