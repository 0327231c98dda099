//! Who is not let in is told so, where, and what to do about it.

use tags::collect::{Depth, observe};
use tags::model::UnreadCause;
use tags::registry::{ErrorKind, ManifestSelector, RequestError};
use tags::sandbox::content::{BuiltImage, Format};
use tags::verify::{VerifyVerdict, verify};

use super::content::{build, story};
use super::{ALICE, Login, Subject};
use crate::support::{path, tag};

const WRONG: Login = Login { password: "not-the-s3cret", ..ALICE };

pub(crate) async fn a_wrong_password_is_told_as_such(subject: &Subject) {
    is_kept_out(subject, Some(WRONG)).await;
}

pub(crate) async fn nobody_gets_in_without_credentials(subject: &Subject) {
    is_kept_out(subject, None).await;
}

pub(crate) async fn a_token_that_has_ended_is_renewed_unseen(subject: &Subject) {
    let image = BuiltImage::single(&build("renewed", "amd64"), Format::Oci);
    let latest = tag("prod-latest");
    subject.push(&image, "acme/backend", std::slice::from_ref(&latest)).await;
    let client = subject.client();
    subject.backdoor.token_end();
    let by = ManifestSelector::Tag(&latest);
    let head = client.registry().manifest_head(&path("acme/backend"), by).await.unwrap();
    assert_eq!(head, Some(image.root.digest));
    let sent = client.connections.http().meter().traffic().requests;
    // The challenge, a token, the refusal, another token, the answer.
    assert_eq!(sent, 5);
}

/// Every question ends in the same error, and the verdict knows why.
async fn is_kept_out(subject: &Subject, login: Option<Login>) {
    let image = BuiltImage::single(&build("kept", "amd64"), Format::Oci);
    let latest = tag("prod-latest");
    subject.push(&image, "acme/backend", std::slice::from_ref(&latest)).await;
    let client = subject.client_as(login);
    let (registry, repository) = (client.registry(), path("acme/backend"));
    let by = ManifestSelector::Tag(&latest);
    explains(subject, &registry.manifest_head(&repository, by).await.unwrap_err());
    explains(subject, &registry.manifest_get(&repository, by).await.unwrap_err());
    explains(subject, &registry.blob_head(&repository, &image.root.digest).await.unwrap_err());
    let listing = registry.tag_list(&repository).await;
    assert_eq!(listing.tags, []);
    explains(subject, &listing.broken.unwrap());

    let (environment, sha) = (client.environment("prod"), story().current("prod").unwrap().clone());
    let seen = observe(client.collector(), environment, &sha, Depth::Content).await;
    let verdict = verify(environment, &sha, &seen, None).verdict();
    assert_eq!(verdict, VerifyVerdict::Unknown(UnreadCause::Credentials));
}

fn explains(subject: &Subject, error: &RequestError) {
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    let said = format!("{error} {} {error:?}", error.hint().unwrap());
    assert!(error.to_string().contains(subject.host()), "{error}");
    assert!(!said.contains(WRONG.password), "{said}");
}
