//! Numbered pages of the management APIs, and percent-encoded parts of paths.

use super::call::Call;

/// The order of a management API's lists; the real APIs document none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As both real APIs were seen to do.
    NewestFirst,
    /// Oldest first.
    OldestFirst,
}

/// Which page was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// From 1.
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// The page that a query asks for; none if its number or size is invalid.
    pub(super) fn asked(call: &Call, default_size: usize, max_size: usize) -> Option<Self> {
        let number = |name: &str, default: usize| match call.param(name) {
            Some(text) => text.parse().ok().filter(|number| *number > 0),
            None => Some(default),
        };
        let size = number("per_page", default_size)?.min(max_size);
        Some(Self { number: number("page", 1)?, size })
    }

    /// The items of a list that are on the page.
    pub(super) fn cut<T>(self, list: Vec<T>) -> Vec<T> {
        let before = (self.number - 1).saturating_mul(self.size);
        list.into_iter().skip(before).take(self.size).collect()
    }

    /// The number of the last page of a list with `total` items.
    pub(super) fn last(self, total: usize) -> usize {
        total.div_ceil(self.size).max(1)
    }
}

/// Percent-decodes a part of a path; none if the result is not UTF-8.
pub(super) fn decoded(part: &str) -> Option<String> {
    let mut bytes = part.bytes();
    let mut plain = Vec::with_capacity(part.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            plain.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            plain.push(byte);
        }
    }
    String::from_utf8(plain).ok()
}

/// A name as one part of a path.
pub(super) fn encoded(name: &str) -> String {
    name.replace('/', "%2F")
}

/// The parts of a path, each percent-decoded.
pub(super) fn parts(path: &str) -> Option<Vec<String>> {
    path.split('/').map(decoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_stays_within_its_part() {
        assert_eq!(parts("a%2Fb/tags%20x").unwrap(), ["a/b", "tags x"]);
        assert_eq!(parts("100%"), None);
        assert_eq!(parts("%zz"), None);
        assert_eq!(encoded("a/b"), "a%2Fb");
    }

    #[test]
    fn a_page_is_cut_out_of_the_list() {
        let page = Page { number: 2, size: 2 };
        assert_eq!(page.cut(vec![1, 2, 3]), [3]);
        assert_eq!((page.last(4), page.last(5), page.last(0)), (2, 3, 1));
        assert!(Page { number: usize::MAX, size: 2 }.cut(vec![1]).is_empty());
    }
}
