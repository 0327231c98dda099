//! Shell text to words and operators; quotes and substitutions stay in the words.

use crate::lint::position::{Position, SourceChar, text_of};

/// A token.
#[derive(Debug, Clone)]
pub(super) enum Token {
    /// A word, with its quotes.
    Word(Vec<SourceChar>),
    /// An operator such as `&&`, `;` or `|`; a line's end is `\n`.
    Operator(&'static str, Position),
    /// `>`, `>>`, `<`, `<<<` and the like; the next word is the target.
    Redirect(&'static str),
    /// The body of a heredoc, which belongs to the command before it.
    Heredoc { body: Vec<SourceChar>, quoted: bool },
}

const OPERATORS: [&str; 10] = [";;", "&&", "||", "|&", ";", "|", "&", "(", ")", "\n"];
const REDIRECTS: [&str; 9] = ["<<<", "&>>", ">>", ">&", "<&", "&>", ">|", ">", "<"];

struct Lexer<'a> {
    chars: &'a [SourceChar],
    at: usize,
    tokens: Vec<Token>,
    /// Heredocs whose bodies follow after this line.
    pending: Vec<PendingHeredoc>,
}

struct PendingHeredoc {
    delimiter: String,
    quoted: bool,
    strips_tabs: bool,
    /// The number of its token.
    token: usize,
}

/// Splits a script.
pub(super) fn tokens(chars: &[SourceChar]) -> Vec<Token> {
    let mut lexer = Lexer { chars, at: 0, tokens: Vec::new(), pending: Vec::new() };
    while lexer.at < chars.len() {
        lexer.step();
    }
    lexer.tokens
}

impl Lexer<'_> {
    fn c(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|ch| ch.c)
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.c(ahead) == Some(c))
    }

    fn step(&mut self) {
        let Some(c) = self.c(0) else { return };
        let position = self.chars[self.at].at;
        if c == '\\' && self.c(1) == Some('\n') {
            self.at += 2;
        } else if c != '\n' && c.is_whitespace() {
            self.at += 1;
        } else if c == '#' {
            while self.c(0).is_some_and(|c| c != '\n') {
                self.at += 1;
            }
        } else if self.starts("<<") && !self.starts("<<<") {
            self.heredoc();
        } else if let Some(sign) = REDIRECTS.into_iter().find(|sign| self.starts(sign)) {
            self.at += sign.len();
            self.tokens.push(Token::Redirect(sign));
        } else if let Some(sign) = OPERATORS.into_iter().find(|sign| self.starts(sign)) {
            self.at += sign.len();
            self.tokens.push(Token::Operator(sign, position));
            if sign == "\n" {
                self.bodies();
            }
        } else {
            let word = self.word();
            if !word.is_empty() {
                self.tokens.push(Token::Word(word));
            }
        }
    }

    /// A word up to white space or an operator outside of quotes and substitutions.
    fn word(&mut self) -> Vec<SourceChar> {
        let start = self.at;
        while let Some(c) = self.c(0) {
            if c.is_whitespace() || ";|&()<>".contains(c) {
                break;
            }
            self.at = skip(self.chars, self.at);
        }
        // File descriptors belong to their redirection: `2>`.
        let word = self.chars[start..self.at].to_vec();
        if self.at == start {
            self.at += 1;
        }
        let number = !word.is_empty() && word.iter().all(|ch| ch.c.is_ascii_digit());
        if number && matches!(self.c(0), Some('<' | '>')) { Vec::new() } else { word }
    }

    fn heredoc(&mut self) {
        self.at += 2;
        let strips_tabs = self.c(0) == Some('-');
        self.at += usize::from(strips_tabs);
        while self.c(0).is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
        let word = self.word();
        let quoted = word.iter().any(|ch| matches!(ch.c, '\'' | '"' | '\\'));
        let plain = word.iter().map(|ch| ch.c).filter(|c| !matches!(c, '\'' | '"' | '\\'));
        let (delimiter, token) = (plain.collect(), self.tokens.len());
        self.pending.push(PendingHeredoc { delimiter, quoted, strips_tabs, token });
        self.tokens.push(Token::Heredoc { body: Vec::new(), quoted });
    }

    /// Reads the bodies that begin on this line.
    fn bodies(&mut self) {
        for heredoc in std::mem::take(&mut self.pending) {
            let mut body = Vec::new();
            while self.at < self.chars.len() {
                let rest = &self.chars[self.at..];
                let length = rest.iter().position(|g| g.c == '\n').map_or(rest.len(), |n| n + 1);
                let line = &rest[..length];
                self.at += length;
                let text = text_of(line);
                let text = text.trim_end_matches(['\n', '\r']);
                let text = if heredoc.strips_tabs { text.trim_start_matches('\t') } else { text };
                if text == heredoc.delimiter {
                    break;
                }
                body.extend_from_slice(line);
            }
            if let Some(token) = self.tokens.get_mut(heredoc.token) {
                *token = Token::Heredoc { body, quoted: heredoc.quoted };
            }
        }
    }
}

/// The index after the character, quoted piece or substitution that begins here.
pub(super) fn skip(chars: &[SourceChar], at: usize) -> usize {
    let c = |ahead: usize| chars.get(at + ahead).map(|ch| ch.c);
    let end = match (c(0), c(1)) {
        (Some('\\'), _) => at + 2,
        (Some('\''), _) => closing(chars, at + 1, '\''),
        (Some('"'), _) => double_quoted(chars, at + 1),
        (Some('`'), _) => closing(chars, at + 1, '`'),
        (Some('$'), Some('\'')) => closing(chars, at + 2, '\''),
        (Some('$'), Some('(')) => balanced(chars, at + 2, '(', ')'),
        (Some('$'), Some('{')) => balanced(chars, at + 2, '{', '}'),
        (Some('$'), Some(c)) if c.is_ascii_alphabetic() || c == '_' => {
            let name = |ch: &SourceChar| ch.c.is_ascii_alphanumeric() || ch.c == '_';
            let rest = &chars[at + 1..];
            at + 1 + rest.iter().position(|ch| !name(ch)).unwrap_or(rest.len())
        }
        (Some('$'), Some(c)) if c.is_ascii_digit() || "@*#?!$-".contains(c) => at + 2,
        _ => at + 1,
    };
    end.min(chars.len())
}

fn closing(chars: &[SourceChar], from: usize, quote: char) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    rest.iter().position(|ch| ch.c == quote).map_or(chars.len(), |end| from + end + 1)
}

fn double_quoted(chars: &[SourceChar], mut at: usize) -> usize {
    while let Some(ch) = chars.get(at) {
        match ch.c {
            '"' => return at + 1,
            '\\' => at += 2,
            '$' | '`' => at = skip(chars, at),
            _ => at += 1,
        }
    }
    at
}

/// The index after the closing bracket; brackets in quotes do not count.
fn balanced(chars: &[SourceChar], mut at: usize, open: char, close: char) -> usize {
    let mut depth = 1;
    while let Some(ch) = chars.get(at) {
        match ch.c {
            c if c == close => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return at;
                }
            }
            c if c == open => {
                depth += 1;
                at += 1;
            }
            '\\' => at += 2,
            '\'' if open == '(' => at = closing(chars, at + 1, '\''),
            '"' => {
                at += 1;
                while let Some(ch) = chars.get(at).filter(|ch| ch.c != '"') {
                    at += if ch.c == '\\' { 2 } else { 1 };
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    at
}
