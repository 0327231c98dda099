//! Lays out a table for the width of a terminal. If it is too wide, SHAs are shortened first; then lines
//! break between words; and if that is not enough, the last columns go to lines of their own.

use std::ops::Range;

use super::block::{Head, Table, Tone};
use super::escape::terminal;
use super::wrap::{Pieces, longest_word, width_of, wrapped};

/// Blanks between two columns.
const GAP: usize = 2;

/// By how much the columns are indented that go to lines of their own.
const FOLD: usize = 4;

/// How many digits of a SHA are shown: as many as fit.
const DIGITS: [Option<usize>; 4] = [None, Some(12), Some(10), Some(8)];

/// The lines of a table, in pieces; none for a table without rows.
pub(super) fn lines(table: &Table, width: Option<usize>) -> Vec<Pieces> {
    let Some(cells) = Cells::of(table) else {
        return Vec::new();
    };
    let indent = if table.is_indented { 2 } else { 0 };
    let Some(room) = width.map(|width| width.saturating_sub(indent)) else {
        let widths = cells.natural();
        let all = 0..widths.len();
        return Layout { cells: &cells, widths, groups: vec![all], indent }.lines();
    };
    for digits in DIGITS {
        let cells = cells.shortened(digits);
        let widths = cells.natural();
        if total(&widths) <= room {
            let all = 0..widths.len();
            return Layout { cells: &cells, widths, groups: vec![all], indent }.lines();
        }
    }
    // Where lines have to break anyway, SHAs need not be as short as they can be.
    let longer = cells.shortened(DIGITS[1]);
    let all = 0..cells.numbers.len();
    let narrowed = longer.narrowed(all.clone(), room);
    let cells = if total(&narrowed) <= room { longer } else { cells.shortened(DIGITS[3]) };
    let groups = groups(&cells.narrowed(all, room), room);
    // Columns that share a line with fewer others have more room than they asked for.
    let room_of = |first: usize| if first == 0 { room } else { room.saturating_sub(FOLD) };
    let widths =
        groups.iter().flat_map(|group| cells.narrowed(group.clone(), room_of(group.start)));
    let widths = widths.collect();
    Layout { cells: &cells, widths, groups, indent }.lines()
}

/// Whether a table fits without shorter SHAs and broken lines.
pub(super) fn fits(table: &Table, width: Option<usize>) -> bool {
    let indent = if table.is_indented { 2 } else { 0 };
    match (Cells::of(table), width) {
        (Some(cells), Some(width)) => total(&cells.natural()) + indent <= width,
        _ => true,
    }
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The columns that share a line; each group fits, if its first column does.
fn groups(widths: &[usize], room: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for end in 1..=widths.len() {
        let room = if groups.is_empty() { room } else { room.saturating_sub(FOLD) };
        if total(&widths[start..end]) > room && end - start > 1 {
            groups.push(start..end - 1);
            start = end - 1;
        }
    }
    groups.push(start..widths.len());
    groups
}

/// The escaped cells, row by row, the heads first if there are any.
struct Cells {
    rows: Vec<Vec<Pieces>>,
    /// Which columns have numbers.
    numbers: Vec<bool>,
}

impl Cells {
    fn of(table: &Table) -> Option<Self> {
        let count = table.columns.first().map_or(0, |(_, cells)| cells.len());
        if count == 0 {
            return None;
        }
        let heads = table.columns.iter().map(|(head, _)| match head {
            Head::None => String::new(),
            Head::Word(word) | Head::Number(word) => word.to_uppercase(),
        });
        let heads: Vec<Pieces> = heads.map(|head| vec![(Tone::Plain, head)]).collect();
        let has_heads = heads.iter().any(|head| width_of(head) > 0);
        let row = |row: usize| -> Vec<Pieces> {
            let cells = table.columns.iter().map(|(_, cells)| &cells[row].0);
            let escaped = |(tone, text): &(Tone, String)| (*tone, terminal(text).into_owned());
            cells.map(|pieces| pieces.iter().map(escaped).collect()).collect()
        };
        let rows = has_heads.then_some(heads).into_iter().chain((0..count).map(row)).collect();
        let numbers = table.columns.iter().map(|(head, _)| matches!(head, Head::Number(_)));
        Some(Self { rows, numbers: numbers.collect() })
    }

    /// With SHAs of so many digits. The shortest form leaves out the algorithm of digests as well.
    fn shortened(&self, digits: Option<usize>) -> Self {
        let piece = |(tone, text): &(Tone, String)| {
            let text = match (tone, digits) {
                (Tone::Sha, Some(digits)) => text.chars().take(digits).collect(),
                (Tone::Digest, Some(digits)) if digits < 12 => {
                    text.strip_prefix("sha256:").unwrap_or(text).to_owned()
                }
                _ => text.clone(),
            };
            (*tone, text)
        };
        let cell = |cell: &Pieces| cell.iter().map(piece).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Self { rows, numbers: self.numbers.clone() }
    }

    fn widths(&self, of: impl Fn(&[(Tone, String)]) -> usize) -> Vec<usize> {
        let column = |column: usize| self.rows.iter().map(|row| of(&row[column])).max();
        (0..self.numbers.len()).map(|index| column(index).unwrap_or(0)).collect()
    }

    fn natural(&self) -> Vec<usize> {
        self.widths(width_of)
    }

    /// Widths of columns that share a line, which fit as far as they can by breaking lines between words: the
    /// widest column gives first.
    fn narrowed(&self, columns: Range<usize>, room: usize) -> Vec<usize> {
        let mut widths = self.natural()[columns.clone()].to_vec();
        let mut least = self.widths(longest_word)[columns.clone()].to_vec();
        // A number stays with its unit.
        let numbers = &self.numbers[columns];
        let numbers = (0..widths.len()).filter(|index| numbers[*index]);
        numbers.for_each(|index| least[index] = widths[index]);
        while total(&widths) > room {
            let can_give = (0..widths.len()).filter(|index| widths[*index] > least[*index]);
            let Some(widest) = can_give.max_by_key(|index| (widths[*index], *index)) else {
                break;
            };
            widths[widest] -= 1;
        }
        widths
    }
}

/// Cells with the widths of their columns, and the columns that share a line.
struct Layout<'a> {
    cells: &'a Cells,
    widths: Vec<usize>,
    groups: Vec<Range<usize>>,
    indent: usize,
}

impl Layout<'_> {
    fn lines(&self) -> Vec<Pieces> {
        let mut lines = Vec::new();
        for row in &self.cells.rows {
            for (number, group) in self.groups.iter().enumerate() {
                let indent = if number == 0 { self.indent } else { self.indent + FOLD };
                let of_group = self.group(row, group.clone(), indent);
                // Columns without a word in this row need no line of their own.
                lines.extend(of_group.into_iter().filter(|line| number == 0 || !line.is_empty()));
            }
        }
        lines
    }

    /// The lines of the columns of a row that stand side by side.
    fn group(&self, row: &[Pieces], group: Range<usize>, indent: usize) -> Vec<Pieces> {
        let cells: Vec<Vec<Pieces>> =
            group.clone().map(|column| wrapped(&row[column], self.widths[column], 0)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |number: usize| {
            let mut line = vec![(Tone::Plain, " ".repeat(indent))];
            for (cell, column) in cells.iter().zip(group.clone()) {
                let pieces = cell.get(number).cloned().unwrap_or_default();
                let blanks = " ".repeat(self.widths[column].saturating_sub(width_of(&pieces)));
                let (before, after) = if self.cells.numbers[column] {
                    (blanks, String::new())
                } else {
                    (String::new(), blanks)
                };
                line.push((Tone::Plain, before));
                line.extend(pieces);
                line.push((Tone::Plain, after + &" ".repeat(GAP)));
            }
            without_end_blanks(line)
        };
        (0..height).map(line).collect()
    }
}

fn without_end_blanks(mut line: Pieces) -> Pieces {
    while let Some((_, text)) = line.last_mut() {
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            break;
        }
        line.pop();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::block::{Block, Rows, Text};
    use super::*;

    const SHA: &str = "2e958df650705ed3ad0866b46340c6863a94e420";

    fn table(words: &str) -> Table {
        let rows = [(SHA, 7, words), (SHA, 12, "")];
        let table = Rows::of(&rows)
            .word("sha", |(sha, ..)| Text::new(Tone::Sha, sha))
            .number("count", |(_, count, _)| count)
            .column(Head::None, |(.., words)| *words);
        let Block::Table(table) = table.block() else { unreachable!("a table") };
        table
    }

    fn shown(words: &str, width: usize) -> Vec<String> {
        let lines = lines(&table(words), Some(width));
        let text = |line: &Pieces| line.iter().map(|(_, text)| text.as_str()).collect();
        lines.iter().map(text).collect()
    }

    #[test]
    fn shas_are_shortened_before_words_break() {
        let whole = shown("current", 80);
        assert_eq!(whole[1], format!("{SHA}      7  current"));
        assert!(fits(&table("current"), Some(56)) && !fits(&table("current"), Some(55)));
        assert_eq!(shown("current", 30)[1], "2e958df65070      7  current");
        assert_eq!(shown("current", 25)[1], "2e958df6      7  current");
    }

    #[test]
    fn words_break_where_short_shas_are_not_enough() {
        let lines = shown("rollback target", 25);
        assert_eq!(
            lines,
            [
                "SHA       COUNT",
                "2e958df6      7  rollback",
                "                 target",
                "2e958df6     12"
            ]
        );
    }

    #[test]
    fn columns_go_to_their_own_line_where_words_are_too_long() {
        let lines = shown("sha256:0123456789abcdef", 25);
        assert_eq!(
            lines,
            [
                "SHA       COUNT",
                "2e958df6      7",
                "    sha256:0123456789abcdef",
                "2e958df6     12"
            ]
        );
    }
}
