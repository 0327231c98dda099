//! Where something was seen, as a short text.

use std::cmp::Reverse;

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

/// Each place once: those with the most tags first, then by file and line.
pub(super) fn sorted<'a>(places: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut places: Vec<String> = places.into_iter().cloned().collect();
    places.sort_by_cached_key(|place| {
        let (file, line) = place.rsplit_once(':').unwrap_or((place, ""));
        (Reverse(tags(place)), file.to_owned(), line.parse::<u32>().unwrap_or(0), place.clone())
    });
    places.dedup();
    places
}

/// The count of ``24 tags `prod-{sha}` in backend``; 0 for other places.
fn tags(place: &str) -> usize {
    let mut words = place.split(' ');
    let count = words.next().and_then(|count| count.parse().ok());
    count.filter(|_| matches!(words.next(), Some("tag" | "tags"))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn places_are_sorted_by_their_numbers_and_not_by_their_digits() {
        let places =
            ["36 tags `a-{sha}` in x", "5 tags `b-{sha}` in x", "120 tags `c-{sha}` in x", "x"];
        let told = sorted(&places.map(str::to_owned));
        assert_eq!(told, [places[2], places[0], places[1], places[3]]);
        let lines = ["ci.yml:9", "ci.yml:12", "a.yml:20"].map(str::to_owned);
        assert_eq!(sorted(&lines), ["a.yml:20", "ci.yml:9", "ci.yml:12"]);
    }
}
