//! Things that answer and are no registry: login pages, empty answers, broken lists.

use crate::support::server::server;
use crate::world::{NEW, World};

fn response(status: &str, header: &str, body: &str) -> String {
    format!("{status}{header}\n\n{body}")
}

/// The address of something that answers every request with this.
fn fake(answer: &str) -> String {
    let answer = answer.to_owned();
    server(move |_, _| answer.clone()).trim_start_matches("http://").to_owned()
}

/// The program's exit codes for `verify --quick` and `list` against such a server.
fn codes(answer: &str) -> (i32, i32) {
    let world = World::empty();
    let real = world.east.addr().to_string();
    let fake = fake(answer);
    let world = world.policy(|text| text.replace(&real, &fake) + "registries = [\"east\"]\n");
    let verify = world.tags(&["verify", "prod", "--sha", NEW, "--quick"]);
    let list = world.tags(&["list", "prod"]);
    assert!(!verify.stdout.contains("missing"), "{verify:?}");
    (verify.code, list.code)
}

#[test]
fn what_is_no_registry_neither_holds_nor_lacks_anything() {
    let html = "\nContent-Type: text/html";
    let json = "\nContent-Type: application/json";
    for answer in [
        response("200 OK", html, "<html>please log in</html>"),
        response("204 No Content", "", ""),
        response("200 OK", json, "{\"errors\":[{\"code\":\"DENIED\"}]}"),
        response("200 OK", json, "{\"name\":\"acme/backend\"}"),
        response("200 OK", json, "[]"),
        response("302 Found", "\nLocation: http://127.0.0.1:1/login", ""),
        response("418 I'm a teapot", "", "##[error]\u{1b}[31m"),
    ] {
        assert_eq!(codes(&answer), (3, 3), "{answer}");
    }
}

#[test]
fn a_listing_that_goes_round_in_circles_is_no_whole_listing() {
    let body = format!("{{\"name\":\"acme/backend\",\"tags\":[\"prod-{NEW}\"]}}");
    let next = "\nLink: </v2/acme/backend/tags/list?last=x>; rel=\"next\"";
    assert_eq!(codes(&response("200 OK", next, &body)).1, 3);
    let empty = "{\"name\":\"acme/backend\",\"tags\":null}";
    assert_eq!(codes(&response("200 OK", next, empty)).1, 3);
}

#[test]
fn the_log_never_holds_what_a_ci_runner_or_a_terminal_would_obey() {
    let world = World::empty();
    let real = world.east.addr().to_string();
    let body =
        "{\"errors\":[{\"code\":\"X\",\"message\":\"##[error]a\\u001b[31m\\u202e\\n::error::b\"}]}";
    let fake = fake(&response("503 No", "", body));
    let world = world.policy(|text| text.replace(&real, &fake));
    let run = world.tags(&["verify", "prod", "--sha", NEW, "-vv"]);
    assert_eq!(run.code, 3);
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("##[") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}
