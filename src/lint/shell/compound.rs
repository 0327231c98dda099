//! Compound commands: `if`, loops, `case`, groups, functions.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::arms::Arms;
use super::command::Command;
use super::failure::{Failure, Tested};
use super::lex::Token;
use super::state::{Shell, Variables};
use crate::lint::position::{Position, text_of};
use crate::lint::symbol::bounded;

pub(super) fn word(tokens: &[Token], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(Token::Word(word)) => Some(text_of(word)),
        _ => None,
    }
}

pub(super) fn operator(tokens: &[Token], at: usize) -> Option<&'static str> {
    match tokens.get(at) {
        Some(Token::Operator(sign, _)) => Some(sign),
        _ => None,
    }
}

/// The position of a token.
pub(super) fn position(tokens: &[Token], at: usize) -> Position {
    let of = |token: &Token| match token {
        Token::Word(word) => word.first().map(|ch| ch.at),
        Token::Operator(_, at) => Some(*at),
        _ => None,
    };
    tokens.get(at).and_then(of).unwrap_or_default()
}

impl Shell<'_> {
    /// Runs a compound command; none if no such command begins here.
    pub(super) fn compound(&mut self, tokens: &[Token], at: usize) -> Option<usize> {
        const DEEPEST: usize = 24;
        if self.depth >= DEEPEST {
            return None;
        }
        self.depth += 1;
        let end = self.compound_inner(tokens, at);
        self.depth -= 1;
        end
    }

    fn compound_inner(&mut self, tokens: &[Token], at: usize) -> Option<usize> {
        if operator(tokens, at) == Some("(") {
            let before = (self.vars.clone(), self.reach);
            let failure = self.failure;
            let end = self.list(tokens, at + 1, &[]);
            self.failure = failure.max(self.failure.min(Failure::ByValue));
            self.vars = before.0;
            self.reach = before.1.after_perhaps(self.reach);
            return Some(self.group_end(tokens, end + 1));
        }
        let name = word(tokens, at)?;
        match name.as_str() {
            "if" => Some(self.branches_of_if(tokens, at + 1)),
            "while" | "until" => Some(self.while_loop(tokens, at + 1)),
            "for" | "select" => Some(self.for_loop(tokens, at + 1)),
            "case" => Some(self.case(tokens, at + 1)),
            "{" => {
                self.group.clear();
                let end = self.list(tokens, at + 1, &["}"]);
                Some(self.group_end(tokens, end + 1))
            }
            "[[" => Some(self.double_bracket(tokens, at)),
            "function" => self.function(tokens, at + 1),
            _ if operator(tokens, at + 1) == Some("(") && operator(tokens, at + 2) == Some(")") => {
                self.function(tokens, at)
            }
            _ => None,
        }
    }

    /// Applies the redirections after a group to what the group has printed.
    pub(super) fn group_end(&mut self, tokens: &[Token], mut at: usize) -> usize {
        let mut targets = Vec::new();
        while let Some(Token::Redirect(sign)) = tokens.get(at) {
            if let Some(Token::Word(target)) = tokens.get(at + 1) {
                let target = text_of(&self.value(target));
                if sign.starts_with('>') {
                    targets.push(target);
                }
            }
            at += 2;
        }
        let text = std::mem::take(&mut self.group).join("\n");
        if self.skipping == 0 {
            self.write_to(&text, &targets);
        }
        self.status = None;
        at
    }

    /// `[[ … ]]`, in which `&&` and `<` are not operators of the shell.
    fn double_bracket(&mut self, tokens: &[Token], start: usize) -> usize {
        let mut words = Vec::new();
        let mut simple = true;
        let mut at = start;
        while let Some(token) = tokens.get(at) {
            match token {
                Token::Word(word) => words.push(text_of(&self.value(word))),
                Token::Operator("\n", _) => {}
                _ => simple = false,
            }
            at += 1;
            if words.last().is_some_and(|word| word == "]]") {
                break;
            }
        }
        let status = super::condition::status(&words, self.symbols);
        let command = Command { words, ..Command::default() };
        self.tested = Tested::of(&[command], self.symbols);
        self.status = status.filter(|_| simple);
        at
    }

    fn branches_of_if(&mut self, tokens: &[Token], start: usize) -> usize {
        let end = self.condition(tokens, start, &["then", "fi"]);
        let (truth, by_value) = (self.status, self.tested == Tested::Values);
        let end = self.with_arms(|shell, arms| {
            arms.by_value = by_value;
            shell.arms_of_if(tokens, (end, truth), arms)
        });
        self.status = None;
        end + 1
    }

    fn arms_of_if(
        &mut self,
        tokens: &[Token],
        (mut at, mut truth): (usize, Option<bool>),
        arms: &mut Arms,
    ) -> usize {
        // Whether one of the arms so far runs: surely, surely not, or unknown.
        let mut decided = Some(false);
        let mut has_else = false;
        while let Some(start) = word(tokens, at).filter(|w| w == "then" || w == "else") {
            has_else |= start == "else";
            let runs = runs(decided, truth);
            at = self.arm(tokens, at + 1, (runs, arms), &["elif", "else", "fi"]);
            decided = decided_after(decided, runs, truth);
            match word(tokens, at).as_deref() {
                Some("elif") => {
                    self.vars.clone_from(&arms.before);
                    at = self.condition(tokens, at + 1, &["then", "fi"]);
                    truth = self.status;
                    arms.by_value = self.tested == Tested::Values;
                }
                Some("else") => truth = (decided == Some(false)).then_some(true),
                _ => break,
            }
        }
        if !has_else && decided != Some(true) {
            if decided == Some(false) {
                arms.ends.push(arms.before.clone());
            } else {
                arms.nothing();
            }
        }
        at
    }

    /// The variables after branches: one of several values where branches differ.
    pub(super) fn merge(&mut self, before: &Variables, ends: Vec<Variables>) {
        let mut ends = ends;
        let Some(last) = ends.pop() else {
            self.vars = before.clone();
            return;
        };
        if ends.is_empty() {
            self.vars = last;
            return;
        }
        ends.push(last);
        let names: BTreeSet<&String> = ends.iter().flat_map(BTreeMap::keys).collect();
        let mut merged = Variables::new();
        for name in names {
            let mut values: Vec<Option<String>> =
                ends.iter().map(|vars| vars.get(name).cloned()).collect();
            values.dedup();
            let value = if let [Some(value)] = values.as_slice() {
                value.clone()
            } else {
                let key = bounded(format!("${name} of {values:?}"));
                let unset = values.contains(&None);
                let texts: Vec<String> = values.into_iter().flatten().collect();
                if unset {
                    self.symbols.unresolved(&key, &format!("${name}"))
                } else {
                    self.symbols.choice(&key, &format!("${name}"), texts)
                }
            };
            merged.insert(name.clone(), value);
        }
        self.vars = merged;
    }

    /// Keeps a function's body for its calls.
    fn function(&mut self, tokens: &[Token], at: usize) -> Option<usize> {
        let name = word(tokens, at)?;
        let mut body = at + 1;
        while matches!(operator(tokens, body), Some("(" | ")" | "\n")) {
            body += 1;
        }
        self.skipping += 1;
        let end = self.compound(tokens, body);
        self.skipping -= 1;
        let end = end?;
        let tokens: Rc<[Token]> = tokens.get(body..end.min(tokens.len()))?.into();
        if !self.is_skipping() {
            self.functions.insert(name, tokens);
        }
        Some(end)
    }
}

/// Whether an arm of an `if` runs: by the arms before it, and its own condition.
fn runs(decided: Option<bool>, truth: Option<bool>) -> Option<bool> {
    match (decided, truth) {
        (Some(true), _) | (_, Some(false)) => Some(false),
        (Some(false), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether one of the arms up to this one runs.
fn decided_after(decided: Option<bool>, runs: Option<bool>, truth: Option<bool>) -> Option<bool> {
    match (decided, runs, truth) {
        (Some(true), ..) | (_, Some(true), _) => Some(true),
        (Some(false), _, Some(false)) => Some(false),
        _ => None,
    }
}
