//! Plain columns: a head, rows, two blanks between.

use comfy_table::{Table, presets};

/// Rows below a head, aligned; trailing blanks are taken off.
pub(super) fn columns(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.set_header(head.iter().copied());
    laid_out(table, rows)
}

/// Rows without a head, aligned.
pub(super) fn rows(rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() { String::new() } else { laid_out(Table::new(), rows) }
}

fn laid_out(mut table: Table, rows: Vec<Vec<String>>) -> String {
    table.load_style(presets::NOTHING);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    lines.concat()
}
