//! Loops and `case`: bodies that run for each item, may run, or do not run.

use super::arms::Arms;
use super::compound::{operator, position, word};
use super::lex::Token;
use super::state::Shell;
use crate::lint::position::text_of;
use crate::lint::symbol::{bounded, is_known};

/// How many known items a loop's body is run for.
const MOST_ITEMS: usize = 64;

impl Shell<'_> {
    pub(super) fn while_loop(&mut self, tokens: &[Token], at: usize) -> usize {
        let at = self.condition(tokens, at, &["do", "done"]);
        let before = self.vars.clone();
        let mut arms = Arms::new(before.clone(), None);
        arms.ends.push(before.clone());
        let body = if word(tokens, at).as_deref() == Some("do") { at + 1 } else { at };
        let end = self.arm(tokens, body, (None, &mut arms), &["done"]);
        self.merge(&before, arms.ends);
        self.group_end(tokens, end + 1)
    }

    pub(super) fn for_loop(&mut self, tokens: &[Token], at: usize) -> usize {
        let name = word(tokens, at).unwrap_or_default();
        let mut items: Vec<String> = Vec::new();
        let mut next = at + 1;
        let listed = word(tokens, next).as_deref() == Some("in");
        next += usize::from(listed);
        while let Some(Token::Word(word)) = tokens.get(next) {
            if !listed || text_of(word) == "do" {
                break;
            }
            items.extend(self.fields(word).iter().map(|field| text_of(&field.chars)));
            next += 1;
        }
        if !listed {
            items.clone_from(&self.arguments);
        }
        while next < tokens.len() && word(tokens, next).as_deref() != Some("do") {
            next += 1;
        }
        let end = self.for_items(tokens, next + 1, &name, &items);
        self.group_end(tokens, end + 1)
    }

    fn for_items(&mut self, tokens: &[Token], body: usize, name: &str, items: &[String]) -> usize {
        let known = !items.is_empty() && items.len() <= MOST_ITEMS;
        let known = known
            && items.iter().all(|item| self.symbols.single(item).is_none() || items.len() > 1);
        if self.is_skipping() || !known {
            let value = match items {
                // A lone unknown value may be a list of any length.
                [item] => format!("an item of {item}"),
                _ => format!("${name} at {}", position(tokens, body)),
            };
            let value = self.symbols.unresolved(&bounded(value), &format!("${name}"));
            self.set(name, value);
            // Of unknown items there may be none.
            let before = self.reach;
            let end = self.list(tokens, body, &["done"]);
            self.reach = before.after_perhaps(self.reach);
            return end;
        }
        let mut end = body;
        for item in items {
            self.set(name, item.clone());
            end = self.list(tokens, body, &["done"]);
        }
        end
    }

    pub(super) fn case(&mut self, tokens: &[Token], start: usize) -> usize {
        let Some(Token::Word(subject)) = tokens.get(start) else { return start + 1 };
        let subject = text_of(&self.value(subject));
        let unresolved = |c| self.symbols.get(c).is_some_and(|symbol| symbol.unresolved);
        let by_value = !subject.chars().any(unresolved);
        let end = self.with_arms(|shell, arms| {
            arms.by_value = by_value;
            shell.arms_of_case(tokens, start, &subject, arms)
        });
        self.group_end(tokens, end + 1)
    }

    fn arms_of_case(
        &mut self,
        tokens: &[Token],
        start: usize,
        subject: &str,
        arms: &mut Arms,
    ) -> usize {
        let mut at = start + 1;
        let mut taken = false;
        let mut has_default = false;
        while at < tokens.len() && word(tokens, at).as_deref() != Some("esac") {
            let mut patterns = Vec::new();
            while at < tokens.len() && operator(tokens, at) != Some(")") {
                if let Some(Token::Word(word)) = tokens.get(at) {
                    if text_of(word) == "esac" {
                        break;
                    }
                    patterns.push(text_of(&self.value(word)));
                }
                at += 1;
            }
            if word(tokens, at).as_deref() == Some("esac") {
                break;
            }
            has_default |= patterns.iter().any(|pattern| pattern == "*");
            let runs = if taken { Some(false) } else { matches(subject, &patterns) };
            taken |= runs == Some(true);
            let next = self.arm(tokens, at + 1, (runs, arms), &["esac"]);
            let closed = matches!(operator(tokens, next), Some(";;" | ")"));
            at = if closed { next + 1 } else { next };
        }
        if !taken && !has_default {
            arms.nothing();
        }
        at
    }
}

/// Whether a subject matches patterns of `case`.
fn matches(subject: &str, patterns: &[String]) -> Option<bool> {
    if patterns.iter().any(|pattern| pattern == "*" || pattern == subject) {
        return Some(true).filter(|_| is_known(subject) || patterns.iter().any(|p| p == subject));
    }
    let plain = patterns.iter().all(|p| is_known(p) && !p.contains(['*', '?', '[']));
    (is_known(subject) && plain).then_some(false)
}
