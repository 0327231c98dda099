//! A journal comes back as it was written, whatever happened to its process.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::change::{ApplyResult, Backwards, MoveCommand, MoveGoal, WhileRunning};
use crate::model::{
    Digest, EnvironmentName, ImageName, ManifestCopy, Place, RegistryName, Repository,
    RepositoryPath, Sha, TagName, TagReference, VersionId,
};

const INDEX: &str = "{ \"schemaVersion\":2,\r\n\t\"mediaType\": \"application/vnd.oci.image.index.v1+json\",\n\"manifests\":[{\"digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":0}],\"annotations\":{\"a\":\"\\u0007 é \u{2028}\u{1f5d1}\"} }\n\n";

fn beginning() -> JournalHeader {
    JournalHeader {
        created: "2026-11-22T12:00:00Z".parse().expect("a date"),
        policy: Digest::of(b"policy"),
        command: "cleanup --apply".to_owned(),
    }
}

fn step(action: StepAction) -> JournalStep {
    JournalStep {
        repository: Repository {
            registry: RegistryName::parse("local").expect("a name"),
            host: "127.0.0.1:5000".to_owned(),
            path: RepositoryPath::parse("acme/backend").expect("a path"),
        },
        digest: Digest::of(INDEX.as_bytes()),
        action,
        tags: vec![tag("prod-1234567"), tag("v1")],
        media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
        manifest: INDEX.to_owned(),
        version: Some(VersionId(9_876_543_210)),
        time: Some("2026-10-01T00:00:00Z".parse().expect("a time")),
        latest: Some(LatestTagsSeen {
            tags: [(tag("prod-latest"), Some(Digest::of(b"x"))), (tag("uat-latest"), None)].into(),
            after: 3,
        }),
    }
}

fn tag(text: &str) -> TagName {
    TagName::parse(text).expect("a tag")
}

fn path_in(directory: &Path) -> PathBuf {
    directory.join("state/tags/journal-20261122T120000Z-1.jsonl")
}

/// A journal of one step, its process gone.
fn broken_off(directory: &Path) -> PathBuf {
    let path = path_in(directory);
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    journal.step(&step(StepAction::Delete)).expect("recorded");
    path
}

/// The journals that the next run under the same policy finishes.
fn pending(directory: &Path) -> Vec<PathBuf> {
    let found = pending_journals(directory, &beginning().policy).expect("journals");
    found.journals.into_iter().map(|journal| journal.path).collect()
}

/// The journals that do not count, with why not.
fn skipped(directory: &Path) -> Vec<String> {
    let found = pending_journals(directory, &beginning().policy).expect("journals");
    assert!(found.journals.is_empty());
    found.skipped.into_iter().map(|other| other.reason).collect()
}

fn append(path: &Path, text: &[u8]) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("a journal");
    file.write_all(text).expect("written");
}

#[test]
fn a_step_comes_back_byte_for_byte() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = path_in(directory.path());
    let steps = [step(StepAction::Delete), step(StepAction::Untag(vec![tag("v1")]))];
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    for step in &steps {
        journal.step(step).expect("recorded");
        let said = (ApplyResult::Deleted, "done\u{1b}[2J");
        journal.result(&step.repository, &step.digest, said).expect("recorded");
    }
    drop(journal);
    let read = JournalRecords::read(&path).expect("a journal");
    assert_eq!((read.header, read.steps.as_slice()), (beginning(), steps.as_slice()));
    assert!(!read.finished);
}

#[test]
fn words_lose_their_secrets_and_a_step_with_one_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = path_in(directory.path());
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    let secrets = crate::secrets::Secrets::default();
    journal.keep_out(&secrets);
    secrets.add("s3cr3t-t0ken\"x");
    let step = step(StepAction::Delete);
    journal.step(&step).expect("recorded");
    let said = (ApplyResult::Skipped, "it said s3cr3t-t0ken\"x!");
    journal.result(&step.repository, &step.digest, said).expect("recorded");
    let manifest = "{\"note\": \"s3cr3t-\\u00740ken\\\"x\"}".to_owned();
    let other = JournalStep { digest: Digest::of(manifest.as_bytes()), manifest, ..step.clone() };
    assert!(matches!(journal.step(&other), Err(JournalError::Secret { .. })));
    drop(journal);
    let text = std::fs::read_to_string(&path).expect("a journal");
    assert!(text.contains("it said ***!") && !text.contains("0ken"), "{text}");
    assert_eq!(JournalRecords::read(&path).expect("a journal").steps, [step]);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it_and_no_other_file_is_written_over() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(&path).expect("a file");
    assert!(matches!(Journal::create(&path, &beginning()), Err(JournalError::File { .. })));
    assert_eq!(std::fs::read(&path).expect("a file"), before);
}

#[test]
fn what_a_run_began_and_did_not_end_is_unfinished_with_what_it_lists() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let unfinished = unfinished_manifests(&path).expect("a journal");
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].digest, Digest::of(INDEX.as_bytes()));
    assert_eq!(unfinished[0].children, [Digest::of(b"")]);
    let parent = path.parent().expect("a directory");
    assert_eq!(pending(parent).len(), 1);
}

#[test]
fn a_line_torn_off_counts_as_not_there_and_does_not_swallow_the_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    append(&path, b"{\"record\":\"delete\",\"registry\":\"lo\xc3");
    assert_eq!(JournalRecords::read(&path).expect("a journal").steps.len(), 1);
    mark_finished(&path, "another").expect("closed");
    assert!(JournalRecords::read(&path).expect("a journal").finished);
    assert_eq!(unfinished_manifests(&path).expect("a journal"), []);
    assert_eq!(pending(path.parent().expect("a directory")).len(), 0);
}

#[test]
fn other_nonsense_is_refused_with_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let good = std::fs::read_to_string(&path).expect("a journal");
    let other = good.replace("acme/backend", "acme/../backend");
    let text = good.replace("schemaVersion", "schemaversion");
    for (nonsense, line) in [
        (format!("{good}{{\"record\":\"what\"}}\n"), 3),
        (good.replace("\"version\":1", "\"version\":2"), 1),
        (other, 2),
        (text, 2),
        (String::new(), 1),
        (good.lines().last().unwrap_or_default().to_owned() + "\n", 1),
    ] {
        std::fs::write(&path, &nonsense).expect("written");
        let error = JournalRecords::read(&path).expect_err("nonsense").to_string();
        let place = format!("journal-20261122T120000Z-1.jsonl:{line}: ");
        assert!(error.contains(&place), "{error}");
    }
    // A following cleanup goes on without it, and says so.
    assert_eq!(skipped(path.parent().expect("a directory")).len(), 1);
}

#[test]
fn whole_records_behind_a_torn_one_are_used_as_earlier_versions_wrote_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let good = std::fs::read_to_string(&path).expect("a journal");
    let (begin, record) = good.split_once('\n').expect("two lines");
    // Torn anywhere, with a whole record behind it in the same line and another in the next.
    for at in [1, 2, 20, record.len() / 2, record.len() - 3] {
        let torn = &record[..at];
        std::fs::write(&path, format!("{begin}\n{torn}{record}{record}")).expect("written");
        let read = JournalRecords::read(&path).expect("a journal");
        assert_eq!((read.steps.len(), read.torn.as_slice()), (2, &[2][..]), "{at}");
        assert_eq!(pending(path.parent().expect("a directory")).len(), 1);
    }
}

#[test]
fn nothing_is_appended_once_a_record_could_not_be_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let before = std::fs::read(&path).expect("a journal");
    let journal = Journal::unwritable(&path);
    assert!(matches!(journal.step(&step(StepAction::Delete)), Err(JournalError::File { .. })));
    assert!(matches!(journal.end(), Err(JournalError::Closed { .. })));
    assert_eq!(std::fs::read(&path).expect("a journal"), before);
}

#[test]
fn a_journal_of_another_policy_is_told_and_not_used() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let parent = path.parent().expect("a directory");
    let found = pending_journals(parent, &Digest::of(b"another")).expect("journals");
    assert_eq!((found.journals.len(), found.skipped.len()), (0, 1));
    assert!(found.skipped[0].reason.contains("another policy"));
    mark_finished(&path, "another").expect("closed");
    let found = pending_journals(parent, &Digest::of(b"another")).expect("journals");
    assert_eq!(found.skipped.len(), 0, "what is finished is of no interest");
}

#[cfg(unix)]
#[test]
fn a_journal_that_others_could_have_written_is_told_and_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().expect("a directory");
    let path = broken_off(directory.path());
    let parent = path.parent().expect("a directory");
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
    mode(0o666).expect("a mode");
    assert!(skipped(parent)[0].contains("others may write"));
    assert!(matches!(JournalRecords::read(&path), Err(JournalError::Doubtful { .. })));
    assert!(matches!(mark_finished(&path, "another"), Err(JournalError::Doubtful { .. })));
    mode(0o600).expect("a mode");
    assert_eq!(pending(parent).len(), 1);
    let link = directory.path().join("elsewhere.jsonl");
    std::fs::rename(&path, &link).expect("moved");
    std::os::unix::fs::symlink(&link, &path).expect("a link");
    assert!(skipped(parent)[0].contains("not a regular file"));
}

#[test]
fn a_run_that_goes_on_is_neither_unfinished_nor_joined_by_another() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = path_in(directory.path());
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    journal.step(&step(StepAction::Delete)).expect("recorded");
    let state = path.parent().expect("a directory");
    assert_eq!(pending(state).len(), 0);
    let second = state.join("journal-20261122T120001Z-2.jsonl");
    let refused = Journal::create(&second, &beginning()).expect_err("refused");
    assert_eq!(
        refused.to_string(),
        format!("another run is changing registries (journal {})", path.display())
    );
    assert!(!second.exists(), "a journal of no run");
    assert!(matches!(JournalRecords::read(&path), Err(JournalError::Active { .. })));
    assert!(matches!(mark_finished(&path, "another"), Err(JournalError::Active { .. })));
    drop(journal);
    assert_eq!(pending(state).len(), 1);
    assert!(Journal::create(&second, &beginning()).is_ok());
}

#[test]
fn what_was_undone_is_put_back_with_the_time_that_it_had() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal-x.jsonl");
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    journal.step(&step(StepAction::Delete)).expect("a step");
    drop(journal);
    assert_eq!(JournalRecords::read(&path).expect("a journal").restored_manifests(), []);
    let (from, to) = (beginning().created, beginning().created + chrono::TimeDelta::minutes(1));
    record_undone(&path, from, to).expect("a note");
    let put_back = JournalRecords::read(&path).expect("a journal").restored_manifests();
    let [one] = put_back.as_slice() else { panic!("{put_back:?}") };
    assert_eq!(Some(one.time), step(StepAction::Delete).time);
    assert_eq!(one.undone, (from, to));
}

fn moved() -> MoveRecord {
    let manifest = |text: &str| ManifestCopy {
        digest: Digest::of(text.as_bytes()),
        media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
        text: text.to_owned(),
    };
    let repository = step(StepAction::Delete).repository;
    let place = |image: &str, before: Option<ManifestCopy>| RecordedPlace {
        place: Place {
            image: ImageName::parse(image).expect("a name"),
            registry: repository.registry.clone(),
        },
        latest: TagReference { repository: repository.clone(), tag: tag("prod-latest") },
        before,
        after: manifest(INDEX),
    };
    let sha = |text: &str| Sha::parse(text).expect("a SHA");
    let environment = |text: &str| EnvironmentName::parse(text).expect("a name");
    MoveRecord {
        goal: MoveGoal {
            command: MoveCommand::Promote,
            environment: environment("prod"),
            source: Some(environment("uat")),
            to: sha("1234567"),
            steps: Some(2),
            backwards: Backwards::Allow,
            while_running: WhileRunning::Allow,
        },
        from: Some(sha("7654321")),
        places: vec![place("backend", Some(manifest("{ }"))), place("frontend", None)],
    }
}

#[test]
fn a_move_comes_back_as_it_was_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = path_in(directory.path());
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    journal.begin_move(&moved()).expect("recorded");
    drop(journal);
    let parent = path.parent().expect("a directory");
    let found = move_journals(parent).expect("journals").journals;
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&one.moved, one.finished, one.completed), (&Some(moved()), false, false));
    // A cleanup has nothing to finish there.
    assert_eq!(pending(parent).len(), 0);
    mark_finished(&path, "undo").expect("closed");
    let read = JournalRecords::read(&path).expect("a journal");
    assert!(read.finished && !read.completed);
}

#[test]
fn a_torn_move_has_moved_nothing_and_an_altered_one_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = path_in(directory.path());
    let journal = Journal::create(&path, &beginning()).expect("a journal");
    journal.begin_move(&moved()).expect("recorded");
    drop(journal);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    let begin = whole.find('\n').expect("a line") + 1;
    for end in [begin, begin + 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..end]).expect("written");
        assert_eq!(JournalRecords::read(&path).expect("a journal").moved, None, "{end}");
    }
    for altered in [
        whole.replacen("{ }", "{  }", 1),
        whole.replace("\"command\":\"promote\"", "\"command\":\"demote\""),
        whole.clone() + &whole[begin..],
    ] {
        std::fs::write(&path, altered).expect("written");
        assert!(JournalRecords::read(&path).is_err());
    }
}
