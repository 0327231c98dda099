//! Facts about the access to a registry; `tags doctor` judges them.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Unread;

/// The result of one request that tests the access; none if it was not sent.
pub type Probe = Option<Result<(), Unread>>;

/// Facts about one registry.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The registry itself.
    pub registry: HostAnswer,
    /// Its management API, if it has one.
    pub api: Option<HostAnswer>,
    /// The credential that is used, if there is one.
    pub credential: Result<Option<CredentialFact>, Unread>,
    /// Whether the management API accepts the token.
    pub accepted: Probe,
    /// Whether a tag can be read.
    pub read: Probe,
    /// Whether a repository can be listed.
    pub list: Probe,
    /// The scopes of the token, where the management API reports them.
    pub scopes: Option<BTreeSet<String>>,
    /// What is left of the rate limit, where it is reported.
    pub budget: Option<RateLimit>,
    /// The registries of the account, where the management API lists them.
    pub registries: Option<Result<Vec<String>, Unread>>,
}

/// Whether a host answers, and what its clock shows.
#[derive(Debug, Clone)]
pub struct HostAnswer {
    /// `host` or `host:port`.
    pub host: String,
    /// Its clock, if it answers and sends the time.
    pub answer: Result<Option<ServerClock>, Unread>,
}

/// The time of a server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// The time in its answer.
    pub time: DateTime<Utc>,
    /// The time from the start of the checks to the answer.
    pub elapsed: TimeDelta,
}

/// What may be shown of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFact {
    /// Where it was found.
    pub origin: String,
    /// Whether it is sent to the management API as well.
    pub sent_to_api: bool,
    /// The kind of token, by its prefix.
    pub token: TokenKind,
}

/// The kinds of tokens that GitHub's prefixes distinguish.
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
    /// The kind of a token, by its prefix.
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

/// The state of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests are left.
    pub remaining: u64,
    /// How many requests there are in total.
    pub limit: Option<u64>,
    /// When the limit is reset.
    pub resets: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::TokenKind;

    #[test]
    fn the_kind_of_a_token_is_recognised_by_its_prefix() {
        assert_eq!(TokenKind::of("ghp_x"), TokenKind::Classic);
        assert_eq!(TokenKind::of("github_pat_x"), TokenKind::FineGrained);
        assert_eq!(TokenKind::of("ghs_x"), TokenKind::Installation);
        assert_eq!(TokenKind::of("gho_x"), TokenKind::OAuth);
        assert_eq!(TokenKind::of("dop_v1_x"), TokenKind::Other);
    }
}
