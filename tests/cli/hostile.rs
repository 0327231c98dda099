//! What a registry says is data, and a token is nobody's business: neither terminals nor CI logs
//! nor files get the one raw or the other at all.

use chrono::TimeDelta;
use tags::sandbox::content::{BuiltImage, Format};

use crate::cleaning;
use crate::service::Service;
use crate::support::program::Run;
use crate::world::{MID, NEW, OLD, World, build};

const TOKEN: &str = "s3cr3t-t0ken-0123456789";
const WORDS: &str = r#"{"errors":[{"code":"DENIED","message":"\u001b[31mred\r\n::error title=x::owned\n\u202etxt <b>|`"}]}"#;

/// A registry with three releases that refuses to delete, in words of its own.
fn refusing() -> (Service, World) {
    let service = Service::start();
    service.answer("GET /v2/", 200, "{}");
    let mut names = Vec::new();
    for (age, sha) in [(3, OLD), (2, MID), (1, NEW)] {
        let image = BuiltImage::single(&build("backend", sha, TimeDelta::days(age)), Format::Oci);
        let text = String::from_utf8(image.root.bytes.to_vec()).expect("JSON");
        let digest = service.manifest("acme/backend", &format!("prod-{sha}"), &text);
        if sha == NEW {
            service.manifest("acme/backend", "prod-latest", &text);
            names.push("prod-latest".to_owned());
        }
        names.push(format!("prod-{sha}"));
        for blob in &image.blobs {
            let body = String::from_utf8(blob.bytes.to_vec()).expect("text");
            for method in ["GET", "HEAD"] {
                let what = format!("{method} /v2/acme/backend/blobs/{}", blob.digest);
                service.answer(&what, 200, &body);
            }
        }
        service.answer(&format!("DELETE /v2/acme/backend/manifests/{digest}"), 403, WORDS);
        let referrers = format!("GET /v2/acme/backend/referrers/{digest}");
        let none = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
        service.answer(&referrers, 200, none);
    }
    let list = serde_json::json!({"name": "acme/backend", "tags": names}).to_string();
    service.answer("GET /v2/acme/backend/tags/list", 200, &list);
    let url = format!("http://{}", service.addr);
    let world = cleaning::world().policy(|text| {
        let rest = text.split_once("[environment.prod]").expect("a policy").1;
        format!(
            "version = 1\n[registry.east]\nkind = \"oci\"\nurl = \"{url}\"\n\
             token-env = \"TOKEN\"\nusername-env = \"NAME\"\n\
             [image.backend]\nrepositories = {{ east = \"acme/backend\" }}\n\
             [environment.prod]{rest}"
        )
    });
    (service, world)
}

fn run(world: &World, arguments: &[&str]) -> (Run, String) {
    let file = |name: &str| world.home.path().join(name);
    let run = world.run(arguments, |command| {
        command
            .env("NAME", "robot")
            .env("TOKEN", TOKEN)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
    });
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap_or_default();
    let all = format!("{}{}{}{}", run.stdout, run.stderr, read("output"), read("summary"));
    (run, all)
}

#[test]
fn the_words_of_a_refusal_command_nothing() {
    for format in ["human", "json", "github", "markdown"] {
        let (_service, world) = refusing();
        let arguments = ["cleanup", "--apply", "-vv", "--format", format, "--journal", "j.jsonl"];
        let (run, all) = run(&world, &arguments);
        assert_eq!(run.code, 4, "{run:?}");
        assert!(all.contains("owned"), "the registry's words are told: {all}");
        assert!(!all.contains(['\u{1b}', '\r', '\u{202e}']), "{all}");
        assert!(!all.lines().any(|line| line.trim_start().starts_with("::error title=x")), "{all}");
        let journal = world.home.read("j.jsonl");
        for text in [&all, &journal] {
            assert!(!text.contains(TOKEN) && !text.contains("cm9ib3Q6"), "{format}: {text}");
        }
        if format == "json" {
            assert_eq!(cleaning::results(&run.json(), "failed"), 1);
        }
    }
}

#[test]
fn the_words_of_a_broken_listing_command_nothing() {
    for format in ["human", "json", "github", "markdown"] {
        let (service, world) = refusing();
        service.answer("GET /v2/acme/backend/tags/list", 403, WORDS);
        let list = "GET /v2/acme/backend/tags/list";
        // The good answer was the first; from now on the other one counts.
        let _ = run(&world, &["cleanup", "--format", format]);
        let (run, all) = run(&world, &["cleanup", "--format", format]);
        assert!(service.count(list) > 1 && run.code == 4, "{run:?}");
        assert!(!all.contains(['\u{1b}', '\r', '\u{202e}']), "{all}");
        assert!(!all.lines().any(|line| line.trim_start().starts_with("::error title=x")), "{all}");
        assert!(!all.contains(TOKEN), "{all}");
    }
}

#[test]
fn in_actions_there_are_outputs_a_summary_and_one_line_annotations() {
    let world = cleaning::world();
    let (run, _) = run(&world, &["cleanup", "--apply", "--journal", "j.jsonl"]);
    assert_eq!(run.code, 0, "{run:?}");
    let read = |name: &str| world.home.read(name);
    let output = read("output");
    for line in ["outcome=ok", "planned=4", "deleted=4", "kept=8", "journal=j.jsonl"] {
        assert!(output.lines().any(|is| is == line), "{line}: {output}");
    }
    assert!(read("summary").contains("| ") && run.stdout.contains("::notice title="), "{run:?}");
}
