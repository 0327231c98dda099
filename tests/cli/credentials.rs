//! Credentials: where they come from, what is said without them, and that they stay secret.

use std::os::unix::fs::PermissionsExt as _;

use tags::sandbox::{Auth, Settings};

use crate::support::program::Run;
use crate::world::{NEW, World};

const SECRET: &str = "s3cret-that-nobody-may-see";

fn token_auth() -> Auth {
    Auth::Token {
        user: "alice".to_owned(),
        password: SECRET.to_owned(),
        expires_in: None,
        anonymous_pull: false,
    }
}

fn basic_auth() -> Auth {
    Auth::Basic { user: "alice".to_owned(), password: SECRET.to_owned() }
}

fn world(auth: Auth) -> World {
    World::with(Settings { auth, ..Settings::default() }).releases()
}

fn verify(world: &World, variables: &[(&str, &str)]) -> Run {
    world.run(&["verify", "prod", "--sha", NEW, "-vv"], |command| {
        command.envs(variables.iter().copied())
    })
}

/// A Docker config for the eastern registry; `entry` stands beside its address.
fn docker_config(world: &World, key: &str, entry: &str) {
    let folder = world.home.path().join(".docker");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = format!("{{\"{key}\": {{\"{}\": {entry}}}}}", world.east.addr());
    std::fs::write(folder.join("config.json"), text).expect("a config");
}

#[test]
fn a_variable_of_the_policy_holds_the_token() {
    for auth in [token_auth(), basic_auth()] {
        let world = world(auth).policy(|text| {
            let named =
                "token-env = \"EAST_TOKEN\"\nusername-env = \"EAST_USER\"\n\n[registry.west]";
            text.replace("\n[registry.west]", named)
        });
        let run = verify(&world, &[("EAST_TOKEN", SECRET), ("EAST_USER", "alice")]);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stderr.contains(SECRET) && !run.stdout.contains(SECRET));
        let half = verify(&world, &[("EAST_TOKEN", SECRET)]);
        assert_eq!(half.code, 4);
        assert!(half.stdout.contains("EAST_USER"), "{}", half.stdout);
    }
}

#[test]
fn the_docker_config_is_used_with_stored_logins_and_with_helpers() {
    let stored = "{\"auth\": \"YWxpY2U6czNjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU=\"}";
    for auth in [token_auth(), basic_auth()] {
        let world = world(auth);
        docker_config(&world, "auths", stored);
        assert_eq!(verify(&world, &[]).code, 0);
    }
    let world = world(token_auth());
    docker_config(&world, "credHelpers", "\"test\"");
    let helper = world.home.path().join("docker-credential-test");
    let say = format!(
        "#!/bin/sh\ncat >/dev/null\necho '{{\"ServerURL\":\"x\",\"Username\":\"alice\",\"Secret\":\"{SECRET}\"}}'\n"
    );
    let path = format!("{}:/usr/bin:/bin", world.home.path().display());
    let run = |script: &str| {
        std::fs::write(&helper, script).expect("a helper");
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).expect("set");
        verify(&world, &[("PATH", &path)])
    };
    assert_eq!(run(&say).code, 0);
    let broken =
        run(&format!("#!/bin/sh\ncat >/dev/null\necho {SECRET}; echo {SECRET} >&2; exit 1\n"));
    assert_eq!(broken.code, 4);
    assert!(broken.stdout.contains("the credential helper"), "{}", broken.stdout);
    assert!(!format!("{broken:?}").contains(SECRET));
}

#[test]
fn without_credentials_it_is_said_what_to_set() {
    for auth in [token_auth(), basic_auth()] {
        let run = verify(&world(auth), &[]);
        assert_eq!(run.code, 4, "{run:?}");
        assert!(run.stdout.contains("anonymous access"), "{}", run.stdout);
        assert!(run.stdout.contains("docker login"), "{}", run.stdout);
    }
}

#[test]
fn wrong_credentials_are_told_by_where_they_came_from_and_never_shown() {
    for auth in [token_auth(), basic_auth()] {
        let world = world(auth);
        docker_config(&world, "auths", "{\"auth\": \"YWxpY2U6d3JvbmctcGFzc3dvcmQ=\"}");
        let run = verify(&world, &[]);
        assert_eq!(run.code, 4, "{run:?}");
        assert!(run.stdout.contains("from the Docker config"), "{}", run.stdout);
        assert!(!format!("{run:?}").contains("wrong-password"));
    }
}
