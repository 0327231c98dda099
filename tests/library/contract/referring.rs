//! What refers to a manifest, from the registry that keeps account of it and from one that does not.

use tags::sandbox::content::{BuiltImage, Format};

use super::Subject;
use super::content::build;
use crate::support::{path, tag};

const REPOSITORY: &str = "acme/backend";
const KIND: &str = "application/vnd.example.sig";

async fn filled(subject: &Subject) -> (BuiltImage, [BuiltImage; 2]) {
    let image = BuiltImage::single(&build("signed", "amd64"), Format::Oci);
    let signed = |text: &str| BuiltImage::artifact(&image.root, KIND, text.as_bytes());
    let signatures = [signed("one"), signed("two")];
    subject.push(&image, REPOSITORY, &[tag("prod-latest")]).await;
    for signature in &signatures {
        subject.push(signature, REPOSITORY, &[]).await;
    }
    (image, signatures)
}

pub(crate) async fn what_refers_to_a_manifest_is_listed(subject: &Subject) {
    let (image, signatures) = filled(subject).await;
    let client = subject.client();
    let of = async |digest| {
        let list = client.registry().referrer_list(&path(REPOSITORY), digest).await;
        let mut found: Vec<_> = list.unwrap().unwrap();
        found.sort_by(|a, b| a.digest.cmp(&b.digest));
        found
    };
    let mut expected = signatures.each_ref().map(|signature| signature.root.digest.clone());
    expected.sort();
    let found = of(&image.root.digest).await;
    assert!(found.iter().map(|one| &one.digest).eq(&expected), "{found:?}");
    assert!(found.iter().all(|one| one.artifact_type.as_deref() == Some(KIND)), "{found:?}");
    assert_eq!(of(&expected[0]).await, []);
}

pub(crate) async fn that_referrers_are_not_known_is_told_from_there_being_none(subject: &Subject) {
    let (image, _) = filled(subject).await;
    let client = subject.client();
    let list = client.registry().referrer_list(&path(REPOSITORY), &image.root.digest).await;
    assert_eq!(list.unwrap(), None);
}
