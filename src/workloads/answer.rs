//! What the API server of a cluster answered.

/// An answer of the API server.
pub(super) enum Answer {
    /// The body of a page.
    Page(Vec<u8>),
    /// The server has no objects of this kind at all: it does not know the path.
    NoSuchKind,
    /// The list changed too much since its first page.
    Expired,
}
