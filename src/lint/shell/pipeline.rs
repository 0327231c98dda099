//! What a pipeline does: effects on images, scripts for other shells, values for later steps.

use std::rc::Rc;

use super::call::{ShellCall, inner_shell, is_shell, shell_call, ssh_command};
use super::command::{Command, Field};
use super::effect::Effect;
use super::ending::is_failing;
use super::failure::Tested;
use super::input::reads_script;
use super::state::{DEEPEST, Machine, Shell};
use super::substitute::echoed;
use super::variable::assignment;
use super::{condition, docker, login};
use crate::lint::position::{SourceChar, text_of};
use crate::lint::symbol::is_symbol;

impl Shell<'_> {
    /// Goes through a pipeline.
    pub(super) fn execute(&mut self, commands: Vec<Command>) {
        let Some(first) = commands.first() else { return };
        if commands.len() == 1 && self.call_function(first) {
            return;
        }
        self.status = None;
        self.tested = Tested::of(&commands, self.symbols);
        if self.is_skipping() {
            return;
        }
        let given = commands.clone();
        let commands: Vec<Command> = commands.into_iter().map(Command::unwrapped).collect();
        if let [command] = commands.as_slice() {
            match command.word(0) {
                "exit" => {
                    if is_failing(command) {
                        self.fail();
                    }
                    self.reach = self.reach.ended();
                }
                "set" => self.set_options(&command.words),
                "return" => self.reach = self.reach.returned(),
                _ => {}
            }
            self.status = condition::status(&command.words, self.symbols);
        }
        let start = self.effects.len();
        for (at, command) in commands.iter().enumerate() {
            if let Some(expanded) = self.with_arguments(&given[..=at]) {
                for command in expanded {
                    self.effects(&command, None);
                }
                continue;
            }
            let input = if reads_script(command) { self.input_of(&commands[..=at]) } else { None };
            let outer = self.vars.clone();
            for (name, value) in given[at].wrapper_assignments() {
                self.set(&name, value);
            }
            self.effects(command, input);
            if command.words.len() < given[at].words.len() {
                self.vars = outer;
            }
        }
        let piped = commands.first().filter(|_| commands.len() > 1).and_then(echoed);
        self.set_piped_password(start, piped.as_ref());
        self.record_output(&commands);
        self.printed = self.output_of(&commands);
    }

    /// A login reads its password from the pipe.
    fn set_piped_password(&mut self, start: usize, given: Option<&String>) {
        for state in self.effects.iter_mut().skip(start) {
            if let Effect::Login { token: token @ None, .. } = &mut state.effect {
                *token = given.cloned();
            }
        }
    }

    /// What one command does; the input is what it reads as a script.
    fn effects(&mut self, command: &Command, input: Option<Vec<SourceChar>>) {
        match command.program() {
            "echo" | "printf" => {
                docker::given_credentials(command, self.symbols, |effect| self.note(effect));
            }
            "ssh" => {
                let script = command.script(ssh_command(&command.words));
                match input {
                    Some(input) if script.is_empty() => self.script(&input, Machine::Host),
                    input => self.script_with_input(&script, Machine::Host, input),
                }
            }
            program if is_shell(program) => self.shell(command, input),
            "eval" => self.script(&command.script(1), self.machine),
            "export" | "local" | "declare" | "readonly" | "typeset" => self.declare(command),
            "read" | "mapfile" | "readarray" => self.read(command),
            "" => {
                // `sudo -i` runs a shell.
                if let Some(input) = input {
                    self.script(&input, self.machine);
                }
            }
            _ => {
                if let Some(input) = input {
                    self.script(&input, Machine::Container);
                }
                self.program(command);
            }
        }
    }

    /// A shell: it runs a word, a file, or its input.
    fn shell(&mut self, command: &Command, input: Option<Vec<SourceChar>>) {
        let (script, from) = match shell_call(command) {
            ShellCall::File => return self.program(command),
            ShellCall::Script { at } => {
                (command.fields.get(at).map(|field| field.chars.clone()), at + 2)
            }
            ShellCall::Input { arguments } => (input, arguments),
        };
        let Some(script) = script else { return };
        let arguments = command.words.get(from..).unwrap_or_default().to_vec();
        let outer = std::mem::replace(&mut self.arguments, arguments);
        self.script(&script, self.machine);
        self.arguments = outer;
    }

    /// A script whose commands read an input.
    fn script_with_input(
        &mut self,
        script: &[SourceChar],
        machine: Machine,
        input: Option<Vec<SourceChar>>,
    ) {
        let outer = std::mem::replace(&mut self.input, input);
        self.script(script, machine);
        self.input = outer;
    }

    /// A program: what it does, and the script that it runs in a container.
    fn program(&mut self, command: &Command) {
        let mut found = Vec::new();
        docker::effects(command, self.symbols, &mut found);
        let outer = self.machine;
        if is_on_host(command) {
            self.machine = Machine::Host;
        }
        let unknown = |word: &&String| word.chars().any(is_symbol);
        let words: Vec<String> = command.words.iter().filter(unknown).cloned().collect();
        if !words.is_empty() && !matches!(command.program(), "touch" | "mkdir") {
            self.note(Effect::Mention { words });
        }
        for effect in found {
            self.note(effect);
        }
        self.machine = outer;
        let inner = inner_shell(command).and_then(|shell| script_argument(command, shell));
        if let Some(script) = inner {
            self.script(&script.chars, Machine::Container);
        }
    }

    fn declare(&mut self, command: &Command) {
        for field in command.fields.iter().skip(1) {
            if let Some((name, value)) = assignment(&field.chars) {
                if matches!(name.as_str(), "DOCKER_CONFIG" | "REGISTRY_AUTH_FILE") {
                    self.note(login::of_host(""));
                }
                self.set(&name, text_of(value));
            }
        }
    }

    /// A script for another shell; on another host it does not see the variables of this one.
    fn script(&mut self, script: &[SourceChar], machine: Machine) {
        let vars = self.vars.clone();
        let outer = (self.machine, self.isolated);
        if machine != Machine::Runner && machine != self.machine {
            // A container of another host stays on that host.
            let machine = if self.machine == Machine::Host { Machine::Host } else { machine };
            (self.machine, self.isolated) = (machine, true);
            self.vars.clear();
        }
        self.nested(script);
        (self.machine, self.isolated) = outer;
        self.vars = vars;
    }

    /// Records what a pipeline writes for later steps.
    fn record_output(&mut self, commands: &[Command]) {
        let Some(first) = commands.first() else { return };
        let text = match first.program() {
            "echo" | "printf" => echoed(first),
            "cat" => first.bodies.first().map(|(body, quoted)| {
                if *quoted { text_of(body) } else { text_of(&self.expanded(body)) }
            }),
            _ => None,
        };
        let Some(text) = text else { return };
        let old = text.strip_prefix("::set-output name=").and_then(|rest| rest.split_once("::"));
        if let Some((name, value)) = old {
            self.outputs.write(&format!("{name}={value}"));
        }
        let targets: Vec<String> = commands.iter().flat_map(targets).collect();
        if targets.is_empty() && commands.len() == 1 {
            self.group.push(text);
        } else {
            self.write_to(&text, &targets);
        }
    }

    /// Writes text to those targets that later steps read.
    pub(super) fn write_to(&mut self, text: &str, targets: &[String]) {
        for target in targets {
            let shown = self.symbols.named(target);
            if shown.contains("GITHUB_OUTPUT") || shown.contains("github.output") {
                self.outputs.write(text);
            } else if shown.contains("GITHUB_ENV") || shown.contains("github.env") {
                self.exports.write(text);
            }
        }
    }

    /// Runs a function of the script, if the command is one.
    fn call_function(&mut self, command: &Command) -> bool {
        let name = command.word(0).to_owned();
        let Some(body) = self.functions.get(&name).map(Rc::clone) else { return false };
        if self.depth >= DEEPEST || self.is_skipping() {
            return true;
        }
        self.depth += 1;
        let arguments = command.words.iter().skip(1).cloned().collect();
        let outer = std::mem::replace(&mut self.arguments, arguments);
        let reach = self.reach;
        self.reach = reach.in_function();
        self.all(&body);
        self.reach = reach.after_call(self.reach);
        self.arguments = outer;
        self.depth -= 1;
        true
    }
}

/// Whether docker works on another host: `docker -H ssh://…`.
fn is_on_host(command: &Command) -> bool {
    let docker = matches!(command.program(), "docker" | "podman");
    docker && command.words.iter().any(|word| word.contains("ssh://"))
}

/// The script after `-c`.
fn script_argument(command: &Command, shell: usize) -> Option<&Field> {
    let flag =
        |word: &String| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c');
    let at = command.words.iter().skip(shell).position(flag)?;
    command.fields.get(shell + at + 1)
}

/// Where the output of a command goes.
fn targets(command: &Command) -> Vec<String> {
    let mut targets: Vec<String> = command
        .redirects
        .iter()
        .filter(|(sign, _)| sign.starts_with('>') && *sign != ">&")
        .map(|(_, target)| target.clone())
        .collect();
    if command.program() == "tee" {
        targets.extend(command.words.iter().skip(1).filter(|word| !word.starts_with('-')).cloned());
    }
    targets
}
