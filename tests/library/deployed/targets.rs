//! The table of histories, and how much of each is read.

use super::history::{History, histories};

const TABLE: &str = include_str!("histories.txt");

#[test]
fn every_history_has_the_right_target() {
    let histories = histories(TABLE);
    assert!(histories.len() > 40, "the table was not read");
    let mut wrong = Vec::new();
    for history in histories {
        let said = history.answer().said;
        if said != history.expected {
            wrong.push(format!("{}\n  {said:?}\n  {:?}", history.says, history.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A history of so many releases, one an hour, the newest of them current.
fn hourly(releases: usize) -> String {
    let letters = ["A", "B", "C", "D", "E", "F"];
    let runs = letters.iter().enumerate().take(releases);
    let runs: Vec<String> =
        runs.map(|(hour, letter)| format!("run {hour} {letter} {:02}:30", hour + 9)).collect();
    format!("{}\ncurrent {}", runs.join("\n"), letters[releases - 1])
}

#[test]
fn of_a_long_history_only_the_newest_runs_are_examined() {
    let answer = History::read(&hourly(6)).answer();
    assert_eq!(answer.said, ["=> E"]);
    assert_eq!((answer.pages, answer.examined), (1, 4), "one wave of the newest runs");
}

#[test]
fn an_older_page_is_read_only_if_the_first_does_not_decide() {
    let decided = hourly(4).replace("run 0 A 09:30", "run 0 A 09:30 page=2");
    assert_eq!(History::read(&decided).answer().pages, 1);
    let undecided = decided.replace("run 2 C 11:30", "run 2 C 11:30 deploy=skipped");
    let undecided = undecided.replace("run 1 B 10:30", "run 1 B 10:30 run=failure");
    let answer = History::read(&undecided).answer();
    assert_eq!((answer.said[0].as_str(), answer.pages), ("=> A", 2));
}

#[test]
fn the_order_in_which_runs_are_listed_changes_nothing() {
    for history in histories(TABLE) {
        let straight = history.answer().said;
        let says = history.says.clone();
        assert_eq!(history.reversed().answer().said, straight, "{says}");
    }
}
