//! A tar archive with one file: the smallest layer that a container engine unpacks.
//!
//! The format is that of POSIX, "ustar Interchange Format":
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>. Nothing else is written.

const BLOCK: usize = 512;

/// An archive of one file that belongs to root and is from 1970.
pub(super) fn archive(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, content.len()).to_vec();
    bytes.extend_from_slice(content);
    // The content fills whole blocks, and two empty ones end the archive.
    bytes.resize(bytes.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
    bytes
}

fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let size = format!("{size:011o}\0");
    let mut header = [0; BLOCK];
    let fields: [(usize, &[u8]); 9] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (124, size.as_bytes()),
        (136, b"00000000000\0"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
    ];
    for (at, field) in fields {
        header[at..at + field.len()].copy_from_slice(field);
    }
    // The sum is taken with blanks in its own place.
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_a_header_the_content_and_two_empty_blocks() {
        let bytes = archive("app/release.txt", b"hello");
        assert_eq!(bytes.len(), 4 * BLOCK);
        assert_eq!(&bytes[..15], b"app/release.txt");
        assert_eq!(&bytes[124..136], b"00000000005\0");
        assert_eq!(&bytes[BLOCK..BLOCK + 6], b"hello\0");
        let blanked = |at: &usize| (148..156).contains(at);
        let sum: u32 =
            (0..BLOCK).map(|at| if blanked(&at) { 32 } else { u32::from(bytes[at]) }).sum();
        assert_eq!(&bytes[148..154], format!("{sum:06o}").as_bytes());
    }
}
