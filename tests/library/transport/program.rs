//! The program itself, as a child process: without CA certificates, and with a talkative log.

use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tags::sandbox::{Auth, Sandbox};
use tokio::process::Command;

use crate::support::registries::fault;
use crate::transport::support::{PASSWORD, SHA, count, policy_text, registry};

/// A run of the program in an empty room, with the policy for a registry.
fn program(room: &Path, registry: &Sandbox, arguments: &[&str]) -> Command {
    std::fs::write(room.join("tags.toml"), policy_text(&[registry])).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tags"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", room)
        .env("TAGS_POLICY", room.join("tags.toml"))
        .env("TEST_REGISTRY_TOKEN", PASSWORD)
        .stdin(Stdio::null());
    command
}

#[tokio::test]
async fn it_works_on_a_machine_without_ca_certificates() {
    let registry = registry(Auth::None).await;
    for arguments in [&["verify", "prod", "--sha", SHA][..], &["demo"][..]] {
        let room = tempfile::tempdir().unwrap();
        let mut command = program(room.path(), &registry, arguments);
        let nowhere = room.path().join("none");
        command.env("SSL_CERT_FILE", &nowhere).env("SSL_CERT_DIR", &nowhere);
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    assert!(count(&registry, "HEAD") >= 4);
}

/// A registry that knows the user name which the program takes for plain OCI registries.
async fn token_registry() -> Sandbox {
    let (user, password) = ("token".to_owned(), PASSWORD.to_owned());
    registry(Auth::Token { user, password, expires_in: None, anonymous_pull: false }).await
}

#[tokio::test]
async fn the_most_talkative_log_says_each_request_and_no_secret() {
    for (trouble, code) in [("503@/manifests/", 0), ("401@/manifests/*always", 4)] {
        for format in ["text", "json"] {
            let room = tempfile::tempdir().unwrap();
            let registry = token_registry().await;
            fault(&registry, trouble);
            let arguments = ["-vv", "--log-format", format, "verify", "prod", "--sha", SHA];
            let output = program(room.path(), &registry, &arguments).output().await.unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{said}");
            let all = said + &String::from_utf8(output.stdout).unwrap();
            assert!(all.matches("/manifests/").count() >= 4, "{all}");
            assert_holds_no_secret(&all, &registry);
        }
    }
}

fn assert_holds_no_secret(text: &str, registry: &Sandbox) {
    let shown = registry.requests().into_iter().filter_map(|request| request.authorization);
    let mut secrets: Vec<String> = shown.map(|authorization| authorization.value).collect();
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() > 2, "a password and two tokens were sent");
    assert!(secrets.contains(&STANDARD.encode(format!("token:{PASSWORD}"))));
    secrets.push(PASSWORD.to_owned());
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
}
