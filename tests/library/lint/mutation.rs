//! Workflows made worse: pieces of syntax, lines that move, bytes that are no text.

use std::fmt::Write as _;

/// What is put in: openings without ends, ends without openings, and names that mean something.
pub(crate) const PIECES: [&str; 72] = [
    "${{",
    "}}",
    "\"",
    "'",
    "`",
    "$(",
    "${X:",
    ")",
    "<<EOF\n",
    "|",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "&a ",
    "*a",
    "\n",
    "\t",
    "\0",
    "\r\n",
    "\r",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{f0000}é",
    "for x in a b; do ",
    "done; ",
    "if true; then ",
    "fi; ",
    "else ",
    "elif x; then ",
    "case $X in a) ",
    "esac; ",
    ";; ",
    "f() { f; }; f; ",
    "<<<$X ",
    "<<-'E'\n",
    "&& ",
    "|| ",
    "! ",
    "${X%%*",
    "${X##*/}",
    "${X,,}",
    "${GITHUB_SHA::7}",
    "$((1+1))",
    "$((",
    "[[ -n $X ]] ",
    "[[ ",
    "ssh a@b ",
    "bash -c '",
    "docker push ",
    "docker build -t ",
    "docker tag a b\n",
    "ghcr.io/",
    ":@/",
    "@sha256:",
    "${{ format('{0}', ",
    "${{ fromJSON('",
    "${{ join(needs.*.result, ",
    "${{ matrix.",
    "${{ inputs.x == 'y' && ",
    "!!str ",
    "!<",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: *a\n",
    "# tags: ignore[",
];

/// A sequence of numbers that one seed gives again.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 to below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from((self.0 >> 11) % bound).unwrap_or(0)
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// One of the texts after a few changes.
pub(crate) fn mutated(texts: &[&str], random: &mut Random) -> Vec<u8> {
    let mut text = random.of(texts).to_owned();
    for _ in 0..=random.below(10) {
        text = changed(&text, texts, random);
    }
    let mut bytes = match random.below(12) {
        0 => text.replace('\n', "\r\n").into_bytes(),
        1 => format!("\u{feff}{text}").into_bytes(),
        _ => text.into_bytes(),
    };
    if random.below(20) == 0 && !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] = [0xff, 0xc0, 0x80, 0][random.below(4)];
    }
    bytes
}

fn changed(text: &str, texts: &[&str], random: &mut Random) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return random.of(&PIECES).to_owned();
    }
    let at = random.below(lines.len());
    let end = (at + 1 + random.below(6)).min(lines.len());
    match random.below(12) {
        0..=4 => lines[at] = spliced(&lines[at], random),
        5 => drop(lines.drain(at..end)),
        6 => {
            let part = lines[at..end].to_vec();
            let to = random.below(lines.len());
            lines.splice(to..to, part);
        }
        7 => {
            let other: Vec<String> =
                random.of(texts).split_inclusive('\n').map(str::to_owned).collect();
            let from = random.below(other.len());
            let upto = (from + 1 + random.below(12)).min(other.len());
            lines.splice(at..end, other[from..upto].to_vec());
        }
        8 => lines[at] = " ".repeat(random.below(14)) + lines[at].trim_start(),
        9 => {
            let times = 2 + random.below(300);
            lines[at] = random.of(&PIECES).repeat(times) + &lines[at];
        }
        10 => lines.insert(at, bomb(random)),
        _ => {
            let line = lines[at].trim_end().repeat(2 + random.below(40));
            lines[at] = line + "\n";
        }
    }
    // Changes that double would leave room for nothing else.
    let text: String = lines.concat();
    text.chars().take(60_000).collect()
}

fn spliced(line: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = line.chars().collect();
    let at = random.below(chars.len() + 1);
    let end = (at + random.below(8)).min(chars.len());
    chars.splice(at..end, random.of(&PIECES).chars());
    chars.into_iter().collect()
}

/// Anchors that double what the one before them holds.
fn bomb(random: &mut Random) -> String {
    let mut text = "x0: &x0 [a, a]\n".to_owned();
    for number in 1..=random.below(40) {
        let _ = writeln!(text, "x{number}: &x{number} [*x{0}, *x{0}]", number - 1);
    }
    text + random.of(&["env: { A: *x0 }\n", "    strategy: { matrix: { a: *x1 } }\n", ""])
}
