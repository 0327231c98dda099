//! Where a script fails: an `exit 1`, or a test that stands alone and does not hold.

use super::command::Command;
use super::compound::word;
use super::failure::{Failure, Tested};
use super::lex::Token;
use super::state::Shell;

impl Shell<'_> {
    /// Notes that the script fails here.
    pub(super) fn fail(&mut self) {
        let chosen = self.branch.iter().all(|branch| branch.chosen);
        let found = if !self.reach.is_sure() || !chosen {
            let by_value = self.branch.iter().any(|branch| !branch.chosen && branch.by_value);
            if by_value || chosen { Failure::ByValue } else { Failure::Never }
        } else if self.branch.iter().all(|branch| branch.by_value) {
            Failure::Surely
        } else {
            Failure::InAlternative
        };
        self.failure = self.failure.max(found);
    }

    /// Ends the script where a test stands alone and does not hold: the shell of a step stops there.
    pub(super) fn stop_at_test(&mut self) {
        if !self.stops_at_failure || !self.tested.is_test() || self.is_skipping() {
            return;
        }
        match self.status {
            Some(false) => {
                self.fail();
                self.reach = self.reach.ended();
            }
            None if self.tested == Tested::Values => {
                self.reach = self.reach.perhaps_ended();
                self.failure = self.failure.max(Failure::ByValue);
            }
            _ => {}
        }
    }

    /// `set -e` and `set +e`.
    pub(super) fn set_options(&mut self, words: &[String]) {
        for word in words.iter().skip(1) {
            match word.strip_prefix(['-', '+']) {
                Some(options) if options.contains('e') && !options.starts_with('-') => {
                    self.stops_at_failure = word.starts_with('-');
                }
                _ => {}
            }
        }
    }

    /// Runs the commands of a condition: what fails there ends nothing.
    pub(super) fn condition(&mut self, tokens: &[Token], at: usize, stops: &[&str]) -> usize {
        let outer = std::mem::replace(&mut self.stops_at_failure, false);
        let end = self.list(tokens, at, stops);
        self.stops_at_failure = outer;
        end
    }
}

/// Whether an `exit` of a command says that the script has failed.
pub(super) fn is_failing(command: &Command) -> bool {
    !matches!(command.word(1), "" | "0")
}

/// Whether every `exit` of some commands says that the script has failed.
pub(super) fn only_fails(tokens: &[Token]) -> bool {
    let text = |at: usize| word(tokens, at).unwrap_or_default();
    let mut ends = (0..tokens.len()).filter(|at| matches!(text(*at).as_str(), "exit" | "return"));
    ends.all(|at| text(at + 1).parse::<u8>().is_ok_and(|status| status > 0))
}
