//! What a log shows, and what only looks like it.

use crate::runs::log::{digest, images, pull, push, read, step, timed};

const REF: &str = "registry.digitalocean.com/acme/backend:prod-1111111";

#[test]
fn a_pull_is_read_with_its_digest() {
    let expected = [format!("pull {REF} a")];
    let plain = pull(REF, 'a');
    for (what, text) in [
        ("bare", plain.clone()),
        ("as the runner writes it", timed(&step(&["docker pull $IMAGE"], &plain))),
        ("with Windows' line ends", timed(&plain).replace('\n', "\r\n")),
        (
            "in colours",
            plain.replace("Digest:", "\u{1b}[32mDigest:").replace("Status:", "\u{1b}[0mStatus:"),
        ),
        ("through ssh", plain.lines().map(|line| format!("out: {line}\n")).collect()),
        (
            "a later page with its own mark",
            format!("{}\u{feff}{}", timed("first page"), timed(&plain)),
        ),
        ("without the last line end", timed(&plain).trim_end().to_owned()),
        ("up to date", plain.replace("Downloaded newer image", "Image is up to date")),
        ("twice", format!("{plain}\n{plain}")),
        ("in a group of the program", format!("##[group]Pull\n{plain}\n##[endgroup]")),
    ] {
        assert_eq!(images(&text), expected, "{what}");
    }
}

#[test]
fn what_only_looks_like_a_pull_is_not_read() {
    let plain = pull(REF, 'a');
    let echoed = plain.lines().map(|line| format!("echo \"{line}\"")).collect::<Vec<_>>();
    let echoed: Vec<&str> = echoed.iter().map(String::as_str).collect();
    for (what, text) in [
        ("the script of a step", step(&echoed, "")),
        ("the script, printed as it is", step(&plain.lines().collect::<Vec<_>>(), "")),
        (
            "the inputs of an action",
            format!("##[group]Run ssh@v1\nwith:\n  script: x\n{plain}\n##[endgroup]"),
        ),
        ("traced", plain.lines().map(|line| format!("+ {line}\n")).collect()),
        ("a debug line", plain.lines().map(|line| format!("##[debug]{line}\n")).collect()),
        ("another status", plain.replace("Downloaded newer image for", "Downloaded")),
        ("no reference", plain.replace(REF, "<none>")),
        ("more words", plain.replace(REF, &format!("{REF} and more"))),
        ("a longer word", plain.replace("Status:", "exitStatus:")),
        ("only a digest", format!("Digest: {}", digest('a'))),
        ("in JSON", format!("{{\"m\":\"Status: Downloaded newer image for {REF}\"}}")),
        (
            "in a line that is too long",
            format!("{} {}", "x".repeat(9000), plain.replace('\n', " ")),
        ),
    ] {
        assert_eq!(images(&text), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_digest_is_paired_only_where_it_surely_belongs() {
    let (first, second) = ("a.example/x:1", "a.example/y:1");
    let told = |digit| format!("Digest: {}\n", digest(digit));
    let status = |name: &str| format!("Status: Downloaded newer image for {name}\n");
    let unrelated = "line\n".repeat(10);
    for (what, text, expected) in [
        (
            "one after the other",
            [told('a'), status(first), told('b'), status(second)].concat(),
            ["pull a.example/x:1 a", "pull a.example/y:1 b"],
        ),
        (
            "at the same time",
            [told('a'), told('b'), status(second), status(first)].concat(),
            ["pull a.example/y:1 -", "pull a.example/x:1 -"],
        ),
        (
            "a digest of something else, long before",
            [told('c'), unrelated.clone(), told('a'), status(first), told('b'), status(second)]
                .concat(),
            ["pull a.example/x:1 a", "pull a.example/y:1 b"],
        ),
        (
            "a digest of something else, just before",
            [told('c'), told('a'), status(first), unrelated, told('b'), status(second)].concat(),
            ["pull a.example/x:1 -", "pull a.example/y:1 b"],
        ),
        (
            "none",
            [status(first), told('b'), status(second)].concat(),
            ["pull a.example/x:1 -", "pull a.example/y:1 b"],
        ),
        (
            "in another step",
            [told('a'), step(&["docker run x"], ""), status(first), told('b'), status(second)]
                .concat(),
            ["pull a.example/x:1 -", "pull a.example/y:1 b"],
        ),
    ] {
        assert_eq!(images(&text), expected, "{what}");
    }
    let by_digest = format!("a.example/x@{}", digest('d'));
    assert_eq!(images(&status(&by_digest)), [format!("pull {by_digest} d")]);
}

#[test]
fn masked_references_are_read() {
    for reference in [
        "***/acme/backend:prod-1",
        "registry.example.com/***/backend:***-1111111111111111111111111111111111111111",
        "***:***-1111111111111111111111111111111111111111",
    ] {
        assert_eq!(images(&pull(reference, 'a')), [format!("pull {reference} a")]);
    }
    // A digest of which a part is masked is none.
    let masked = pull(REF, 'a').replace("sha256:aaaa", "sha256:***");
    assert_eq!(images(&masked), [format!("pull {REF} -")]);
}

#[test]
fn pushes_are_read_and_parts_of_an_index_are_not() {
    let buildx = |reference: &str| format!("#18 pushing manifest for {reference} 0.9s done\n");
    let whole = format!("{REF}@{}", digest('b'));
    let part = format!("registry.digitalocean.com/acme/backend@{}", digest('c'));
    assert_eq!(images(&buildx(&whole)), [format!("push {REF} b")]);
    assert_eq!(images(&buildx(&part)), Vec::<String>::new());
    assert_eq!(images(&buildx(REF)), Vec::<String>::new());

    let name = "registry.digitalocean.com/acme/backend";
    assert_eq!(images(&push(name, "prod-1111111", 'b')), [format!("push {REF} b")]);
    // All tags of a repository in one push.
    let all = format!(
        "{}\nprod-latest: digest: {} size: 1",
        push(name, "prod-1111111", 'b'),
        digest('b')
    );
    assert_eq!(images(&all).len(), 2);
    // Two pushes at the same time: nobody knows which tag is whose.
    let both = format!(
        "The push refers to repository [a.example/x]\nThe push refers to repository [a.example/y]\n1: digest: {} size: 1\n2: digest: {} size: 1",
        digest('a'),
        digest('b')
    );
    assert_eq!(images(&both), Vec::<String>::new());
    assert_eq!(images(&format!("prod-1: digest: {} size: 1", digest('a'))), Vec::<String>::new());
}

#[test]
fn already_exists_counts_as_output_with_an_error_beside_it() {
    let error = "ERROR:  relation \"users\" already exists";
    let found = read(&timed(&step(
        &["python manage.py migrate"],
        &format!("Applying 0002…\n{error}\n{error}"),
    )));
    assert_eq!((found.already_exists, found.first_already_exists), (2, Some(8)));
    for (what, text) in [
        ("echoed", step(&["psql || echo 'ERROR: it already exists'"], "")),
        ("no error", "5f70bf18a086: Layer already exists".to_owned()),
        ("skipped", "NOTICE:  relation \"error\" already exists, skipping".to_owned()),
        ("two lines", "ERROR\nit already exists".to_owned()),
        ("traced", "+ echo 'ERROR: it already exists'".to_owned()),
    ] {
        assert_eq!(read(&text).already_exists, 0, "{what}");
    }
    let line = read(&format!("one\r\ntwo\r\n{error}\r\n"));
    assert_eq!(line.first_already_exists, Some(3));
}
