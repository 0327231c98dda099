//! Credentials go to hosts that may have them: by the environment, never by the policy file, which
//! may be a pull request's.

use tags::sandbox::{Auth, Settings};

use crate::service::Service;
use crate::support::program::{Home, Run};
use crate::world::{NEW, World};

const TOKEN: &str = "s3cr3t-t0ken-0123456789";
const KINDS: [(&str, &str, &str); 3] = [
    ("oci", "AWS_SECRET_ACCESS_KEY", "token-env = \"AWS_SECRET_ACCESS_KEY\"\n"),
    ("docr", "DIGITALOCEAN_ACCESS_TOKEN", ""),
    ("ghcr", "GITHUB_TOKEN", ""),
];

/// A policy with one registry at an address.
fn world(kind: &str, url: &str, more: &str) -> Home {
    let (name, api) = match kind {
        "oci" => ("acme/backend", String::new()),
        _ => ("backend", format!("namespace = \"acme\"\napi-url = \"{url}\"\n")),
    };
    let text = format!(
        "version = 1\n[registry.it]\nkind = \"{kind}\"\nurl = \"{url}\"\ninsecure = true\n{api}{more}\
         [image.backend]\nrepositories = {{ it = \"{name}\" }}\n\
         [environment.prod]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n"
    );
    Home::of(&text)
}

/// Runs it with a proxy that hears of every request to another machine.
fn run(world: &Home, proxy: &Service, words: &[&str], variables: &[(&str, &str)]) -> Run {
    world.run(words, |command| {
        let address = format!("http://{}", proxy.addr);
        command.env("http_proxy", &address).env("https_proxy", &address);
        command.envs(variables.iter().copied())
    })
}

fn is_refused(run: &Run, proxy: &Service) {
    assert_eq!(run.code, 4, "{run:?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("is not sent to evil.example"), "{run:?}");
    assert!(said.contains("TAGS_TRUSTED_HOSTS=evil.example:80"), "{run:?}");
    assert!(proxy.received().is_empty(), "{:?}", proxy.received());
    assert!(!said.contains(TOKEN));
}

#[test]
fn the_tokens_of_github_and_digitalocean_are_sent_to_nobody_else() {
    for (kind, variable, more) in &KINDS[1..] {
        for command in
            [&["verify", "prod", "--sha", NEW][..], &["list", "prod"], &["doctor"], &["cleanup"]]
        {
            let (proxy, world) = (Service::start(), world(kind, "http://evil.example", more));
            is_refused(&run(&world, &proxy, command, &[(variable, TOKEN)]), &proxy);
        }
    }
    // Nor under the name of another kind, nor as the user's name.
    for more in
        ["token-env = \"GH_TOKEN\"\n", "token-env = \"OTHER\"\nusername-env = \"GITHUB_TOKEN\"\n"]
    {
        let (proxy, world) = (Service::start(), world("oci", "http://evil.example", more));
        let variables = [("GH_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN), ("OTHER", TOKEN)];
        is_refused(&run(&world, &proxy, &["list", "prod"], &variables), &proxy);
    }
}

#[test]
fn in_a_pull_requests_run_no_credential_is_sent_to_hosts_of_the_policys_choice() {
    for event in ["pull_request", "pull_request_target"] {
        for (kind, variable, more) in KINDS {
            let (proxy, world) = (Service::start(), world(kind, "http://evil.example", more));
            let variables = [(variable, TOKEN), ("GITHUB_EVENT_NAME", event)];
            is_refused(&run(&world, &proxy, &["list", "prod"], &variables), &proxy);
        }
        // What Docker knows is a credential as well.
        let (proxy, world) = (Service::start(), world("oci", "http://evil.example", ""));
        let config = r#"{"auths": {"evil.example": {"auth": "YWxpY2U6d3JvbmctcGFzc3dvcmQ="}}}"#;
        world.file(".docker/config.json", config);
        is_refused(
            &run(&world, &proxy, &["list", "prod"], &[("GITHUB_EVENT_NAME", event)]),
            &proxy,
        );
    }
    // Elsewhere the same policy is its owner's, and without a credential nothing is refused.
    let (kind, variable, more) = KINDS[0];
    for variables in [
        [(variable, TOKEN), ("GITHUB_EVENT_NAME", "push")],
        [("X", "x"), ("GITHUB_EVENT_NAME", "pull_request")],
    ] {
        let (proxy, world) = (Service::start(), world(kind, "http://evil.example", more));
        let run = run(&world, &proxy, &["list", "prod"], &variables);
        assert!(run.code != 2 && !proxy.received().is_empty(), "{run:?}");
    }
}

#[test]
fn the_environment_trusts_more_hosts_and_names_them_well_or_not_at_all() {
    for (kind, variable, more) in KINDS {
        let (proxy, world) = (Service::start(), world(kind, "http://evil.example", more));
        let trusted = ("TAGS_TRUSTED_HOSTS", "other.example, evil.example:80");
        let variables = [(variable, TOKEN), ("GITHUB_EVENT_NAME", "pull_request"), trusted];
        let run = run(&world, &proxy, &["list", "prod"], &variables);
        assert!(run.code != 2 && !proxy.received().is_empty(), "{run:?}");
    }
    let (proxy, world) = (Service::start(), world("oci", "http://evil.example", ""));
    for text in ["https://evil.example", "*.example", "evil.example/x"] {
        let run = run(&world, &proxy, &["list", "prod"], &[("TAGS_TRUSTED_HOSTS", text)]);
        assert_eq!((run.code, proxy.received().len()), (2, 0), "{run:?}");
        assert!(run.stderr.contains("$TAGS_TRUSTED_HOSTS") && run.stderr.contains(text), "{run:?}");
    }
}

#[test]
fn who_is_redirected_to_for_the_challenge_gets_no_credentials() {
    for (kind, variable, more) in KINDS {
        for challenge in ["Basic realm=\"x\"", "Bearer realm=\"http://HOST/token\",service=\"x\""] {
            let (registry, thief) = (Service::start(), Service::start());
            let challenge = challenge.replace("HOST", &thief.addr.to_string());
            let target = format!("http://{}/v2/", thief.addr);
            registry.answer_with("GET /v2/", 307, &[("location", &target)], "");
            thief.answer_with("GET /v2/", 401, &[("www-authenticate", &challenge)], "{}");
            let world = world(kind, &format!("http://{}", registry.addr), more);
            let run = world.run(&["verify", "prod", "--sha", NEW], |c| c.env(variable, TOKEN));
            assert_eq!(run.code, 4, "{run:?}");
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(
                said.contains(&thief.addr.to_string()) && said.contains("redirects to"),
                "{run:?}"
            );
            let asked: Vec<String> = thief.received().into_iter().map(|r| r.what).collect();
            assert!(asked.iter().all(|what| what == "GET /v2/"), "{asked:?}");
        }
    }
}

#[test]
fn a_token_server_elsewhere_is_asked_only_where_the_credential_may_go() {
    for (kind, variable, more) in &KINDS[1..] {
        let (registry, proxy) = (Service::start(), Service::start());
        let challenge = "Bearer realm=\"https://evil.example/token\",service=\"x\"";
        registry.answer_with("GET /v2/", 401, &[("www-authenticate", challenge)], "{}");
        let world = world(kind, &format!("http://{}", registry.addr), more);
        let run = run(&world, &proxy, &["verify", "prod", "--sha", NEW], &[(variable, TOKEN)]);
        assert_eq!(run.code, 4, "{run:?}");
        assert!(run.stdout.contains("is not sent to evil.example"), "{run:?}");
        assert!(run.stdout.contains("TAGS_TRUSTED_HOSTS=evil.example "), "{run:?}");
        assert!(proxy.received().is_empty(), "{:?}", proxy.received());
    }
}

#[test]
fn a_token_server_over_plain_http_gets_no_credentials_wherever_the_registry_is() {
    let (kind, variable, more) = KINDS[0];
    for credentials in [true, false] {
        let (proxy, world) = (Service::start(), world(kind, "http://lan.example", more));
        let challenge = "Bearer realm=\"http://lan.example/token\",service=\"x\"";
        proxy.answer_with("GET /v2/", 401, &[("www-authenticate", challenge)], "{}");
        let variables = if credentials { vec![(variable, TOKEN)] } else { Vec::new() };
        let run = run(&world, &proxy, &["verify", "prod", "--sha", NEW], &variables);
        // Who shows nothing may ask there.
        assert_eq!(proxy.count("GET /token") == 0, credentials, "{run:?}");
        assert_eq!(run.stdout.contains("over plain http"), credentials, "{run:?}");
    }
}

#[test]
fn a_file_holds_a_token_as_its_variable_may() {
    let auth = Auth::Token {
        user: "alice".to_owned(),
        password: TOKEN.to_owned(),
        expires_in: None,
        anonymous_pull: false,
    };
    let named = "token-env = \"EAST_TOKEN\"\nusername-env = \"EAST_USER\"\n\n[registry.west]";
    let world = World::with(Settings { auth, ..Settings::default() })
        .releases()
        .policy(|text| text.replace("\n[registry.west]", named));
    let path = |name: &str| world.home.path().join(name).display().to_string();
    std::fs::write(path("token"), format!("{TOKEN}\n")).expect("written");
    std::fs::write(path("user"), "alice").expect("written");
    let files = [("EAST_TOKEN_FILE", path("token")), ("EAST_USER_FILE", path("user"))];
    let verify = |more: &[(&str, &str)]| {
        world.run(&["verify", "prod", "--sha", NEW, "-vv"], |command| {
            command.envs(files.iter().map(|(name, path)| (*name, path.as_str())));
            command.envs(more.iter().copied())
        })
    };
    let run = verify(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!format!("{run:?}").contains(TOKEN));
    // An empty variable is one that CI does not have.
    assert_eq!(verify(&[("EAST_TOKEN", "")]).code, 0);
    let both = verify(&[("EAST_TOKEN", TOKEN)]);
    assert_eq!(both.code, 2, "{both:?}");
    assert!(both.stderr.contains("$EAST_TOKEN and $EAST_TOKEN_FILE"), "{both:?}");
    let missing = verify(&[("EAST_TOKEN_FILE", "nowhere")]);
    assert_eq!(missing.code, 2, "{missing:?}");
    assert!(missing.stderr.contains("nowhere") && missing.stderr.contains("$EAST_TOKEN_FILE"));
    // Whoever names a file has a token: access without one would be another answer than expected.
    std::fs::write(path("empty"), "\n").expect("written");
    let empty = verify(&[("EAST_TOKEN_FILE", &path("empty"))]);
    assert_eq!(empty.code, 2, "{empty:?}");
    assert!(empty.stderr.contains("$EAST_TOKEN_FILE names, is empty"), "{empty:?}");
}

#[test]
fn a_file_holds_the_hosts_to_trust_as_the_variable_may() {
    let (kind, variable, more) = KINDS[0];
    let (proxy, world) = (Service::start(), world(kind, "http://evil.example", more));
    let hosts = world.file("hosts", "other.example, evil.example:80\n").display().to_string();
    let variables = [
        (variable, TOKEN),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("TAGS_TRUSTED_HOSTS_FILE", hosts.as_str()),
    ];
    let answered = run(&world, &proxy, &["list", "prod"], &variables);
    assert!(answered.code != 2 && !proxy.received().is_empty(), "{answered:?}");
    let none = [("TAGS_TRUSTED_HOSTS_FILE", "nowhere")];
    let unread = run(&world, &proxy, &["list", "prod"], &none);
    assert_eq!(unread.code, 2, "{unread:?}");
    assert!(unread.stderr.contains("nowhere, which $TAGS_TRUSTED_HOSTS_FILE names"), "{unread:?}");
}
