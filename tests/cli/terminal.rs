//! Pipes, colours, interrupts, and the cache on disk.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use chrono::TimeDelta;

use crate::support::program::signal;
use crate::world::{NEW, World};

#[test]
fn a_pipe_gets_no_colour() {
    let world = World::filled();
    for arguments in
        [&["list", "prod"][..], &["verify", "prod", "--sha", &NEW[..8]], &["list", "x"]]
    {
        let run = world.tags(arguments);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run:?}");
    }
}

/// Runs the program on a terminal of its own, by util-linux's `script`; none without that.
fn on_a_terminal(
    world: &World,
    arguments: &str,
    variables: &[(&str, &str)],
) -> Option<(i32, String)> {
    answering(world, (arguments, ""), variables)
}

/// The same with something typed.
fn answering(
    world: &World,
    (arguments, typed): (&str, &str),
    variables: &[(&str, &str)],
) -> Option<(i32, String)> {
    let program = env!("CARGO_BIN_EXE_tags");
    let line = format!("stty cols 80; {program} {arguments}");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(world.home.path());
    script.env("HOME", world.home.path()).env("TERM", "xterm").stdin(Stdio::piped());
    for name in ["NO_COLOR", "GITHUB_ACTIONS", "CI", "COLUMNS"] {
        script.env_remove(name);
    }
    script.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.envs(variables.iter().copied()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    // What is typed before the question is asked waits for it.
    stdin.write_all(typed.as_bytes()).ok()?;
    drop(stdin);
    let output = child.wait_with_output().ok()?;
    Some((output.status.code()?, String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[test]
fn on_a_terminal_it_is_coloured_narrow_and_shows_how_far_it_is() {
    let world = World::filled();
    let Some((code, shown)) = on_a_terminal(&world, "list prod", &[]) else {
        println!("skipped: the command `script` of util-linux is not here");
        return;
    };
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("\u{1b}[1mprod"), "{shown}");
    assert!(
        shown.contains(&NEW[..12]) && !shown.contains(NEW),
        "short SHAs where it is narrow: {shown}"
    );
    let (code, shown) = on_a_terminal(&world, "list prod -vv", &[]).expect("a terminal");
    assert!(code == 0 && shown.contains("requests"), "{shown}");
    let (code, plain) =
        on_a_terminal(&world, "list prod", &[("NO_COLOR", "1")]).expect("a terminal");
    assert!(code == 0 && !plain.contains("\u{1b}[1m"), "{plain}");
    world.east.faults().add("delay=600ms@/manifests/*always".parse().expect("a fault"));
    let (code, slow) = on_a_terminal(&world, "list prod", &[]).expect("a terminal");
    assert!(code == 0 && slow.contains("reading tags: "), "no progress: {slow}");
}

#[test]
fn without_a_terminal_progress_is_a_line_now_and_then() {
    let world = World::filled();
    world.east.faults().add("delay=400ms@/manifests/*always".parse().expect("a fault"));
    let quiet = world.tags(&["list", "prod"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""), "30 s have not passed");
    let slow = world.tags(&["list", "prod", "--progress-every", "100ms"]);
    assert_eq!(slow.code, 0, "{slow:?}");
    let is_progress = |line: &str| line.starts_with("reading tags: ") && line.contains(" of ");
    assert!(slow.stderr.lines().any(is_progress), "{slow:?}");
    assert_eq!(slow.stdout, quiet.stdout);
}

#[test]
fn a_person_is_asked_before_anything_is_deleted_and_a_job_is_not() {
    let asked = |typed: &str, words: &str, variables: &[(&str, &str)]| {
        let world = crate::cleaning::world();
        let arguments = format!("cleanup --apply {words}");
        let (code, shown) = answering(&world, (&arguments, typed), variables)?;
        Some((code, shown.contains("continue? [y/N]"), crate::cleaning::deletions(&world), shown))
    };
    let Some((code, is_asked, deleted, shown)) = asked("y\n", "", &[]) else {
        println!("skipped: the command `script` of util-linux is not here");
        return;
    };
    assert_eq!((code, is_asked, deleted), (0, true, 4), "{shown}");
    assert!(shown.contains("delete 4 manifests") && shown.contains("4 repositories"), "{shown}");
    for typed in ["n\n", "\n", "", "what\n"] {
        let (code, is_asked, deleted, shown) = asked(typed, "", &[]).expect("a terminal");
        assert_eq!((code, is_asked, deleted), (5, true, 0), "{typed:?}: {shown}");
        assert!(shown.contains("nothing was deleted"), "{shown}");
    }
    for (words, variables) in
        [("--yes", &[][..]), ("", &[("CI", "true")]), ("", &[("GITHUB_ACTIONS", "true")])]
    {
        let (code, is_asked, deleted, shown) = asked("", words, variables).expect("a terminal");
        assert_eq!((code, is_asked, deleted), (0, false, 4), "{shown}");
    }
}

#[test]
fn a_long_question_fits_the_terminal() {
    let world = crate::cleaning::world();
    let narrow = [("COLUMNS", "60")];
    let Some((code, shown)) = answering(&world, ("cleanup --apply", "n\n"), &narrow) else {
        println!("skipped: the command `script` of util-linux is not here");
        return;
    };
    assert_eq!(code, 5, "{shown}");
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("roll back to") && words.contains("continue? [y/N]"), "{shown}");
    let question = shown.lines().map(|line| line.rsplit("\u{1b}[2K").next().unwrap_or(line));
    let question =
        question.map(|line| line.trim_matches('\r')).skip_while(|line| !line.contains("prod: "));
    let question: Vec<&str> = question.take_while(|line| !line.contains("[y/N]")).collect();
    assert!(question.len() > 2, "{shown}");
    for line in question {
        assert!(line.trim_end().chars().count() <= 60, "{line}");
    }
}

#[test]
fn a_cleanup_fits_a_narrow_terminal_and_is_plain_where_that_is_wanted() {
    let world = crate::cleaning::world();
    let narrow = [("COLUMNS", "60"), ("NO_COLOR", "1")];
    let Some((code, shown)) = on_a_terminal(&world, "cleanup", &narrow) else {
        println!("skipped: the command `script` of util-linux is not here");
        return;
    };
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("\u{1b}[1m") && !shown.contains("\u{1b}[3"), "{shown}");
    assert!(shown.contains(&NEW[..12]) && !shown.contains(NEW), "short SHAs: {shown}");
    let (_, coloured) = on_a_terminal(&world, "cleanup", &[]).expect("a terminal");
    assert!(coloured.contains("\u{1b}[1m"), "{coloured}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let world = World::filled();
    let mut child = world
        .command(&["list", "prod"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a run");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut said).expect("text");
    assert_eq!((child.wait().expect("an end").code(), said.as_str()), (Some(0), ""));
}

#[test]
fn an_interrupt_ends_at_once_with_130() {
    let world = World::filled();
    world.east.faults().add("delay=20s*always".parse().expect("a fault"));
    for arguments in [&["list", "prod"][..], &["verify", "prod", "--sha", NEW, "--wait", "1m"]] {
        let child = world.command(arguments).stdout(Stdio::null()).spawn().expect("a run");
        std::thread::sleep(std::time::Duration::from_millis(500));
        let start = std::time::Instant::now();
        signal("INT", child.id());
        let end = child.wait_with_output().expect("an end");
        assert_eq!(end.status.code(), Some(130), "{arguments:?}");
        assert!(start.elapsed() < std::time::Duration::from_secs(2), "{arguments:?}");
    }
}

#[test]
fn a_second_look_reads_no_manifest_and_no_config_again() {
    let world = World::filled();
    let gets = || {
        let requests = world.east.requests().into_iter().chain(world.west.requests());
        let of_content =
            |target: &str| target.contains("/manifests/") || target.contains("/blobs/");
        let gets = requests.filter(|r| r.method == "GET" && of_content(&r.target)).count();
        world.east.clear_requests();
        world.west.clear_requests();
        gets
    };
    let list = |arguments: &[&str]| {
        let run = world.tags(arguments);
        assert_eq!(run.code, 0, "{run:?}");
        (run.stdout, gets())
    };
    let (cold, read) = list(&["list", "prod"]);
    assert!(read > 0);
    assert_eq!(list(&["list", "prod"]), (cold.clone(), 0));
    world.release("dddddddddddddddddddddddddddddddddddddd04", TimeDelta::hours(1));
    assert_eq!(list(&["list", "prod"]).1, 4, "a manifest and a config for each of two new digests");
    assert!(list(&["list", "prod", "--no-cache"]).1 > 4);
}

#[test]
fn damaged_cache_files_and_a_cache_that_cannot_be_written_change_nothing() {
    let world = World::filled();
    let good = world.tags(&["list", "prod"]).stdout;
    let mut folders = vec![world.home.path().join(".cache/tags/packs")];
    let mut damaged = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                std::fs::write(&path, "{}").expect("written");
                damaged += 1;
            }
        }
    }
    assert!(damaged > 0);
    assert_eq!(world.tags(&["list", "prod"]).stdout, good);
    let run = world.run(&["list", "prod"], |command| command.env("XDG_CACHE_HOME", "/dev/null"));
    assert_eq!(run.stdout, good);
}

#[test]
fn machines_get_their_log_as_json_and_people_the_traffic() {
    let world = World::filled();
    let run = world.tags(&["list", "prod", "-vv", "--log-format", "json"]);
    let lines: Vec<serde_json::Value> =
        run.stderr.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let traffic = lines.last().expect("a line");
    assert_eq!(traffic["fields"]["message"], "traffic");
    let sent = world.east.requests().len() + world.west.requests().len();
    assert_eq!(traffic["fields"]["requests"].as_u64(), u64::try_from(sent).ok());
    let verbose = world.tags(&["list", "prod", "-v"]).stderr;
    assert!(verbose.contains("requests=") && verbose.contains("bytes="), "{verbose}");
}
