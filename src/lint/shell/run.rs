//! The interpreter: goes through lists, pipelines and simple commands in their order.

use super::command::Command;
use super::compound::word;
use super::ending::only_fails;
use super::failure::{Failure, Tested};
use super::lex::{Token, tokens};
use super::state::{DEEPEST, Shell};
use super::variable::assignment;
use crate::lint::position::{SourceChar, text_of};

impl Shell<'_> {
    /// Runs a script.
    pub(crate) fn run(&mut self, script: &[SourceChar]) {
        if self.depth >= DEEPEST || self.commands_left == 0 {
            return;
        }
        self.depth += 1;
        let tokens = tokens(script);
        self.all(&tokens);
        self.depth -= 1;
    }

    /// Runs a script inside of another command; what it prints does not count as output of this one.
    pub(super) fn nested(&mut self, script: &[SourceChar]) {
        let (status, group) = (self.status, std::mem::take(&mut self.group));
        let (reach, failure) = (self.reach, self.failure);
        let stops = std::mem::replace(&mut self.stops_at_failure, false);
        self.run(script);
        (self.status, self.group, self.stops_at_failure) = (status, group, stops);
        self.failure = failure.max(self.failure.min(Failure::ByValue));
        self.reach = reach.after_perhaps(self.reach);
    }

    /// Runs all tokens; those that cannot be understood are skipped.
    pub(super) fn all(&mut self, tokens: &[Token]) {
        let mut at = 0;
        while at < tokens.len() && self.commands_left > 0 {
            at = self.list(tokens, at, &[]);
            at += 1;
        }
    }

    /// Runs commands up to one of the words, a bracket that closes, or `;;`.
    pub(super) fn list(&mut self, tokens: &[Token], mut at: usize, stops: &[&str]) -> usize {
        while at < tokens.len() && self.commands_left > 0 {
            match &tokens[at] {
                Token::Operator(")" | ";;", _) => return at,
                Token::Operator(sign, _) if *sign != "(" => at += 1,
                Token::Word(word) if stops.contains(&text_of(word).as_str()) => return at,
                _ => at = self.chain(tokens, at),
            }
        }
        at.max(if self.commands_left == 0 { tokens.len() } else { at })
    }

    /// `a && b || c`.
    fn chain(&mut self, tokens: &[Token], start: usize) -> usize {
        let mut at = self.pipeline(tokens, start);
        let is_alone = !matches!(tokens.get(at), Some(Token::Operator("&&" | "||", _)));
        if is_alone && word(tokens, start).is_some_and(|word| word != "!") {
            self.stop_at_test();
        }
        let depth = self.branch.len();
        while let Some(Token::Operator(sign @ ("&&" | "||"), _)) = tokens.get(at) {
            let runs = self.status.map(|status| status == (*sign == "&&"));
            let before = self.status;
            at += 1;
            while matches!(tokens.get(at), Some(Token::Operator("\n", _))) {
                at += 1;
            }
            let (tested, reach) = (self.tested, self.reach);
            let vars = self.vars.clone();
            if runs.is_none() && (tested.is_test() || *sign == "||") {
                self.enter_branch(false, tested == Tested::Values);
            }
            self.skipping += usize::from(runs == Some(false));
            let next = self.pipeline(tokens, at);
            self.skipping -= usize::from(runs == Some(false));
            if runs.is_none() && self.reach.is_over() {
                self.vars = vars;
            } else if runs.is_none() && tested.is_test() {
                let ends = vec![vars.clone(), self.vars.clone()];
                self.merge(&vars, ends);
            }
            // What fails ends the step anyway: `docker push … || exit 1` is no question.
            let only_fails = *sign == "||"
                && !tested.is_test()
                && only_fails(tokens.get(at..next).unwrap_or_default());
            if runs.is_none() {
                let inner = if only_fails { reach } else { self.reach };
                self.reach = reach.after_perhaps(inner);
            }
            self.status =
                if runs == Some(false) { before } else { self.status.filter(|_| runs.is_some()) };
            if next == at {
                break;
            }
            at = next;
        }
        self.branch.truncate(depth);
        at
    }

    /// `a | b`.
    fn pipeline(&mut self, tokens: &[Token], mut at: usize) -> usize {
        let mut commands = Vec::new();
        let mut inverted = false;
        while matches!(tokens.get(at), Some(Token::Word(word)) if text_of(word) == "!") {
            inverted = !inverted;
            at += 1;
        }
        loop {
            self.commands_left = self.commands_left.saturating_sub(1);
            if let Some(next) = self.compound(tokens, at) {
                self.execute(std::mem::take(&mut commands));
                if word(tokens, at).is_none_or(|word| word != "[[") {
                    self.tested = Tested::Nothing;
                }
                at = next.max(at + 1);
            } else {
                let (next, command) = self.simple(tokens, at);
                at = next;
                commands.extend(command);
            }
            if !matches!(tokens.get(at), Some(Token::Operator("|" | "|&", _)))
                || self.commands_left == 0
            {
                break;
            }
            at += 1;
            while matches!(tokens.get(at), Some(Token::Operator("\n", _))) {
                at += 1;
            }
        }
        self.execute(commands);
        if inverted {
            self.status = self.status.map(|status| !status);
        }
        at
    }

    /// A simple command: assignments, words and redirections.
    fn simple(&mut self, tokens: &[Token], start: usize) -> (usize, Option<Command>) {
        let mut command = Command::default();
        let mut at = start;
        while let Some(token) = tokens.get(at) {
            match token {
                Token::Word(word) => {
                    let first = command.words.is_empty();
                    at += if let Some((name, value)) = assignment(word).filter(|_| first) {
                        self.assign(&name, value, &tokens[at..])
                    } else {
                        for field in self.fields(word) {
                            command.push(field);
                        }
                        1
                    };
                }
                Token::Redirect(sign) => {
                    if let Some(Token::Word(target)) = tokens.get(at + 1) {
                        let target = self.value(target);
                        if *sign == "<<<" {
                            command.bodies.push((target, true));
                        } else {
                            command.redirects.push((sign, text_of(&target)));
                        }
                        at += 1;
                    }
                    at += 1;
                }
                Token::Heredoc { body, quoted } => {
                    command.bodies.push((body.clone(), *quoted));
                    at += 1;
                }
                Token::Operator(_, _) => break,
            }
        }
        // Not a command: skip one token.
        let at = if at == start { at + 1 } else { at };
        (at, (!command.words.is_empty()).then_some(command))
    }
}
