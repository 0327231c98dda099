//! Things that answer and are no registry: login pages, empty answers, broken lists.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::world::{NEW, World};

/// Answers every request with the same bytes; ends with the test.
fn server(answer: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let answer = answer.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

/// The program's exit codes for `verify --quick` and `list` against such a server.
fn codes(answer: &str) -> (i32, i32) {
    let world = World::empty();
    let real = world.east.addr().to_string();
    let fake = server(answer);
    let world = world.policy(|text| text.replace(&real, &fake) + "registries = [\"east\"]\n");
    let verify = world.tags(&["verify", "prod", "--sha", NEW, "--quick"]);
    let list = world.tags(&["list", "prod"]);
    assert!(!verify.stdout.contains("missing"), "{verify:?}");
    (verify.code, list.code)
}

#[test]
fn what_is_no_registry_neither_holds_nor_lacks_anything() {
    let html = "Content-Type: text/html\r\n";
    let json = "Content-Type: application/json\r\n";
    for answer in [
        response("200 OK", html, "<html>please log in</html>"),
        response("204 No Content", "", ""),
        response("200 OK", json, "{\"errors\":[{\"code\":\"DENIED\"}]}"),
        response("200 OK", json, "{\"name\":\"acme/backend\"}"),
        response("200 OK", json, "[]"),
        response("302 Found", "Location: http://127.0.0.1:1/login\r\n", ""),
        response("418 I'm a teapot", "", "##[error]\u{1b}[31m"),
    ] {
        assert_eq!(codes(&answer), (3, 3), "{answer}");
    }
}

#[test]
fn a_listing_that_goes_round_in_circles_is_no_whole_listing() {
    let body = format!("{{\"name\":\"acme/backend\",\"tags\":[\"prod-{NEW}\"]}}");
    let next = "Link: </v2/acme/backend/tags/list?last=x>; rel=\"next\"\r\n";
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
    let fake = server(&response("503 No", "", body));
    let world = world.policy(|text| text.replace(&real, &fake));
    let run = world.tags(&["verify", "prod", "--sha", NEW, "-vv"]);
    assert_eq!(run.code, 3);
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("##[") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}
