//! Programs that run the command in their arguments: `sudo`, `timeout 30`, `sshpass -e` and the like.

use super::command::Command;
use super::variable::assignment;
use crate::lint::position::text_of;

/// A wrapper: its name, its options that take a value, and what it takes before the command.
struct Wrapper {
    name: &'static str,
    valued: &'static [&'static str],
    takes: Takes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing but options.
    Options,
    /// Also `NAME=value`.
    Assignments,
    /// Also one word, such as a duration.
    Word,
    /// Also numbers and durations.
    Numbers,
}

const fn wrapper(name: &'static str, valued: &'static [&'static str], takes: Takes) -> Wrapper {
    Wrapper { name, valued, takes }
}

const WRAPPERS: [Wrapper; 20] = [
    wrapper("sudo", &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "-D"], Takes::Assignments),
    wrapper("doas", &["-u", "-C"], Takes::Assignments),
    wrapper("sshpass", &["-p", "-f", "-d", "-P"], Takes::Options),
    wrapper("timeout", &["-k", "-s", "--kill-after", "--signal"], Takes::Word),
    wrapper("env", &["-u", "-C", "-S", "--unset", "--chdir"], Takes::Assignments),
    wrapper("nohup", &[], Takes::Options),
    wrapper("nice", &["-n", "--adjustment"], Takes::Options),
    wrapper("ionice", &["-c", "-n"], Takes::Options),
    wrapper("time", &["-f", "-o"], Takes::Options),
    wrapper("retry", &["-t", "-d", "-s", "-n", "--times", "--tries", "--delay"], Takes::Numbers),
    wrapper("xargs", &["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"], Takes::Options),
    wrapper("stdbuf", &["-i", "-o", "-e"], Takes::Options),
    wrapper("setsid", &[], Takes::Options),
    wrapper("command", &[], Takes::Options),
    wrapper("builtin", &[], Takes::Options),
    wrapper("exec", &["-a"], Takes::Options),
    // What a broken script leaves at the beginning of a command.
    wrapper("then", &[], Takes::Options),
    wrapper("do", &[], Takes::Options),
    wrapper("else", &[], Takes::Options),
    wrapper("!", &[], Takes::Options),
];

impl Command {
    /// The command `name` that wrappers run, through several of them; none if they run another one.
    pub(super) fn unwrapped_before(self, name: &str) -> Option<Self> {
        const MOST: usize = 6;
        let mut command = self;
        for _ in 0..MOST {
            if command.program() == name {
                return Some(command);
            }
            command = command.from(inner(&command)?);
        }
        None
    }

    /// The variables that wrappers set for the command: `env A=b`, `sudo A=b`.
    pub(super) fn wrapper_assignments(&self) -> Vec<(String, String)> {
        let end = self.words.len() - self.clone().unwrapped().words.len();
        let set = self.fields[..end].iter().filter_map(|field| assignment(&field.chars));
        set.map(|(name, value)| (name, text_of(value))).collect()
    }

    /// The command that a wrapper runs, through several of them.
    pub(super) fn unwrapped(self) -> Self {
        const MOST: usize = 6;
        let mut command = self;
        for _ in 0..MOST {
            let Some(next) = inner(&command) else { break };
            command = command.from(next);
        }
        command
    }
}

/// The word at which the inner command begins; none if this is no wrapper.
fn inner(command: &Command) -> Option<usize> {
    let program = command.program();
    let retries = program.contains("retry") || program.contains("attempt");
    let known = WRAPPERS
        .iter()
        .find(|wrapper| wrapper.name == program || (retries && wrapper.name == "retry"))?;
    // `command -v docker` only looks for the program.
    if program == "command" && command.word(1).to_ascii_lowercase().starts_with("-v") {
        return Some(command.words.len());
    }
    let mut at = 1;
    let mut word_left = known.takes == Takes::Word;
    while let Some(word) = command.words.get(at) {
        let skipped = match word.as_str() {
            "--" => 1,
            option if option.starts_with('-') && option.len() > 1 => {
                if known.valued.contains(&option) { 2 } else { 1 }
            }
            word if known.takes == Takes::Assignments && word.contains('=') => 1,
            word if known.takes == Takes::Numbers
                && word.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                1
            }
            _ if word_left => {
                word_left = false;
                1
            }
            _ => break,
        };
        at += skipped;
    }
    Some(at.min(command.words.len()))
}
