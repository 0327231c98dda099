//! The name of a file that is written.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};

/// Parses the name. `-` is no file: elsewhere it means stdin, and a file of that name is never meant.
pub(super) fn written_file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path == Path::new("-") {
            Err("`-` names no file; `./-` would, and `--format json` prints the result on stdout")
        } else {
            Ok(path)
        }
    })
}
