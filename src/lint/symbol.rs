//! Text with unknown parts. An unknown part is a symbol: one character of a range that is private in Unicode.
//!
//! So values are plain strings that can be joined, split and compared, and two values are surely
//! equal if their strings are. `Symbols` knows what each character stands for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::overlap::{Piece, overlap};
pub(crate) use super::symbol_kind::{Commit, SymbolKind, WHOLE_SHA};

/// The private range; such characters in a workflow are replaced when it is read.
const FIRST: u32 = 0xF_0000;
const LAST: u32 = 0x10_FFFD;
/// How long a name may become before it is shortened.
const LONGEST_NAME: usize = 200;
/// In a shortened name, the mark before a hash of the whole name, which no message shows. It is the
/// last character of the private range, and never a symbol.
const SHORTENED: char = '\u{10_FFFD}';
const HASH_LENGTH: usize = 16;

/// An unknown part of a value.
#[derive(Debug)]
pub(crate) struct Symbol {
    /// How an expression or a script would write it: `${{ github.sha }}`.
    pub(crate) name: String,
    /// Which texts it may be.
    pub(crate) kind: SymbolKind,
    /// All texts that it may be, if they are known.
    pub(crate) choices: Vec<String>,
    /// Whether it is one of the choices only if a condition holds.
    pub(crate) conditional: bool,
    /// Whether a shell could not resolve it.
    pub(crate) unresolved: bool,
}

/// All symbols of the workflows that are linted together.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// The contexts whose values are known, such as `github.repository`.
    known: HashMap<&'static str, String>,
    list: RefCell<Vec<Rc<Symbol>>>,
    index: RefCell<HashMap<String, char>>,
}

/// Whether a character is a symbol.
pub(crate) fn is_symbol(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// Whether nothing of the text is unknown.
pub(crate) fn is_known(text: &str) -> bool {
    !text.chars().any(is_symbol)
}

impl Symbols {
    /// No symbols yet, for the workflows of a repository on GitHub, `owner/name`.
    pub(crate) fn of_repository(full_name: &str) -> Self {
        let (owner, name) = full_name.split_once('/').unwrap_or((full_name, full_name));
        let known = [
            ("github.repository", full_name),
            ("github.repository_owner", owner),
            ("github.event.repository.full_name", full_name),
            ("github.event.repository.name", name),
            ("github.event.repository.owner.login", owner),
        ];
        let known = known.map(|(path, value)| (path, value.to_owned()));
        Self { known: known.into(), ..Self::default() }
    }

    /// A symbol that can be any text; the same key gives the same symbol.
    pub(crate) fn any(&self, key: &str, name: &str) -> String {
        self.symbol(key, || Symbol::new(name, SymbolKind::Any))
    }

    /// The value of a context such as `github.sha`: mostly only its kind is known.
    pub(crate) fn context(&self, path: &str) -> String {
        if let Some(value) = self.known.get(path) {
            return value.clone();
        }
        let kind = match path {
            "github.sha"
            | "github.workflow_sha"
            | "github.event.after"
            | "github.event.head_commit.id"
            | "github.event.pull_request.head.sha"
            | "github.event.workflow_run.head_sha" => {
                SymbolKind::Sha(Some(WHOLE_SHA), Commit::of(path))
            }
            "github.event.release.tag_name" => SymbolKind::Version,
            _ if path.starts_with("github.repository") => SymbolKind::Name,
            _ => SymbolKind::Any,
        };
        self.symbol(path, || Symbol::new(&format!("${{{{ {path} }}}}"), kind))
    }

    /// Text that a shell could not resolve; the same key gives the same symbol.
    pub(crate) fn unresolved(&self, key: &str, name: &str) -> String {
        self.symbol(key, || Symbol { unresolved: true, ..Symbol::new(name, SymbolKind::Any) })
    }

    /// A version, or the name of a git tag.
    pub(crate) fn version(&self, key: &str, name: &str) -> String {
        self.symbol(key, || Symbol::new(name, SymbolKind::Version))
    }

    /// The SHA of a commit, or its first digits; the source is a context such as `github.sha`, or a
    /// command.
    pub(crate) fn sha(&self, source: &str, length: Option<u8>) -> String {
        let bare = source.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}"));
        let source = bare.unwrap_or(source);
        let (key, name) = match length {
            Some(WHOLE_SHA) => (format!("{source}[:40]"), format!("<{source}>")),
            Some(length) => {
                (format!("{source}[:{length}]"), format!("<{length} digits of {source}>"))
            }
            None => (format!("{source}[short]"), format!("<short {source}>")),
        };
        let kind = SymbolKind::Sha(length, Commit::of(source));
        self.symbol(&key, || Symbol::new(&name, kind))
    }

    /// What happened to a pull request that is not closed.
    pub(crate) fn open_action(&self, key: &str) -> String {
        let actions = ["opened", "synchronize", "reopened", "labeled", "ready_for_review"];
        let actions = actions.into_iter().map(str::to_owned).collect();
        self.choice(key, "${{ github.event.action }}", actions)
    }

    /// One of several texts.
    pub(crate) fn choice(&self, key: &str, name: &str, choices: Vec<String>) -> String {
        self.symbol(key, || Symbol { choices, ..Symbol::new(name, SymbolKind::Any) })
    }

    /// A text if a condition holds, or else something that counts as false.
    pub(crate) fn conditional(&self, key: &str, name: &str, text: String) -> String {
        self.symbol(key, || Symbol {
            choices: vec![text],
            conditional: true,
            ..Symbol::new(name, SymbolKind::Any)
        })
    }

    fn symbol(&self, key: &str, make: impl FnOnce() -> Symbol) -> String {
        if let Some(c) = self.index.borrow().get(key) {
            return c.to_string();
        }
        let mut list = self.list.borrow_mut();
        let room = Self::room();
        // When there is no more room, all share one symbol, and `overflowed` is true.
        let at = list.len().min(room);
        if at == list.len() {
            list.push(Rc::new(make()));
        }
        let c = u32::try_from(at).ok().and_then(|at| char::from_u32(FIRST + at)).unwrap_or('?');
        self.index.borrow_mut().insert(key.to_owned(), c);
        c.to_string()
    }

    /// How many different symbols there can be.
    fn room() -> usize {
        usize::try_from(LAST - FIRST - 1).unwrap_or(0)
    }

    /// Whether there were more unknown parts than symbols.
    pub(crate) fn overflowed(&self) -> bool {
        self.index.borrow().len() > Self::room()
    }

    /// The symbol of a character.
    pub(crate) fn get(&self, c: char) -> Option<Rc<Symbol>> {
        let at = u32::from(c).checked_sub(FIRST)?;
        self.list.borrow().get(usize::try_from(at).ok()?).map(Rc::clone)
    }

    /// The text in lower case; an unknown part becomes another one that is shown the same way.
    pub(crate) fn lower(&self, text: &str) -> String {
        self.mapped(text, "lower", |c| c.to_lowercase().collect())
    }

    /// The text with each known character changed; an unknown part becomes another one, which is
    /// shown as before. SHAs and versions stay what they are.
    pub(crate) fn mapped(
        &self,
        text: &str,
        change_name: &str,
        change: impl Fn(char) -> String,
    ) -> String {
        let mut mapped = String::with_capacity(text.len());
        for c in text.chars() {
            match self.get(c) {
                Some(symbol) if matches!(symbol.kind, SymbolKind::Sha(..)) => mapped.push(c),
                Some(symbol) => {
                    let key = format!("{change_name}({})", symbol.name);
                    let choices: Vec<String> = symbol
                        .choices
                        .iter()
                        .map(|choice| choice.chars().map(&change).collect())
                        .collect();
                    mapped.push_str(&self.symbol(&key, || Symbol {
                        choices,
                        conditional: symbol.conditional,
                        unresolved: symbol.unresolved,
                        ..Symbol::new(&symbol.name, symbol.kind)
                    }));
                }
                None => mapped.push_str(&change(c)),
            }
        }
        mapped
    }

    /// The symbol, if the text is just one.
    pub(crate) fn single(&self, text: &str) -> Option<Rc<Symbol>> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if is_symbol(c) => self.get(c),
            _ => None,
        }
    }

    /// The text with the names of its symbols, to name other symbols after it.
    pub(crate) fn named(&self, text: &str) -> String {
        let mut named = String::with_capacity(text.len());
        for c in text.chars() {
            match self.get(c) {
                Some(symbol) => named.push_str(&symbol.name),
                None => named.push(c),
            }
        }
        named
    }

    /// The text as people write it, for messages.
    pub(crate) fn show(&self, text: &str) -> String {
        let named = self.named(text);
        let mut parts = named.split(SHORTENED);
        let start = parts.next().unwrap_or_default().to_owned();
        parts.fold(start, |shown, part| shown + part.get(HASH_LENGTH..).unwrap_or_default())
    }

    /// All texts that a text may be, by the choices of its symbols; a symbol stays if there are too many.
    pub(crate) fn possibilities(&self, text: &str) -> Vec<String> {
        const MOST: usize = 16;
        let mut all = vec![String::new()];
        for c in text.chars() {
            let symbol =
                self.get(c).filter(|symbol| !symbol.choices.is_empty() && !symbol.conditional);
            match symbol {
                Some(symbol) if all.len() * symbol.choices.len() <= MOST => {
                    all = all
                        .iter()
                        .flat_map(|start| symbol.choices.iter().map(move |end| start.clone() + end))
                        .collect();
                }
                _ => all.iter_mut().for_each(|text| text.push(c)),
            }
        }
        all
    }

    /// Whether two texts may be equal, by all that each may be.
    pub(crate) fn may_be_one_of(&self, a: &str, b: &str) -> bool {
        let (a, b) = (self.possibilities(a), self.possibilities(b));
        a.iter().any(|a| b.iter().any(|b| self.may_equal(a, b)))
    }

    /// Whether two texts may be equal for some values of the symbols.
    pub(crate) fn may_equal(&self, a: &str, b: &str) -> bool {
        may_equal_by_ends(a, b).unwrap_or_else(|| self.may_equal_by_pieces(a, b))
    }

    /// The same by a comparison of all characters.
    pub(crate) fn may_equal_by_pieces(&self, a: &str, b: &str) -> bool {
        const LONGEST: usize = 2000;
        let (a, b) = (self.pattern(a), self.pattern(b));
        a.len() + b.len() > LONGEST || overlap(&a, &b)
    }

    /// A key: texts with different keys are surely different. None for a text that may be anything.
    pub(crate) fn key(&self, text: &str) -> Option<String> {
        let mut key = String::with_capacity(text.len());
        for c in text.chars() {
            match self.get(c).map(|symbol| symbol.kind) {
                Some(SymbolKind::Sha(Some(WHOLE_SHA..), _)) => key.push('\0'),
                Some(SymbolKind::Sha(..)) => key.push('\u{1}'),
                Some(_) => return None,
                None => key.push(c),
            }
        }
        Some(key)
    }

    fn pattern(&self, text: &str) -> Vec<Piece> {
        let piece = |c: char| match self.get(c).map(|symbol| symbol.kind) {
            Some(SymbolKind::Sha(length, commit)) => Piece::Sha(length, commit),
            Some(_) => Piece::Any,
            None => Piece::Char(c),
        };
        text.chars().map(piece).collect()
    }
}

impl Symbol {
    fn new(name: &str, kind: SymbolKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            choices: Vec::new(),
            conditional: false,
            unresolved: false,
        }
    }
}

/// Whether two texts may be equal, if their beginnings or ends decide it.
pub(crate) fn may_equal_by_ends(a: &str, b: &str) -> Option<bool> {
    if a == b {
        return Some(true);
    }
    let apart = |(a, b): (char, char)| !is_symbol(a) && !is_symbol(b);
    let start = a.chars().zip(b.chars()).find(|(a, b)| a != b);
    let end = a.chars().rev().zip(b.chars().rev()).find(|(a, b)| a != b);
    let differ = start.is_some_and(apart) || end.is_some_and(apart);
    (differ || (is_known(a) && is_known(b))).then_some(false)
}

/// A name, shortened if it is too long; a hash keeps shortened names apart.
pub(crate) fn bounded(name: String) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let start = &name[..name.floor_char_boundary(LONGEST_NAME)];
    format!("{start}…{SHORTENED}{hash:0HASH_LENGTH$x}")
}
