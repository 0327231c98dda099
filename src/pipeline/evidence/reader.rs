//! Reads a log piece by piece, in constant memory.

use super::already_exists::says_already_exists;
use super::line::{Lines, RawLine, text, without_colours};
use super::pull::Pulls;
use super::push::Pushes;
use super::reference::LogReference;
use super::section::{Line, Section};
use crate::model::Digest;

/// How many different pulls and pushes of a log are kept.
const MOST: usize = 256;

/// What moved an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum EvidenceKind {
    /// It was pulled.
    Pull,
    /// It was pushed.
    Push,
}

impl EvidenceKind {
    /// The word used in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An image that a job pulled or pushed, by its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which of the two.
    pub kind: EvidenceKind,
    /// The reference, as the log has it.
    pub reference: LogReference,
    /// The digest, if the log tells it.
    pub digest: Option<Digest>,
}

/// What the log of a job shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogEvidence {
    /// The images, in the order of the log, each once.
    pub images: Vec<Evidence>,
    /// How many lines say that something failed because it already exists.
    pub already_exists: u64,
    /// The first of these lines, counted from 1.
    pub first_already_exists: Option<u64>,
}

/// Reads the log of one job.
#[derive(Debug, Default)]
pub struct LogReader {
    lines: Lines,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    number: u64,
    section: Section,
    pulls: Pulls,
    pushes: Pushes,
    found: LogEvidence,
}

impl LogReader {
    /// Takes in the next bytes of the log.
    pub fn read(&mut self, bytes: &[u8]) {
        self.lines.read(bytes, |line| self.state.read(line));
    }

    /// What the log shows. Its end is here.
    #[must_use]
    pub fn finish(mut self) -> LogEvidence {
        self.lines.end(|line| self.state.read(line));
        self.state.found
    }

    /// How many bytes are held for what was read, at most.
    #[must_use]
    pub fn held(&self) -> usize {
        let images = &self.state.found.images;
        let images: usize = images.iter().map(|image| image.reference.held() + 160).sum();
        self.lines.held() + self.state.pushes.held() + images
    }
}

impl State {
    fn read(&mut self, line: &RawLine<'_>) {
        self.number += 1;
        // Windows ends a line with `\r\n`, and progress bars go back to its start with `\r`.
        let bytes = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
        for part in bytes.split(|b| *b == b'\r') {
            self.read_part(&text(part), line.is_cut);
        }
    }

    fn read_part(&mut self, coloured: &str, is_cut: bool) {
        match self.section.classify(coloured) {
            Line::Begins => {
                self.pulls.reset();
                self.pushes.reset();
            }
            Line::Output => self.output(&without_colours(coloured), is_cut),
            Line::Shown => {}
        }
    }

    fn output(&mut self, line: &str, is_cut: bool) {
        if says_already_exists(line) {
            self.found.already_exists += 1;
            self.found.first_already_exists.get_or_insert(self.number);
        }
        // The end of a cut line may be the middle of a reference.
        if is_cut {
            return;
        }
        if let Some((reference, digest)) = self.pulls.read(self.number, line) {
            self.keep(Evidence { kind: EvidenceKind::Pull, reference, digest });
        } else if let Some((reference, digest)) = self.pushes.read(line) {
            self.keep(Evidence { kind: EvidenceKind::Push, reference, digest: Some(digest) });
        }
    }

    fn keep(&mut self, evidence: Evidence) {
        let images = &mut self.found.images;
        if images.len() < MOST && !images.contains(&evidence) {
            images.push(evidence);
        }
    }
}
