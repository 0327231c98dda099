//! Records of releases: what is one, which ones count, and which is the first.

use serde_json::{Value, json};
use tags::model::{Digest, EnvironmentName, RecordKind, RecordOrigin, ReleaseRecord, Sha};
use tags::pipeline::record::{LONGEST, of_line, of_payload, to_line, to_payload};
use tags::pipeline::{ClaimedRecord, Records, ToWrite};

/// Two commits that begin alike, and another one.
const A: &str = "aaaaaaa1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const A2: &str = "aaaaaaa2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

/// The record of a release whose backend has this content.
fn payload(sha: &str, content: &str) -> Value {
    json!({
        "version": 1,
        "environment": "prod",
        "sha": sha,
        "time": "2026-11-01T10:00:00Z",
        "run": "https://github.example/acme/app/actions/runs/17/attempts/2",
        "images": [{
            "image": "backend",
            "registry": "docr",
            "reference": format!("registry.example:5000/acme/backend:prod-{sha}"),
            "digest": digest(content),
        }],
    })
}

fn record(sha: &str, content: &str) -> ReleaseRecord {
    of_payload(&payload(sha, content)).expect("a record")
}

fn prod() -> EnvironmentName {
    EnvironmentName::parse("prod").expect("a name")
}

fn sha(text: &str) -> Sha {
    Sha::parse(text).expect("a SHA")
}

/// Records in a file, one a line.
fn file(lines: &[Value]) -> Records {
    let text: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    Records::of_file(text.concat().as_bytes(), &prod())
}

/// The line of the first record of a release.
fn first(records: &Records, asked: &str) -> Option<u64> {
    records.first(&sha(asked)).map(|kept| match kept.origin {
        RecordOrigin::Line(line) | RecordOrigin::Deployment(line) => line,
    })
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let written = record(A, "one");
    assert_eq!(written.run_id().map(|run| run.0), Some(17));
    let back = of_payload(&to_payload(&written).expect("JSON"));
    assert_eq!(back.as_ref(), Ok(&written));
    // GitHub returns a payload as it got it: as an object, or as its text.
    let text = Value::String(to_payload(&written).expect("JSON").to_string());
    assert_eq!(of_payload(&text).as_ref(), Ok(&written));
    for kind in [RecordKind::Built, RecordKind::Deployed] {
        let line = to_line(&written, kind).expect("a line");
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(of_line(line.trim_end().as_bytes()), Ok((written.clone(), kind)));
    }
    let mut later = payload(A, "one");
    later["later"] = json!({"version": 2});
    assert_eq!(of_payload(&later).as_ref(), Ok(&written), "fields of a later version");
}

#[test]
fn what_is_not_quite_a_record_is_none() {
    let change = |at: &str, value: Value| {
        let mut changed = payload(A, "one");
        *changed.pointer_mut(at).expect("a field") = value;
        changed
    };
    let image = payload(A, "one")["images"][0].clone();
    let long = format!("https://github.example/{}", "x".repeat(3000));
    for (name, value) in [
        ("another version", change("/version", json!(2))),
        ("no version", change("/version", json!("1"))),
        ("an environment", change("/environment", json!("a b"))),
        ("a SHA in capitals", change("/sha", json!(A.to_uppercase()))),
        ("a short SHA", change("/sha", json!("aaaaaa"))),
        ("a time", change("/time", json!("yesterday"))),
        ("a time without a zone", change("/time", json!("2026-11-01T10:00:00"))),
        ("a run", change("/run", json!("javascript:alert(1)"))),
        ("a run with a line break", change("/run", json!("https://a/\n::error::"))),
        ("a long run", change("/run", json!(long))),
        ("no images", change("/images", json!([]))),
        ("images twice", change("/images", json!([image, image]))),
        ("too many images", change("/images", json!(vec![image.clone(); 1001]))),
        ("an image", change("/images/0/image", json!("../backend"))),
        ("a registry", change("/images/0/registry", json!(""))),
        ("no tag", change("/images/0/reference", json!("registry.example/acme/backend"))),
        ("no host", change("/images/0/reference", json!("/acme/backend:prod-1"))),
        ("no path", change("/images/0/reference", json!("backend:prod-1"))),
        ("a host", change("/images/0/reference", json!("a@b/acme/backend:prod-1"))),
        ("a tag", change("/images/0/reference", json!("a/acme/backend:-"))),
        ("a digest", change("/images/0/digest", json!("sha256:abc"))),
        ("a list", json!([payload(A, "one")])),
        ("nothing", Value::Null),
        ("a text", json!("record")),
    ] {
        assert!(of_payload(&value).is_err(), "{name}");
        assert!(of_line(value.to_string().as_bytes()).is_err(), "{name}");
    }
    let mut other_task = payload(A, "one");
    other_task["task"] = json!("deploy");
    assert!(of_line(other_task.to_string().as_bytes()).is_err());
    let mut long = payload(A, "one");
    long["x"] = json!("x".repeat(LONGEST));
    assert!(of_line(long.to_string().as_bytes()).is_err());
    let twice = payload(A, "one").to_string().replacen('{', "{\"sha\":\"bbbbbbb\",", 1);
    assert!(of_line(twice.as_bytes()).is_err(), "a field twice");
}

#[test]
fn the_first_record_of_a_release_counts() {
    let records = file(&[payload(B, "b"), payload(A, "one"), payload(A, "two")]);
    assert_eq!(
        (first(&records, A), first(&records, B), first(&records, A2)),
        (Some(2), Some(1), None)
    );
    let [kept] = records.of(&sha(B))[..] else { panic!("one") };
    let reference = &kept.record.images[0].reference;
    let now = Digest::of(b"other");
    let place = &kept.record.images[0].place;
    let moved = records.moved(&sha(B), [(place, reference, &now)]);
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].recorded.to_string(), digest("b"));
    assert!(
        records.moved(&sha(A2), [(place, reference, &now)]).is_empty(),
        "no record, no finding"
    );
}

#[test]
fn a_shortened_sha_is_never_guessed() {
    let short = &A[..7];
    // The record is short, or the question.
    assert_eq!(first(&file(&[payload(short, "x")]), A), Some(1));
    assert_eq!(first(&file(&[payload(A, "x")]), short), Some(1));
    let both = file(&[payload(A, "x"), payload(A2, "y")]);
    assert_eq!(first(&both, short), None);
    assert!(both.is_ambiguous(&sha(short)) && !both.is_ambiguous(&sha(A)));
    // A short one may be of either, and the full ones are sure.
    let three = file(&[payload(short, "z"), payload(A, "x"), payload(A2, "y")]);
    assert_eq!(
        (first(&three, A), first(&three, A2), first(&three, short)),
        (Some(2), Some(3), None)
    );
    // Of one commit, with more or fewer digits.
    let one = file(&[payload(&A[..12], "x"), payload(A, "y")]);
    assert_eq!((first(&one, A), first(&one, short)), (Some(1), Some(1)));
}

#[test]
fn lines_of_other_environments_are_left_out_and_malformed_ones_counted() {
    let mut uat = payload(A, "one");
    uat["environment"] = json!("uat");
    let good = payload(B, "b").to_string();
    let text = format!("{uat}\r\n\n{{\n{good}\n\u{feff}x\n{}", &good[..40]);
    let records = Records::of_file(text.as_bytes(), &prod());
    assert_eq!(records.all().len(), 1);
    let lines = [3, 5, 6].map(RecordOrigin::Line);
    assert_eq!(records.malformed, lines);
}

#[test]
fn a_deployment_counts_by_its_creator_its_commit_and_its_number() {
    let payloads = [payload(A, "one"), payload(A, "two"), payload(B, "b")];
    let claim = |number: u64, at: usize| ClaimedRecord {
        number,
        sha: A,
        task: "tags:built",
        environment: "tags-prod",
        creator: Some("ci[bot]"),
        created: "2026-11-02T00:00:00Z".parse().expect("a time"),
        payload: &payloads[at],
    };
    let by = ["CI[bot]".to_owned()];
    let claims = [
        claim(9, 0),
        claim(7, 1),
        claim(9, 0),
        ClaimedRecord { creator: Some("mallory"), ..claim(1, 0) },
        ClaimedRecord { creator: None, ..claim(2, 0) },
        ClaimedRecord { task: "deploy", ..claim(3, 0) },
        ClaimedRecord { environment: "tags-uat", ..claim(4, 0) },
        claim(5, 2),
    ];
    let records = Records::of_deployments(claims.into_iter(), &prod(), &by);
    let numbers: Vec<RecordOrigin> = records.all().iter().map(|kept| kept.origin).collect();
    assert_eq!(numbers, [7, 9].map(RecordOrigin::Deployment));
    assert_eq!((records.foreign, &records.malformed[..]), (2, &[RecordOrigin::Deployment(5)][..]));
    let first = records.first(&sha(A)).expect("a record");
    assert_eq!(first.record.images[0].digest.to_string(), digest("two"));
    assert_eq!(first.record.time.to_rfc3339(), "2026-11-02T00:00:00+00:00", "GitHub's time");
}

#[test]
fn what_is_written_depends_on_what_is_there() {
    let deployed = |sha: &str, content: &str| {
        let mut line = payload(sha, content);
        line["task"] = json!("tags:deployed");
        line
    };
    let (built, running) = (RecordKind::Built, RecordKind::Deployed);
    let already = |line: u64| ToWrite::Already(RecordOrigin::Line(line));
    let (a, b) = (payload(A, "a"), payload(B, "b"));
    let both = [deployed(A, "a"), deployed(B, "b")];
    for (name, there, kind, expected) in [
        ("nothing", &[][..], built, ToWrite::Write),
        ("another release", std::slice::from_ref(&b), built, ToWrite::Write),
        ("the same", &[b.clone(), a.clone()], built, already(2)),
        ("built, and now it runs", std::slice::from_ref(&a), running, ToWrite::Write),
        ("it runs already", &both[..1], running, already(1)),
        ("it runs, and is verified again", &both[..1], built, already(1)),
        ("another one ran meanwhile", &both, running, ToWrite::Write),
    ] {
        assert_eq!(file(there).to_write(&record(A, "a"), kind), expected, "{name}");
    }
    for kind in [built, running] {
        let other = file(std::slice::from_ref(&a)).to_write(&record(A, "other"), kind);
        assert!(matches!(&other, ToWrite::Moved(moved) if moved.len() == 1), "{other:?}");
    }
    // A place that came later is recorded, and contradicts nothing.
    let mut more = record(A, "a");
    let mut image = more.images[0].clone();
    image.reference.repository.host = "other.example".to_owned();
    more.images.push(image);
    assert_eq!(file(&[a]).to_write(&more, built), ToWrite::Write);
}
