//! Lists of references in use: what is understood, what is refused, and which mirror is proposed.

use proptest::prelude::*;
use tags::model::{Contents, Digest, ImageId, TagName};
use tags::policy::{self, Policy};
use tags::retention::in_use::parse;
use tags::retention::{ImagesById, InUse, InUseError, InUseReference};

const POLICY: &str = r#"
version = 1
[registry.docr]
kind = "docr"
namespace = "meatscentral"
[registry.ghcr]
kind = "ghcr"
namespace = "meats-central"
[registry.local]
kind = "oci"
url = "http://127.0.0.1:5000"
[image.backend]
repositories = { docr = "backend", ghcr = "backend", local = "backend" }
[environment.prod]
sha-tag = "prod-{sha}"
latest-tag = "prod-latest"
"#;
const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn read(text: &str) -> Result<InUse, InUseError> {
    parse(text, &policy::parse("tags.toml", POLICY).expect("a policy"))
}

fn shown(text: &str) -> Vec<String> {
    let in_use = read(text).expect("references");
    let word = |reference: &InUseReference| {
        let tag = reference.tag.as_ref().map_or("-", TagName::as_str);
        let digest = reference.digest.as_ref().map_or("-".to_owned(), Digest::short);
        format!("{} {tag} {digest}", reference.repository.registry)
    };
    in_use.references.iter().map(word).collect()
}

#[test]
fn what_docker_and_kubectl_print_is_understood() {
    let listed = format!(
        "\u{feff}registry.digitalocean.com/meatscentral/backend:prod-3f2a1bc\r\n\
         docker-pullable://ghcr.io/meats-central/backend@sha256:{HEX} 127.0.0.1:5000/backend\n\
         GHCR.io/meats-central/backend:prod-3f2a1bc@sha256:{HEX} docker.io/library/redis:7\n"
    );
    assert_eq!(
        shown(&listed),
        [
            "docr prod-3f2a1bc -",
            "ghcr - sha256:e3b0c44298fc",
            "local latest -",
            "ghcr prod-3f2a1bc sha256:e3b0c44298fc",
        ]
    );
    assert_eq!(read(&listed).expect("references").ignored, 1);
    let twice = "ghcr.io/meats-central/backend:a ghcr.io:443/meats-central/backend:a";
    assert!(shown(twice).iter().all(|line| line == "ghcr a -"));
}

#[test]
fn what_cannot_be_understood_is_never_left_out() {
    let good = "ghcr.io/meats-central/backend:a\n";
    for text in [
        "<none>",
        "a b:c:d",
        "ghcr.io/meats-central/backend@sha256:ABC",
        "ghcr.io/a:\u{1b}",
        "sha256:abc",
        &format!("sha256:{HEX}0"),
        &HEX.to_uppercase(),
    ] {
        let error = read(&format!("{good}\n{text}")).expect_err(text);
        assert!(matches!(error, InUseError::NotAReference { line: 3, .. }), "{text}: {error}");
    }
    let upper = format!("{good}ghcr.io/meats-central/backend@sha256:{}", HEX.to_uppercase());
    assert!(!read(&upper).expect_err("no digest").protects_nothing());
}

#[test]
fn what_has_no_name_is_matched_by_its_content() {
    let shown = [&HEX[..12], HEX, &format!("sha256:{HEX}"), &format!("docker://sha256:{HEX}")];
    let in_use = read(&shown.join("\n")).expect("IDs");
    assert_eq!((in_use.ids().len(), in_use.ignored), (2, 0));
    let foreign = format!("quay.io/a/b@sha256:{HEX} quay.io/a/c:1@sha256:{HEX} redis:7");
    let in_use = read(&foreign).expect("a digest");
    assert_eq!((in_use.unqualified.len(), in_use.ignored), (1, 1));
    let nowhere = in_use.found(&Contents::default(), &ImagesById::new());
    assert_eq!(nowhere.checked(), Err(InUseError::NothingKnown { count: 2 }));
    let id = ImageId::parse(&HEX[..12]).expect("an ID");
    let digest = Digest::of(b"");
    let at = read("ghcr.io/meats-central/backend").expect("one").references.remove(0).repository;
    let by_id = ImagesById::from([(id, vec![(at, digest.clone())])]);
    let found = read(&HEX[..12]).expect("an ID").found(&Contents::default(), &by_id);
    assert_eq!((found.known, found.others, found.checked()), (1, 0, Ok(())));
    assert_eq!(found.references[0].digest, Some(digest));
}

#[test]
fn a_list_that_protects_nothing_is_an_error_of_its_own() {
    assert_eq!(read(" \r\n\n"), Err(InUseError::Empty));
    assert_eq!(read("redis:7 postgres"), Err(InUseError::NothingKnown { count: 2 }));
    assert!(read("redis:7").expect_err("nothing").protects_nothing());
}

/// A policy with a namespace and, where wanted, a mirror.
fn mirrored(namespace: &str, path: &str, mirror: Option<&str>) -> Policy {
    let mirrors = mirror.map_or_else(String::new, |at| format!("mirrors = [\"{at}\"]"));
    let text = format!(
        r#"
version = 1
[registry.one]
kind = "ghcr"
namespace = "{namespace}"
{mirrors}
[registry.two]
kind = "oci"
url = "https://two.example"
[image.app]
repositories = {{ one = "{path}", two = "elsewhere/{path}x" }}
[environment.prod]
sha-tag = "prod-{{sha}}"
latest-tag = "prod-latest"
"#
    );
    policy::parse("tags.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

proptest! {
    /// What a warning proposes is what makes the reference the policy's own, and nothing else is.
    #[test]
    fn the_mirror_that_is_proposed_is_the_one_that_helps(
        namespace in "[a-z]{1,6}",
        path in "[a-z]{1,6}(/[a-z]{1,6}){0,2}",
        before in prop::collection::vec("[a-z0-9]{1,6}", 0..3),
        port in prop::option::of(1024u16..65535),
        whole: bool,
        digest: bool,
    ) {
        let host = port.map_or("h.example.com".to_owned(), |port| format!("h.example.com:{port}"));
        let mut parts = before.clone();
        parts.insert(0, host);
        let mirror = parts.join("/");
        let below = if whole { format!("{namespace}/{path}") } else { path.clone() };
        let digest = if digest { format!("@{}", Digest::of(b"")) } else { String::new() };
        let reference = format!("{mirror}/{below}:prod-3f2a1bc{digest}");
        let own = parse(&reference, &mirrored(&namespace, &path, Some(&mirror))).expect("its own");
        prop_assert_eq!(own.references.len(), 1);
        prop_assert_eq!(own.references[0].repository.registry.as_str(), "one");
        prop_assert!(own.unqualified.is_empty() && own.ignored == 0 && own.warnings.is_empty());

        let known = "ghcr.io/none/such:x two.example/elsewhere/";
        let list = format!("{known}{path}x:prod-latest {reference}");
        let stray = parse(&list, &mirrored(&namespace, &path, None)).expect("a list");
        prop_assert_eq!(stray.references.len(), 1);
        if digest.is_empty() {
            let said = stray.warnings.first().expect("a warning");
            let (_, line) = said.split_once("mirrors = [\"").expect("a line");
            let (proposed, _) = line.split_once("\"]").expect("its end");
            let again = parse(&reference, &mirrored(&namespace, &path, Some(proposed)));
            prop_assert_eq!(again.expect("its own").references.len(), 1);
        } else {
            prop_assert_eq!(stray.unqualified.len(), 1);
        }
    }

    /// An ID protects what it begins, and only that.
    #[test]
    fn an_id_is_of_the_digests_that_begin_with_it(
        bytes in prop::collection::vec(any::<u8>(), 0..8),
        length in 12usize..=64,
        other in prop::collection::vec(any::<u8>(), 9..12),
    ) {
        let digest = Digest::of(&bytes);
        let hex = &digest.encoded()[..length];
        for text in [hex.to_owned(), format!("sha256:{hex}"), format!("docker://sha256:{hex}")] {
            let ids = read(&text).expect("an ID").ids();
            prop_assert_eq!(ids.len(), 1);
            prop_assert!(ids[0].matches(&digest) && !ids[0].matches(&Digest::of(&other)));
        }
    }
}
