//! Where something was seen, as a short text.

/// How many places are named.
const MOST: usize = 3;

/// The first places, and how many more there are; sorted by file and line.
pub(super) fn shown(places: &[String]) -> String {
    let named = places.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match places.len().saturating_sub(MOST) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Each place once, sorted by file and line.
pub(super) fn sorted<'a>(places: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut places: Vec<String> = places.into_iter().cloned().collect();
    places.sort_by_cached_key(|place| {
        let (file, line) = place.rsplit_once(':').unwrap_or((place, ""));
        (file.to_owned(), line.parse::<u32>().unwrap_or(0), place.clone())
    });
    places.dedup();
    places
}
