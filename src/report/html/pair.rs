//! A picture beside its table. Both have the same rows, of the same height.

use maud::{Markup, html};

/// The height of a row, in CSS pixels; the style sheet has the same.
pub(super) const ROW: usize = 28;

/// The middle of a row; the head of the table is row 0.
pub(super) fn middle(row: usize) -> usize {
    row * ROW + ROW / 2
}

/// How wide the picture is.
#[derive(Clone, Copy, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Width {
    /// As wide as what is in it.
    Fixed,
    /// A third: the table has long words.
    Third,
    /// Two thirds: the table has numbers only.
    Most,
}

/// A picture, and the table beside it.
pub(super) fn pair(width: Width, picture: &Markup, table: &Markup) -> Markup {
    let width: &str = width.into();
    html! { div class={ "pair " (width) } { div.picture { (picture) } div.scroll { (table) } } }
}

/// A picture as wide as its place, for so many rows with a head.
pub(super) fn picture(rows: usize, label: &str, inside: &Markup) -> Markup {
    html! {
        svg role="img" aria-label=(label) width="100%" height=((rows + 1) * ROW) { (inside) }
    }
}

/// A share as a length: the whole is 100 %.
#[expect(clippy::cast_precision_loss, reason = "for a picture it is exact enough")]
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    format!("{:.2}%", part as f64 * 100.0 / whole as f64)
}
