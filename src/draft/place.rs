//! Where something was seen, as a short text.

/// How many places are named.
const MOST: usize = 3;

/// The first places, lines of one file together, and how many more there are.
pub(super) fn shown(places: &[String]) -> String {
    let mut text = String::new();
    let mut last = None;
    for place in places.iter().take(MOST) {
        let (file, line) = place.rsplit_once(':').unwrap_or((place, ""));
        let is_line = !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        let same = last == Some(file) && is_line;
        match (same, text.is_empty()) {
            (true, _) => text.push_str(&format!(", {line}")),
            (false, true) => text.push_str(place),
            (false, false) => text.push_str(&format!("; {place}")),
        }
        last = Some(file);
    }
    match places.len().saturating_sub(MOST) {
        0 => text,
        more => format!("{text} and {more} more"),
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
