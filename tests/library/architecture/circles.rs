//! Imports between the files of `src` never run in a circle.
//!
//! A name that a `mod.rs` hands on counts as an import of the file that defines it. What a `mod.rs` names of
//! the files in its own folder does not count: it lists them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// The path of a module, such as `lint`, `rule`, `group`.
type Module = Vec<String>;

/// The code of each module.
type Files = BTreeMap<Module, String>;

/// The program is a crate of its own: `crate` means this folder there.
const PROGRAM: [&str; 2] = ["bin", "tags"];

#[test]
fn imports_between_files_never_run_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Files::new();
    for path in super::sources(&root) {
        let inside = path.strip_prefix(&root).expect("below src").with_extension("");
        let mut module: Module =
            inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        files.insert(module, super::code(&path));
    }
    let found = circles(&files);
    assert!(found.is_empty(), "imports run in a circle:\n{}", found.join("\n"));
}

#[test]
fn a_circle_through_names_that_a_parent_hands_on_is_found() {
    let files = |b: &str| {
        let mut files = Files::new();
        let mut add = |path: &str, code: &str| {
            files.insert(path.split('/').map(str::to_owned).collect(), code.to_owned());
        };
        add("x", "mod a;\nmod b;\npub use a::A;\npub(crate) use b::{B, C as D};");
        add("x/a", "use super::{D, E};\npub struct A;");
        add("x/b", b);
        files
    };
    assert_eq!(circles(&files("pub struct B;")), Vec::<String>::new());
    for import in ["use crate::x::A;", "use super::{A, a::Z};", "fn f(a: &crate::x::a::Y) {}"] {
        assert_eq!(circles(&files(import)), ["x/a -> x/b -> x/a"], "{import}");
    }
}

/// The shortest circle through each file that is in one, each told once.
fn circles(files: &Files) -> Vec<String> {
    let edges: BTreeMap<&Module, BTreeSet<Module>> =
        files.iter().map(|(module, code)| (module, imports(files, module, code))).collect();
    let mut found = BTreeMap::new();
    for module in files.keys() {
        if let Some(circle) = shortest_way_back(&edges, module) {
            let members: BTreeSet<String> = circle.iter().cloned().collect();
            found.entry(members).or_insert_with(|| circle.join(" -> "));
        }
    }
    found.into_values().collect()
}

/// The shortest way along imports from a file back to itself.
fn shortest_way_back(
    edges: &BTreeMap<&Module, BTreeSet<Module>>,
    start: &Module,
) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut met = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in &edges[way[way.len() - 1]] {
            let mut way = way.clone();
            way.push(next);
            if next == start {
                return Some(way.into_iter().map(|module| module.join("/")).collect());
            }
            if met.insert(next) {
                ways.push_back(way);
            }
        }
    }
    None
}

/// The files whose names a file uses, but not those in its own folder where it lists that.
fn imports(files: &Files, module: &Module, code: &str) -> BTreeSet<Module> {
    let names = uses(code).into_iter().map(|(path, _)| path).chain(paths(code));
    let owners = names.filter_map(|name| owner(files, absolute(files, module, &name)?));
    owners.filter(|owner| !owner.starts_with(module)).collect()
}

/// Every path of the `use` lines, with the name by which the file knows it.
fn uses(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let Some((before, tree)) = statement.rsplit_once("use ") else { continue };
        // Another word may end in these letters.
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        for path in flattened(tree) {
            let (path, name) = path.split_once(" as ").unwrap_or((&path, ""));
            let path = path.trim().trim_end_matches("::self").to_owned();
            let last = path.rsplit("::").next().unwrap_or_default().to_owned();
            let name = if name.is_empty() { last } else { name.trim().to_owned() };
            found.push((path, name));
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn flattened(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| flattened(&format!("{}{}", prefix.trim(), part.trim()))).collect()
}

/// Paths that stand in the code itself: `crate::model::Tag`, `super::render`.
fn paths(code: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_path(c));
    let mut paths = words.filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
    // What ends in `::` is the beginning of a `use` with brackets.
    paths.by_ref().filter(|path| !path.ends_with("::")).map(str::to_owned).collect()
}

/// A path from the crate's root on; none for what is of another crate.
fn absolute(files: &Files, module: &Module, path: &str) -> Option<Module> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let root: Module = PROGRAM.iter().map(|part| (*part).to_owned()).collect();
    let mut whole = match parts.peek().copied()? {
        "crate" if module.starts_with(&root) => root,
        "crate" => Module::new(),
        _ => module.clone(),
    };
    if let Some("crate" | "self") = parts.peek().copied() {
        parts.next();
    } else if parts.peek().copied() == Some("super") {
        while parts.next_if_eq(&"super").is_some() {
            whole.pop();
        }
    } else {
        let child: Module =
            whole.iter().cloned().chain(parts.peek().map(|p| (*p).to_owned())).collect();
        files.get(&child)?;
    }
    whole.extend(parts.map(str::to_owned));
    Some(whole)
}

/// The file that defines what a path names, through names that other files hand on.
fn owner(files: &Files, path: Module) -> Option<Module> {
    let mut path = path;
    // Names are handed on a few times at most.
    for _ in 0..8 {
        let length = (0..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
        let module: Module = path[..length].to_vec();
        let name = path.get(length);
        let used = uses(&files[&module]).into_iter().find(|(_, used)| Some(used) == name);
        let target = used.and_then(|(target, _)| absolute(files, &module, &target));
        let Some(mut target) = target.filter(|target| *target != path) else { return Some(module) };
        target.extend_from_slice(&path[length + 1..]);
        path = target;
    }
    None
}
