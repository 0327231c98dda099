//! The options of this command line, to be typed again in the command that applies what was planned.

use std::iter::Peekable;

use super::env;

/// The options that change a plan, and whether they take a value.
const OF_A_PLAN: [(&str, bool); 3] =
    [("--policy", true), ("--in-use", true), ("--allow-empty-in-use", false)];
/// Those that change which part of it is applied; a plan file holds them.
const OF_A_PART: [(&str, bool); 2] = [("--shard", true), ("--batch", true)];

/// The options with which a plan file is applied as it was made, each with a blank in front.
pub(crate) fn of_plan() -> String {
    options(env::words(), &OF_A_PLAN)
}

/// The options with which the same plan is made again, each with a blank in front.
pub(crate) fn of_cleanup() -> String {
    options(env::words(), &[&OF_A_PLAN[..], &OF_A_PART].concat())
}

fn options(words: impl Iterator<Item = String>, wanted: &[(&str, bool)]) -> String {
    let mut words = words.peekable();
    let mut text = String::new();
    while let Some(word) = words.next() {
        for part in parts(&word, &mut words, wanted) {
            text.push(' ');
            text.push_str(&tags::report::shell_word(&part));
        }
    }
    text
}

/// A word with its value, if it is one of the wanted options.
fn parts(
    word: &str,
    rest: &mut Peekable<impl Iterator<Item = String>>,
    wanted: &[(&str, bool)],
) -> Vec<String> {
    for (name, takes_value) in wanted {
        if word == *name {
            let value = takes_value.then(|| rest.next()).flatten();
            return std::iter::once(word.to_owned()).chain(value).collect();
        }
        if word.strip_prefix(name).is_some_and(|value| value.starts_with('=')) {
            return vec![word.to_owned()];
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shaped_a_plan_is_typed_again() {
        let words = "--policy a.toml cleanup -v --in-use=x --batch 10 --in-use kubernetes --shard 1/2 --out p --dry-run";
        let words = || words.split(' ').map(str::to_owned);
        assert_eq!(
            options(words(), &[&OF_A_PLAN[..], &OF_A_PART].concat()),
            " --policy a.toml --in-use=x --batch 10 --in-use kubernetes --shard 1/2"
        );
        assert_eq!(options(words(), &OF_A_PLAN), " --policy a.toml --in-use=x --in-use kubernetes");
        let odd = ["--in-use".to_owned(), "what runs.txt".to_owned()];
        assert_eq!(options(odd.into_iter(), &OF_A_PLAN), " --in-use 'what runs.txt'");
    }
}
