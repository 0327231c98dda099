//! The repository of `[github]` where the policy leaves it out: that of the job, or of the checkout's
//! remote.

use url::Url;

use super::Policy;
use super::github::{GitHubRepository, GitHubSettings, InvalidGitHubRepository};

impl Policy {
    /// Whether there is a `[github]` whose repository is not known yet.
    #[must_use]
    pub fn lacks_github_repository(&self) -> bool {
        self.github.as_ref().is_some_and(|github| github.repository.is_none())
    }

    /// Uses `owner/name` as the repository of `[github]`, unless the policy names one.
    ///
    /// # Errors
    /// [`InvalidGitHubRepository`] when it would be used and is not `owner/name`.
    pub fn use_github_repository(&mut self, text: &str) -> Result<(), InvalidGitHubRepository> {
        if let Some(github) = self.github.as_mut().filter(|github| github.repository.is_none()) {
            github.repository = Some(GitHubRepository::parse(text)?);
        }
        Ok(())
    }

    /// Uses the repository of a remote's address, unless the policy names one. A remote on another host than
    /// that of the API is a repository of another service, and is not used.
    pub fn use_github_remote(&mut self, address: &str) {
        if let Some(github) = self.github.as_mut().filter(|github| github.repository.is_none()) {
            github.repository = repository(github, address);
        }
    }
}

fn repository(github: &GitHubSettings, address: &str) -> Option<GitHubRepository> {
    let (host, path) = host_and_path(address.trim())?;
    let api = github.api_url.host_str()?;
    // github.com has its API at api.github.com, and another address for SSH through firewalls.
    let is_server = |host: &str| api == host || api.strip_prefix("api.") == Some(host);
    let host = host.to_ascii_lowercase();
    if !is_server(&host) && !host.strip_prefix("ssh.").is_some_and(is_server) {
        return None;
    }
    let path = path.trim_matches('/');
    GitHubRepository::parse(path.strip_suffix(".git").unwrap_or(path)).ok()
}

/// The host and the path of a URL, or of the short form for SSH: `git@github.com:owner/name.git`.
/// <https://git-scm.com/docs/git-clone#_git_urls>
fn host_and_path(address: &str) -> Option<(String, String)> {
    if address.contains("://") {
        let url = Url::parse(address).ok()?;
        let known =
            matches!(url.scheme(), "https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git");
        return known.then(|| Some((url.host_str()?.to_owned(), url.path().to_owned())))?;
    }
    let (host, path) = address.split_once(':')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (!host.is_empty() && !host.contains('/')).then(|| (host.to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use crate::policy::parse;

    fn found(api: &str, remote: &str) -> Option<String> {
        let text = format!(
            "version = 1\n[registry.r]\nkind = \"oci\"\nurl = \"http://127.0.0.1:1\"\n\
             [image.a]\nrepositories = {{ r = \"a\" }}\n\
             [environment.prod]\nsha-tag = \"prod-{{sha}}\"\nlatest-tag = \"prod-latest\"\n\
             [github]\n{api}"
        );
        let mut policy = parse("policy", &text).expect("a policy");
        policy.use_github_remote(remote);
        Some(policy.github?.repository?.to_string())
    }

    #[test]
    fn each_form_of_a_remote_names_the_repository() {
        for remote in [
            "https://github.com/Acme/app.git",
            "https://github.com/Acme/app",
            "https://user:token@github.com/Acme/app/",
            "git@github.com:Acme/app.git",
            "github.com:Acme/app",
            "GitHub.com:Acme/app",
            "ssh://git@github.com/Acme/app.git",
            "ssh://git@ssh.github.com:443/Acme/app.git",
            "git://github.com/Acme/app.git",
            " git@github.com:/Acme/app.git\n",
        ] {
            assert_eq!(found("", remote).as_deref(), Some("Acme/app"), "{remote}");
        }
    }

    #[test]
    fn a_remote_elsewhere_is_another_repository() {
        for remote in [
            "https://gitlab.com/Acme/app.git",
            "git@github.com.evil.example:Acme/app.git",
            "git@work:Acme/app.git",
            "https://github.com/Acme/group/app.git",
            "https://github.com/Acme",
            "/srv/git/Acme/app.git",
            "../app",
            "C:/Acme/app",
            "file:///srv/Acme/app",
            "https://ghe.example/Acme/app",
            "",
        ] {
            assert_eq!(found("", remote), None, "{remote}");
        }
    }

    #[test]
    fn an_enterprise_server_has_its_own_repositories() {
        let api = "api-url = \"https://ghe.example/api/v3\"";
        assert_eq!(found(api, "git@ghe.example:Acme/app.git").as_deref(), Some("Acme/app"));
        assert_eq!(found(api, "https://github.com/Acme/app"), None);
        let tenant = "api-url = \"https://api.acme.ghe.com\"";
        assert_eq!(found(tenant, "https://acme.ghe.com/Acme/app").as_deref(), Some("Acme/app"));
        let named = "repository = \"Other/app\"";
        assert_eq!(found(named, "https://github.com/Acme/app").as_deref(), Some("Other/app"));
    }
}
