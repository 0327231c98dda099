//! Which lines of a log are output, and which ones only show the script or the inputs of a step.
//!
//! Before a step runs, the runner prints a group `Run …` with the script in bright cyan, or with the
//! inputs of the action, then its shell and its variables. Nothing in it was executed.

use super::line::without_colours;

/// How the runner colours the lines of a script.
const SCRIPT: &str = "\u{1b}[36;1m";

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A step, or a group of a step, begins.
    Begins,
    /// It shows what is going to be executed, or belongs to the runner.
    Shown,
    /// Something printed it.
    Output,
}

/// Where in a log a reader is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Section {
    /// Among output.
    #[default]
    Output,
    /// Behind the first line of a group `Run …`.
    RunBegins,
    /// In a group that shows what is going to be executed.
    Shown,
}

impl Section {
    /// Moves on by a line, its colours still in it.
    pub(super) fn classify(&mut self, line: &str) -> Line {
        if *self == Self::RunBegins && !line.is_empty() {
            // A step may print a group of its own that is called `Run …`.
            let heads = ["with:", "env:", "shell:"];
            let is_head =
                line.starts_with(SCRIPT) || heads.iter().any(|head| line.starts_with(head));
            *self = if is_head { Self::Shown } else { Self::Output };
        }
        let Some(command) = line.strip_prefix("##[") else {
            let is_shown = *self == Self::Shown || line.starts_with(SCRIPT) || is_traced(line);
            return if is_shown { Line::Shown } else { Line::Output };
        };
        if let Some(name) = command.strip_prefix("group]") {
            *self = if name.starts_with("Run ") { Self::RunBegins } else { Self::Output };
            return Line::Begins;
        }
        if command.starts_with("endgroup]") {
            *self = Self::Output;
            return Line::Shown;
        }
        let is_output = ["error]", "warning]", "notice]"].iter().any(|is| command.starts_with(is));
        if is_output && *self != Self::Shown { Line::Output } else { Line::Shown }
    }
}

/// Whether a shell traced a command here (`set -x`) before it executed it.
fn is_traced(line: &str) -> bool {
    let line = without_colours(line);
    let plain = line.trim_start_matches('+');
    plain.len() < line.len() && plain.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a log that are output.
    fn output(log: &str) -> Vec<&str> {
        let mut section = Section::default();
        log.lines().filter(|line| section.classify(line) == Line::Output).collect()
    }

    #[test]
    fn the_script_and_the_inputs_of_a_step_are_no_output() {
        let log = "##[group]Run docker pull x\n\u{1b}[36;1mdocker pull x\u{1b}[0m\nshell: bash\nenv:\n  A: b\n##[endgroup]\nout\n\
                   ##[group]Run actions/checkout@v4\nwith:\n  ref: main\nrest of it\n##[endgroup]\nmore";
        assert_eq!(output(log), ["out", "more"]);
    }

    #[test]
    fn the_groups_of_a_program_are_output() {
        let log = "##[group]Run migrations\nfirst\n##[endgroup]\n##[group]Build\nsecond\n##[endgroup]\nthird";
        assert_eq!(output(log), ["first", "second", "third"]);
    }

    #[test]
    fn commands_and_traces_are_not_output_and_errors_are() {
        let log = "##[command]docker pull x\n##[debug]x\n+ docker pull x\n++ date\n+1 more\n##[error]no\n##[warning]hm";
        assert_eq!(output(log), ["+1 more", "##[error]no", "##[warning]hm"]);
    }
}
