//! What users see of a move in which every result occurs, and of one that may be made.

use tags::change::{
    Guard, GuardCode, MoveCause, MoveCommand, MoveVerdict, MovedPlace, PlaceResult,
};
use tags::model::{Digest, EnvironmentName, ImageName, Place, TagName, TagReference};
use tags::report::{Detail, Exit, Format, Move, MoveProblem, Report, View, move_preview};

use crate::reports::formats::check;
use crate::reports::world::{World, for_github, sha, text};

const RESULTS: [(PlaceResult, &str); 6] = [
    (PlaceResult::Planned, ""),
    (PlaceResult::Moved, "it points to the release and could not be put back: 403"),
    (PlaceResult::Already, "it points to the release"),
    (PlaceResult::PutBack, "it points to where it pointed before"),
    (PlaceResult::Left, "somebody else moved it to sha256:0123456789ab meanwhile; it stays there"),
    (PlaceResult::Failed, "it is not known what it points to: no answer within 30s"),
];

fn places(results: &[(PlaceResult, &str)]) -> Vec<MovedPlace> {
    let world = World::new();
    let place = |(number, (result, message)): (usize, &(PlaceResult, &str))| {
        let repository = world.plan.coverage[number % 4].repository.clone();
        let image = ["backend", "frontend"][number % 2];
        MovedPlace {
            place: Place {
                image: ImageName::parse(image).expect("a name"),
                registry: repository.registry.clone(),
            },
            latest: TagReference { repository, tag: TagName::parse("prod-latest").expect("a tag") },
            before: (number > 0).then(|| Digest::of(b"before")).into(),
            after: Some(Digest::of(image.as_bytes())).into(),
            result: *result,
            message: (*message).to_owned(),
        }
    };
    results.iter().enumerate().map(place).collect()
}

fn moved(verdict: MoveVerdict, results: &[(PlaceResult, &str)]) -> Move {
    Move {
        command: MoveCommand::Rollback,
        environment: EnvironmentName::parse("prod").expect("a name"),
        source: None,
        from: Some(sha(3)),
        to: Some(sha(2)),
        places: places(results),
        guards: Vec::new(),
        journal: None,
        verdict,
        interrupted: false,
        problems: Vec::new(),
        notes: Vec::new(),
        stays: Vec::new(),
        command_line: Some(format!("tags rollback prod --to {} --apply", sha(2))),
    }
}

#[test]
fn a_move_in_every_format() {
    let planned = [RESULTS[0], RESULTS[2], RESULTS[0], RESULTS[0]];
    let report = Report::Move(moved(MoveVerdict::Planned, &planned));
    check("move-human", &text(&report, Format::Human));
    check("move-json", &text(&report, Format::Json));
    check("move-markdown", &text(&report, Format::Markdown));
    check("move-github", &for_github(&report));
}

#[test]
fn a_move_in_which_every_result_occurs() {
    let partial = Move {
        journal: Some("/home/ops/.local/state/tags/journal-20261122T030000Z-7.jsonl".to_owned()),
        ..moved(MoveVerdict::Partial, &RESULTS)
    };
    let report = Report::Move(partial);
    check("move-partial-human", &text(&report, Format::Human));
    check("move-partial-github", &for_github(&report));
}

#[test]
fn what_is_about_to_move_is_shown_before_the_question() {
    let planned = [RESULTS[0], RESULTS[2], RESULTS[0], RESULTS[0]];
    let report = Move {
        notes: vec!["sets prod-1234567 in 3 repositories (1 has it)".to_owned()],
        ..moved(MoveVerdict::Planned, &planned)
    };
    let view = View { width: None, detail: Detail::Short, commits: None, checkout: None };
    check("move-preview", &move_preview(&report, view).expect("text"));
}

#[test]
fn a_refused_move_names_its_guards_and_offers_nothing_to_deploy() {
    let guard = Guard::new(
        GuardCode::ShaTagTaken,
        "prod-1234567 exists and points to sha256:a, not to sha256:b",
        "a SHA tag is never moved",
    );
    let report = Move {
        command: MoveCommand::Promote,
        source: Some(EnvironmentName::parse("uat").expect("a name")),
        guards: vec![guard],
        problems: vec![MoveProblem { message: "no answer".to_owned(), hint: None }],
        ..moved(MoveVerdict::Refused, &RESULTS[..1])
    };
    let text = text(&Report::Move(report), Format::Human);
    check("move-refused-human", &text);
    assert!(!text.contains("to deploy"));
}

#[test]
fn each_end_has_its_code() {
    use MoveVerdict::{Done, Missing, NotPermitted, Partial, Planned, PutBack, Refused, Unknown};
    use tags::model::UnreadCause::{Credentials, Unreachable};
    for (verdict, exit) in [
        (Done, Exit::Ok),
        (Planned, Exit::Ok),
        (Missing, Exit::Fails),
        (Unknown(Unreachable), Exit::Unreadable),
        (Unknown(Credentials), Exit::Credentials),
        (NotPermitted(MoveCause::Rights), Exit::Credentials),
        (NotPermitted(MoveCause::Registry), Exit::Unreadable),
        (PutBack(MoveCause::Rights), Exit::Credentials),
        (PutBack(MoveCause::Conflict), Exit::Refused),
        (PutBack(MoveCause::Registry), Exit::Unreadable),
        (Refused, Exit::Refused),
        (Partial, Exit::Partly),
    ] {
        let report = moved(verdict, &RESULTS[..1]);
        let stopped = Move { interrupted: true, ..report.clone() };
        assert_eq!(Report::Move(report).exit(), exit, "{verdict:?}");
        assert_eq!(Report::Move(stopped).exit(), Exit::Interrupted);
    }
}
