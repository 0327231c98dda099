//! What a command reads from its input: scripts of shells, and the words that `xargs` adds.

use super::call::{ShellCall, inner_shell, is_shell, shell_call, ssh_command};
use super::command::{Command, Field};
use super::state::Shell;
use crate::lint::position::{SourceChar, chars_at, text_of, trimmed};

/// How many words of its input `xargs` is followed for.
const MOST_WORDS: usize = 16;

impl Shell<'_> {
    /// The input of the last of some commands in a pipeline, where it is known: its heredoc, what an
    /// earlier command prints, or what the whole script reads.
    pub(super) fn input_of(&mut self, commands: &[Command]) -> Option<Vec<SourceChar>> {
        for command in commands.iter().rev() {
            if let Some((body, quoted)) = command.bodies.last() {
                return Some(if *quoted { body.clone() } else { self.expanded(body) });
            }
            if matches!(command.program(), "echo" | "printf") {
                return command.redirects.is_empty().then(|| printed(command));
            }
        }
        self.input.clone()
    }

    /// `read NAME`: what stands beside the command; further names and other input are not known.
    pub(super) fn read(&mut self, command: &Command) {
        let valued =
            |at: usize| matches!(command.word(at - 1), "-d" | "-p" | "-n" | "-N" | "-t" | "-u");
        let is_name = |at: &usize| !command.word(*at).starts_with('-') && !valued(*at);
        let names: Vec<usize> = (1..command.words.len()).filter(is_name).collect();
        let given = match (names.as_slice(), command.bodies.last()) {
            ([_], Some((body, quoted))) if command.program() == "read" => {
                let text = text_of(&if *quoted { body.clone() } else { self.expanded(body) });
                // `-d ''` reads all lines.
                let all = command.words.iter().any(|word| word == "-d");
                Some(if all { text } else { text.lines().next().unwrap_or_default().to_owned() })
            }
            _ => None,
        };
        let at = command.position(0);
        for name in names.iter().map(|at| command.word(*at)) {
            let unknown =
                || self.symbols.unresolved(&format!("${name} at {at}"), &format!("${name}"));
            let value = given.clone().unwrap_or_else(unknown);
            self.set(name, value);
        }
    }

    /// The commands that `xargs` makes of one: one for each word of its input.
    pub(super) fn with_arguments(&mut self, commands: &[Command]) -> Option<Vec<Command>> {
        let last = commands.last()?.clone().unwrapped_before("xargs")?;
        let (placeholder, inner) = (placeholder(&last), last.clone().unwrapped());
        let inner =
            if inner.bodies.is_empty() { inner } else { Command { bodies: Vec::new(), ..inner } };
        let words: Vec<Vec<SourceChar>> = if let Some(input) = self.input_of(commands) {
            let words = input.split(|ch| ch.c.is_whitespace());
            words.filter(|word| !word.is_empty()).map(<[SourceChar]>::to_vec).collect()
        } else {
            let at = last.position(0);
            let name = format!("a word of the input at {at}");
            vec![chars_at(&self.symbols.unresolved(&name, "<word>"), at)]
        };
        let of = |word: &Vec<SourceChar>| with_word(&inner, word, placeholder.as_deref());
        Some(words.iter().take(MOST_WORDS).map(of).collect())
    }
}

/// Whether a command reads a script from its input.
pub(super) fn reads_script(command: &Command) -> bool {
    match command.program() {
        "ssh" => {
            // With a command, that one reads the input.
            let inner = command.from(ssh_command(&command.words));
            let mut words = inner.words.iter().flat_map(|word| word.split_whitespace());
            inner.words.is_empty()
                || words.any(|word| is_shell(word) || word == "sudo" || word == "xargs")
        }
        "" => true,
        program if is_shell(program) => matches!(shell_call(command), ShellCall::Input { .. }),
        "docker" | "podman" | "kubectl" => inner_shell(command).is_some(),
        _ => false,
    }
}

/// What `echo` or `printf` prints, with the positions of its characters.
fn printed(command: &Command) -> Vec<SourceChar> {
    let is_flag = |at: usize| matches!(command.word(at), "-n" | "-e" | "-ne" | "-en" | "--");
    let mut from = 1;
    while is_flag(from) {
        from += 1;
    }
    let is_list = command.program() == "printf"
        && command.word(from).contains("%s")
        && command.words.len() > from + 1;
    let script = command.script(from + usize::from(is_list));
    let mut text: Vec<SourceChar> = Vec::with_capacity(script.len());
    let mut chars = script.into_iter().peekable();
    while let Some(ch) = chars.next() {
        let is_line_end = ch.c == '\\' && chars.next_if(|next| next.c == 'n').is_some();
        text.push(if is_line_end { SourceChar { c: '\n', ..ch } } else { ch });
    }
    text
}

/// The text that `xargs -I {}` replaces.
fn placeholder(command: &Command) -> Option<String> {
    let words = &command.words;
    let at = words.iter().position(|word| word.starts_with("-I") || word == "-i")?;
    let joined = words[at].trim_start_matches("-I");
    match words[at].as_str() {
        "-i" => Some("{}".to_owned()),
        "-I" => words.get(at + 1).cloned(),
        _ => Some(joined.to_owned()),
    }
}

/// A command with a word at its end, or in the place of the placeholder.
fn with_word(command: &Command, word: &[SourceChar], placeholder: Option<&str>) -> Command {
    let word = trimmed(word);
    let Some(at) = word.first().map(|ch| ch.at) else { return command.clone() };
    let Some(placeholder) = placeholder.filter(|text| !text.is_empty()) else {
        let mut command = command.clone();
        command.push(Field { chars: word.to_vec(), at });
        return command;
    };
    let mark: Vec<char> = placeholder.chars().collect();
    let mut replaced = Command { fields: Vec::new(), words: Vec::new(), ..command.clone() };
    for field in &command.fields {
        let begins = |at: usize| {
            field.chars[at..].iter().map(|ch| ch.c).take(mark.len()).eq(mark.iter().copied())
        };
        let mut chars = Vec::new();
        let mut at = 0;
        while at < field.chars.len() {
            if begins(at) {
                chars.extend_from_slice(word);
                at += mark.len();
            } else {
                chars.push(field.chars[at]);
                at += 1;
            }
        }
        replaced.push(Field { chars, at: field.at });
    }
    replaced
}
