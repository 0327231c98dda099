//! What was found out about a registry by asking it: facts, not yet judged.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Unread;

/// The answer to one question; nothing when it was not asked.
pub type Probe = Option<Result<(), Unread>>;

/// What was found out about one registry.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The registry itself.
    pub registry: HostAnswer,
    /// Its management API, if it has one.
    pub api: Option<HostAnswer>,
    /// The credential that is used, if there is one.
    pub credential: Result<Option<CredentialFact>, Unread>,
    /// Whether the management API takes the token.
    pub accepted: Probe,
    /// Whether a tag can be asked for.
    pub read: Probe,
    /// Whether a repository can be listed.
    pub list: Probe,
    /// The rights of the token, where the management API names them.
    pub scopes: Option<BTreeSet<String>>,
    /// What is left of the rate limit, where it is told.
    pub budget: Option<RateLimit>,
    /// The registries of the account, where there is such a list.
    pub registries: Option<Result<Vec<String>, Unread>>,
}

/// Whether a host answers, and what its clock shows.
#[derive(Debug, Clone)]
pub struct HostAnswer {
    /// `host` or `host:port`.
    pub host: String,
    /// Its clock, if it answers and says so.
    pub answer: Result<Option<ServerClock>, Unread>,
}

/// What a server's clock showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// The time in its answer.
    pub time: DateTime<Utc>,
    /// How long after the start of the examination the answer came.
    pub elapsed: TimeDelta,
}

/// What may be said of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFact {
    /// Where it was found.
    pub origin: String,
    /// Whether it is for the management API too.
    pub opens_api: bool,
    /// What kind of token it is, by its beginning.
    pub token: TokenKind,
}

/// The kinds of tokens that GitHub's prefixes tell apart.
/// <https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal access token (classic): `ghp_`.
    Classic,
    /// A fine-grained personal access token: `github_pat_`.
    FineGrained,
    /// `GITHUB_TOKEN`, or that of a GitHub App's installation: `ghs_`.
    Installation,
    /// An OAuth app's, such as that of `gh auth login`: `gho_`.
    OAuth,
    /// Anything else.
    Other,
}

impl TokenKind {
    /// Tells the kind by the beginning of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let kinds = [
            ("ghp_", Self::Classic),
            ("github_pat_", Self::FineGrained),
            ("ghs_", Self::Installation),
            ("gho_", Self::OAuth),
        ];
        let known = kinds.into_iter().find(|(prefix, _)| token.starts_with(prefix));
        known.map_or(Self::Other, |(_, kind)| kind)
    }
}

/// What is left of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The requests still to be had.
    pub remaining: u64,
    /// Of how many.
    pub limit: Option<u64>,
    /// When there will be more.
    pub resets: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::TokenKind;

    #[test]
    fn tokens_are_told_apart_by_their_beginning() {
        assert_eq!(TokenKind::of("ghp_x"), TokenKind::Classic);
        assert_eq!(TokenKind::of("github_pat_x"), TokenKind::FineGrained);
        assert_eq!(TokenKind::of("ghs_x"), TokenKind::Installation);
        assert_eq!(TokenKind::of("gho_x"), TokenKind::OAuth);
        assert_eq!(TokenKind::of("dop_v1_x"), TokenKind::Other);
    }
}
