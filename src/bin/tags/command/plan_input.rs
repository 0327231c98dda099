//! Reads `--in-use`, the list of running images, for `tags cleanup`, `tags apply` and `tags explain`.

use std::path::Path;

use tags::command::{EmptyList, InUseList, Session};

use crate::context::read_input;
use crate::exit::Failure;

/// The list of running images; empty without `--in-use`.
pub(super) async fn in_use(
    session: &Session,
    path: Option<&Path>,
    allow_empty: bool,
) -> Result<InUseList, Failure> {
    let Some(path) = path else {
        return Ok(InUseList::default());
    };
    let text = read_input(path).await?;
    let empty = if allow_empty { EmptyList::Accept } else { EmptyList::Refuse };
    Ok(InUseList::parse(session, &text, empty)?)
}
