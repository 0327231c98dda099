//! What was pushed is there, all of it and as it was.

use futures_util::{StreamExt as _, stream};
use tags::model::{Digest, RepositoryPath, TagName};
use tags::registry::{Backend, ManifestSelector};
use tags::sandbox::history::History;
use tags::sandbox::{Store, StoredManifest, StoredTag};

use super::Subject;

/// How many questions are under way at once.
const AT_ONCE: usize = 32;

/// A store that took the same pushes says what must be there.
pub(crate) async fn is_read_back_as_it_was_pushed(subject: &Subject, history: &History) {
    let expected = Store::new();
    history.fill(&expected);
    let client = subject.client();
    let registry = client.registry();
    assert_eq!(expected.repositories().len(), 2);
    for repository in expected.repositories() {
        let tags = expected.tags(&repository).unwrap();
        let listing = registry.tag_list(&repository).await;
        assert!(listing.broken.is_none(), "{:?}", listing.broken);
        let mut listed: Vec<TagName> = listing.tags.into_iter().map(|tag| tag.tag).collect();
        listed.sort();
        assert!(listed.iter().eq(tags.keys()), "{repository} lists {listed:?}");
        let heads = tags.iter().map(|(tag, stored)| head(registry, &repository, tag, stored));
        stream::iter(heads).buffer_unordered(AT_ONCE).collect::<()>().await;
        let manifests = expected.manifests(&repository);
        let gets =
            manifests.iter().map(|(digest, stored)| get(registry, &repository, digest, stored));
        stream::iter(gets).buffer_unordered(AT_ONCE).collect::<()>().await;
    }
}

async fn head(registry: &Backend, of: &RepositoryPath, tag: &TagName, stored: &StoredTag) {
    let found = registry.manifest_head(of, ManifestSelector::Tag(tag)).await.unwrap();
    assert_eq!(found.as_ref(), Some(&stored.digest), "{of}:{tag}");
}

async fn get(registry: &Backend, of: &RepositoryPath, digest: &Digest, stored: &StoredManifest) {
    let found = registry.manifest_get(of, ManifestSelector::Digest(digest)).await.unwrap();
    let found = found.unwrap_or_else(|| panic!("{of}@{digest} is not there"));
    assert_eq!(found.bytes, stored.bytes);
}
