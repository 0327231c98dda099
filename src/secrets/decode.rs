//! Decodes one layer of escapes of a text, and records where each byte came from: backslashes of
//! JSON and Rust, percent signs of URLs and workflow commands, HTML entities.

use std::ops::Range;

/// A text after decoding.
pub(super) struct Decoded {
    bytes: Vec<u8>,
    /// For each byte, where the escape or byte that it came from begins in the original; one more
    /// entry for the end.
    starts: Vec<usize>,
}

impl Decoded {
    /// Decodes one layer; none if the text has no escapes.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let first = text.iter().position(|byte| starts_escape(*byte))?;
        decode(text, first, (starts_escape, |at| at))
    }

    /// The text without decoding.
    pub(super) fn undecoded(text: &[u8]) -> Self {
        Self { bytes: text.to_vec(), starts: (0..=text.len()).collect() }
    }

    /// Decodes one more layer; none if there are no escapes left.
    pub(super) fn decode_again(&self) -> Option<Self> {
        self.decode_again_if(starts_escape)
    }

    /// Decodes one more layer, but only escapes that begin with this byte.
    pub(super) fn decode_again_of(&self, begin: u8) -> Option<Self> {
        self.decode_again_if(|byte| byte == begin)
    }

    fn decode_again_if(&self, starts_escape: impl Fn(u8) -> bool) -> Option<Self> {
        let first = self.bytes.iter().position(|byte| starts_escape(*byte))?;
        decode(&self.bytes, first, (starts_escape, |at: usize| self.starts[at]))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The range of the original that these decoded bytes came from, extended to whole escapes.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = self.starts[range.start];
        let last = self.starts[range.end - 1];
        let end = self.starts[range.end..].iter().find(|next| **next > last);
        start..end.copied().unwrap_or(last)
    }

    /// Extends a range of a text to whole escapes; the original begins at `start` of that text.
    pub(super) fn around(&self, range: Range<usize>, start: usize) -> Range<usize> {
        let (from, to) = (range.start.saturating_sub(start), range.end - start);
        let begin = self.starts.partition_point(|at| *at <= from);
        let end = self.starts.partition_point(|at| *at < to);
        let from = begin.checked_sub(1).map_or(from, |at| self.starts[at]);
        from + start..self.starts.get(end).copied().unwrap_or(to) + start
    }
}

/// The bytes that begin an escape.
pub(super) const ESCAPE_STARTS: [u8; 3] = [b'\\', b'%', b'&'];

fn starts_escape(byte: u8) -> bool {
    ESCAPE_STARTS.contains(&byte)
}

/// Decodes the escapes that `starts_escape` selects; `origin` gives the origin of each byte.
fn decode(
    text: &[u8],
    first: usize,
    (starts_escape, origin): (impl Fn(u8) -> bool, impl Fn(usize) -> usize),
) -> Option<Decoded> {
    let mut bytes = text[..first].to_vec();
    let mut starts: Vec<usize> = (0..first).map(&origin).collect();
    let (mut at, mut changed) = (first, false);
    while at < text.len() {
        let escape = if starts_escape(text[at]) { escape(&text[at..]) } else { None };
        let length = if let Some((character, length)) = escape {
            let mut room = [0; 4];
            bytes.extend_from_slice(character.bytes(&mut room));
            changed = true;
            length
        } else {
            bytes.push(text[at]);
            1
        };
        starts.resize(bytes.len(), origin(at));
        at += length;
    }
    starts.push(origin(text.len()));
    changed.then_some(Decoded { bytes, starts })
}

/// The result of decoding an escape.
enum Unescaped {
    Byte(u8),
    Character(char),
}

impl Unescaped {
    fn bytes<'a>(&self, room: &'a mut [u8; 4]) -> &'a [u8] {
        match self {
            Self::Byte(byte) => {
                room[0] = *byte;
                &room[..1]
            }
            Self::Character(character) => character.encode_utf8(room).as_bytes(),
        }
    }
}

/// The escape at the beginning of a text, with its length.
fn escape(text: &[u8]) -> Option<(Unescaped, usize)> {
    match text {
        [b'%', rest @ ..] => byte(rest).map(|byte| (Unescaped::Byte(byte), 3)),
        [b'&', ..] => entity(text),
        [b'\\', b'u', b'{', rest @ ..] => {
            let length = rest.iter().take(7).position(|byte| *byte == b'}')?;
            let code = number(&rest[..length], 16)?;
            Some((Unescaped::Character(char::from_u32(code)?), length + 4))
        }
        [b'\\', b'u', rest @ ..] => utf16(rest),
        [b'\\', b'x', rest @ ..] => byte(rest).map(|byte| (Unescaped::Byte(byte), 4)),
        [b'\\', letter, ..] => {
            let byte = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                b'0' => 0,
                other if other.is_ascii_punctuation() => *other,
                _ => return None,
            };
            Some((Unescaped::Byte(byte), 2))
        }
        _ => None,
    }
}

/// What follows `\u`, with the second surrogate if there is one.
fn utf16(text: &[u8]) -> Option<(Unescaped, usize)> {
    let unit = number(text.get(..4)?, 16)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((Unescaped::Character(character), 6));
    }
    let second = text.get(4..10)?.strip_prefix(b"\\u").and_then(|digits| number(digits, 16))?;
    let units = [u16::try_from(unit).ok()?, u16::try_from(second).ok()?];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((Unescaped::Character(character), 12))
}

/// `&lt;`, `&#60;`, `&#x3c;`.
fn entity(text: &[u8]) -> Option<(Unescaped, usize)> {
    let length = text.iter().take(10).position(|byte| *byte == b';')?;
    let name = &text[1..length];
    let character = match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => return None,
    };
    Some((Unescaped::Character(character), length + 1))
}

fn byte(text: &[u8]) -> Option<u8> {
    number(text.get(..2)?, 16).and_then(|value| u8::try_from(value).ok())
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| valid)?;
    u32::from_str_radix(text, radix).ok()
}
