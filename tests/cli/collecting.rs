//! `tags gc` cut short: what may still go on and how to come back to it; and its ends in every format.

use std::process::{Child, Stdio};
use std::time::Duration;

use tags::policy::RegistryKind;
use tags::sandbox::docr::{DocrSettings, StateDuration};
use tags::sandbox::{Sandbox, Settings};

use crate::gc::{
    ACTIVE, ALL, CANCEL, RISKY, START, entry, gc, idle, listed, one, with_index, world,
};
use crate::service::Service;
use crate::support::{
    policy,
    program::{Home, in_time, now, signal},
    registries,
};

const TOKEN: &str = "dop_v1_secret";

/// A run that goes on until it is told to end.
fn begin(world: &Home, arguments: &[&str]) -> Child {
    world
        .command(arguments)
        .env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run")
}

/// Ctrl-C, once this is so; the exit code and what was said.
fn interrupt(child: Child, when: impl Fn() -> bool) -> (Option<i32>, String) {
    assert!(in_time(when), "it never came so far");
    signal("INT", child.id());
    let end = child.wait_with_output().expect("an end");
    (end.status.code(), String::from_utf8(end.stderr).expect("text"))
}

fn says_how_to_go_on(said: &str) {
    for command in ["`tags gc docr --follow` follows it", "`tags gc docr --cancel` cancels it"] {
        assert!(said.contains(command), "{said}");
    }
    assert!(said.contains("read-only until the collection ends"), "{said}");
}

/// DigitalOcean's registry, which lets requests to start or to cancel wait.
fn slow(method: &str) -> (Sandbox, Home) {
    let mut docr = DocrSettings::new("acme", TOKEN);
    docr.collection.state_duration = StateDuration::Time(Duration::from_mins(10));
    let registry = registries::start(Settings::docr(docr, now()));
    registries::fault(&registry, &format!("delay=20s@{method}:/garbage-collection*always"));
    let home = Home::of(&policy::one("docr", RegistryKind::Docr, &registry.url()));
    (registry, home)
}

fn sent(registry: &Sandbox, method: &str) -> bool {
    registry.requests().iter().any(|record| record.method.as_str() == method)
}

#[test]
fn a_cancel_without_an_answer_may_have_been_sent() {
    let (registry, world) = slow("PUT");
    let left = world.run(&["gc", "docr", "--wait", "1s"], |command| {
        command.env("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
    });
    assert_eq!(left.code, 1, "{left:?}");
    let child = begin(&world, &["gc", "docr", "--cancel"]);
    let (code, said) = interrupt(child, || sent(&registry, "PUT"));
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("a cancel request may have been sent"), "{said}");
    says_how_to_go_on(&said);
}

#[test]
fn a_start_without_an_answer_may_have_begun() {
    let (registry, world) = slow("POST");
    let child = begin(&world, &["gc", "docr"]);
    let (code, said) = interrupt(child, || sent(&registry, "POST"));
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("a collection may have started"), "{said}");
    says_how_to_go_on(&said);
}

#[test]
fn a_cancel_or_a_follow_that_is_cut_short_says_how_to_go_on() {
    for (argument, expected) in
        [("--cancel", "is being cancelled (cancelling)"), ("--follow", "continues (cancelling)")]
    {
        let service = Service::start();
        service.answer(ACTIVE, 200, &one("cancelling")).answer(CANCEL, 200, &one("cancelling"));
        let world = world(&service);
        let child = begin(&world, &["gc", "docr", argument]);
        let (code, said) = interrupt(child, || service.count(ACTIVE) > 1);
        assert_eq!(code, Some(130), "{said}");
        assert!(said.contains(expected), "{said}");
        says_how_to_go_on(&said);
        assert_eq!(service.count(CANCEL), usize::from(argument == "--cancel"));
    }
}

#[test]
fn nothing_is_said_to_go_on_where_nothing_was_sent() {
    let (registry, world) = slow("GET");
    let child = begin(&world, &["gc", "docr"]);
    let (code, said) = interrupt(child, || sent(&registry, "GET"));
    assert_eq!((code, said.as_str()), (Some(130), ""));
}

#[test]
fn a_cancel_that_is_refused_or_lost_is_told_apart() {
    let active = |service: &Service| {
        service.answer(ACTIVE, 200, &one("scanning manifests"));
    };
    let service = Service::start();
    active(&service);
    service.answer(CANCEL, 403, r#"{"id":"forbidden","message":"no"}"#);
    let refused = gc(&service, &["docr", "--cancel"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stdout.contains("registry:update"), "{refused:?}");

    let service = Service::start();
    active(&service);
    service.answer(CANCEL, 500, "{}");
    let lost = gc(&service, &["docr", "--cancel"]);
    assert_eq!((lost.code, service.count(CANCEL)), (3, 1), "{lost:?}");
    assert!(lost.stdout.contains("may still be running, or be cancelled"), "{lost:?}");

    for status in [404, 409, 412] {
        let service = Service::start();
        active(&service);
        service.answer(CANCEL, status, r#"{"id":"gone","message":"over"}"#);
        service.answer(ACTIVE, 404, "{}").answer(ALL, 200, &listed(&[entry("succeeded")]));
        let over = gc(&service, &["docr", "--cancel"]);
        assert_eq!(over.code, 0, "{over:?}");
        assert!(over.stdout.contains("1.5 KiB freed"), "{over:?}");
    }
}

#[test]
fn hostile_words_of_a_registry_stay_words() {
    let service = Service::start();
    let evil = "\\u001b[2J\\u202e::set-output name=outcome::ok\\n::error::x ##[error]y";
    service.answer(ACTIVE, 200, &one(evil));
    for format in ["human", "github", "markdown", "json"] {
        let run = gc(&service, &["docr", "--format", format]);
        assert_eq!(run.code, 5, "{run:?}");
        let text = format!("{}{}", run.stdout, run.stderr);
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(format == "json" || !text.contains(raw), "{format}: {text:?}");
        assert!(!text.contains('\u{1b}'), "{format}: {text:?}");
        let commands = text.lines().filter(|line| line.starts_with("::"));
        assert_eq!(commands.count(), usize::from(format == "github"), "{text}");
        assert!(format == "json" || !text.contains("##["), "{format}: {text}");
    }
}

fn shown(service: &Service, arguments: &[&str]) -> String {
    let run = gc(service, arguments);
    let text =
        format!("exit code: {}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr);
    text.replace(&service.addr.to_string(), "DOCR")
}

/// A name, a registry made anew for each run, and what it is asked.
type Case = (&'static str, fn() -> Service, &'static [&'static str]);

#[test]
fn gc_in_every_format() {
    let cases: [Case; 4] = [
        ("done", done, &["docr"]),
        ("active", active, &["docr"]),
        ("at-risk", || with_index(false), &RISKY),
        ("refused", refused, &["docr"]),
    ];
    for (name, service, arguments) in cases {
        for format in ["human", "json", "github", "markdown"] {
            let text = shown(&service(), &[arguments, &["--format", format]].concat());
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(format!("gc-{name}-{format}"), text));
        }
    }
}

fn done() -> Service {
    let service = idle();
    service.answer(START, 201, &one("requested"));
    service.answer(ACTIVE, 200, &one("deleting unreferenced blobs"));
    service.answer(ACTIVE, 404, "{}").answer(ALL, 200, &listed(&[entry("succeeded")]));
    service
}

fn active() -> Service {
    let service = Service::start();
    service.answer(ACTIVE, 200, &one("scanning manifests"));
    service
}

fn refused() -> Service {
    let service = idle();
    service.answer(START, 403, r#"{"id":"forbidden","message":"You are not authorized"}"#);
    service
}
