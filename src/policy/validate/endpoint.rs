//! URLs of registries: a scheme, a host and perhaps a port, without credentials in them.
//!
//! Plain http sends credentials unencrypted, so it is accepted on this machine only, unless the file
//! sets `insecure`.

use url::{ParseError, Url};

use crate::model::is_loopback;
use crate::policy::problem::Problems;
use crate::policy::read::Field;

/// What is accepted as an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// `https`; plain HTTP on this machine only.
    Encrypted,
    /// The same, in a table that may set `insecure`.
    MayBeInsecure,
    /// Plain HTTP may leave this machine.
    Insecure,
}

impl Endpoint {
    /// The URL, if the key is set and valid.
    pub(super) fn read(
        self,
        key: &str,
        field: &Field<String>,
        problems: &mut Problems,
    ) -> Option<Url> {
        let text = field.set()?;
        let fault = match Url::parse(text.get_ref()) {
            Ok(url) => match self.fault(key, &url) {
                Some(fault) => fault,
                None => return Some(url),
            },
            Err(ParseError::RelativeUrlWithoutBase) => {
                (format!("`{key}` has no scheme"), "begin with `https://`")
            }
            Err(error) => (
                format!("`{key}` is not a URL: {error}"),
                "write the scheme and the host, such as `https://registry.example.com`",
            ),
        };
        if text.get_ref().contains('@') {
            problems.hide(text.span());
        }
        problems.add_with_help(text.span(), fault.0, fault.1);
        None
    }

    /// What is wrong with an endpoint, and what to do.
    fn fault(self, key: &str, url: &Url) -> Option<(String, &'static str)> {
        let only = "write only the scheme, the host and perhaps a port";
        if !matches!(url.scheme(), "http" | "https") {
            return Some((
                format!("`{}` is not a scheme for registries", url.scheme()),
                "begin with `https://`",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let help =
                "put the credentials in an environment variable, and name that with `token-env`";
            return Some(("credentials do not belong in a URL".to_owned(), help));
        }
        // A management API may be below a path, as on GitHub Enterprise; a registry never is.
        if key == "url" && !matches!(url.path(), "" | "/") {
            let message = format!("`{}`: a path does not belong here", url.path());
            let help = "put a path before all repositories in `namespace`";
            return Some((message, help));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Some(("a query or fragment does not belong here".to_owned(), only));
        }
        if url.scheme() == "http" && self != Self::Insecure && !is_loopback(url) {
            let message = "plain http to another machine sends credentials unencrypted";
            let help = match self {
                Self::Encrypted => "use https",
                _ => "use https, or accept that with `insecure = true`",
            };
            return Some((message.to_owned(), help));
        }
        None
    }
}
