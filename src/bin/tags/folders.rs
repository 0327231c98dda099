//! Where this user's files are, by the variables of the environment. Pure, so that the rules of each
//! system can be tested on any.

use std::path::PathBuf;

/// Whose rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Linux, macOS and other Unix systems: XDG's base directories.
    Unix,
    /// Windows: the user's local application data, which does not roam to other machines.
    Windows,
}

impl System {
    /// The system that this program was built for.
    pub(crate) const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// The folders of a user.
pub(crate) struct Folders<V> {
    system: System,
    /// The path in a variable; none when it is unset or empty.
    variable: V,
}

impl<V: Fn(&str) -> Option<PathBuf>> Folders<V> {
    /// The folders that these variables give.
    pub(crate) fn of(system: System, variable: V) -> Self {
        Self { system, variable }
    }

    /// `$XDG_CACHE_HOME/tags`, else `~/.cache/tags`; on Windows `%LOCALAPPDATA%\tags\cache`.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        self.base("XDG_CACHE_HOME", ".cache", "cache")
    }

    /// `$XDG_STATE_HOME/tags`, else `~/.local/state/tags`; on Windows `%LOCALAPPDATA%\tags\state`.
    pub(crate) fn state(&self) -> Option<PathBuf> {
        self.base("XDG_STATE_HOME", ".local/state", "state")
    }

    /// Docker's config file: in `$DOCKER_CONFIG`, else in `.docker` of the home directory.
    pub(crate) fn docker_config(&self) -> Option<PathBuf> {
        (self.variable)("DOCKER_CONFIG")
            .or_else(|| self.home().map(|home| home.join(".docker")))
            .map(|folder| folder.join("config.json"))
    }

    /// An XDG variable counts on every system, if its path is absolute.
    fn base(&self, xdg: &str, below_home: &str, on_windows: &str) -> Option<PathBuf> {
        if let Some(path) = (self.variable)(xdg).filter(|path| path.is_absolute()) {
            return Some(path.join("tags"));
        }
        match self.system {
            System::Unix => self.home().map(|home| home.join(below_home).join("tags")),
            System::Windows => self.local_data().map(|data| data.join("tags").join(on_windows)),
        }
    }

    /// `%LOCALAPPDATA%`, else its default path, since services may run without the variable.
    fn local_data(&self) -> Option<PathBuf> {
        (self.variable)("LOCALAPPDATA")
            .or_else(|| self.home().map(|home| home.join("AppData").join("Local")))
    }

    fn home(&self) -> Option<PathBuf> {
        (self.variable)(match self.system {
            System::Unix => "HOME",
            System::Windows => "USERPROFILE",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The cache, the state and Docker's config.
    fn of(system: System, variables: &[(&str, &str)]) -> [Option<PathBuf>; 3] {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let folders = Folders::of(system, |name| find(name).map(|(_, path)| PathBuf::from(path)));
        [folders.cache(), folders.state(), folders.docker_config()]
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with folders that may be unknown")]
    fn joined(parts: &[&str]) -> Option<PathBuf> {
        Some(parts.iter().collect())
    }

    #[test]
    fn unix_has_them_in_the_home_directory() {
        let expected = [
            joined(&["/home/a/.cache/tags"]),
            joined(&["/home/a/.local/state/tags"]),
            joined(&["/home/a/.docker/config.json"]),
        ];
        assert_eq!(of(System::Unix, &[("HOME", "/home/a")]), expected);
        // The variables of Windows are ignored on Unix.
        let windows = [("HOME", "/home/a"), ("USERPROFILE", "/w"), ("LOCALAPPDATA", "/w/local")];
        assert_eq!(of(System::Unix, &windows), expected);
        assert_eq!(of(System::Unix, &windows[1..]), [None, None, None]);
    }

    #[test]
    fn windows_has_them_in_the_local_application_data_and_dockers_in_the_profile() {
        let profile = r"C:\Users\a";
        let docker = joined(&[profile, ".docker", "config.json"]);
        let local = r"D:\Local";
        assert_eq!(
            of(System::Windows, &[("USERPROFILE", profile), ("LOCALAPPDATA", local)]),
            [joined(&[local, "tags", "cache"]), joined(&[local, "tags", "state"]), docker.clone()]
        );
        assert_eq!(
            of(System::Windows, &[("USERPROFILE", profile), ("HOME", "/c/Users/other")]),
            [
                joined(&[profile, "AppData", "Local", "tags", "cache"]),
                joined(&[profile, "AppData", "Local", "tags", "state"]),
                docker
            ]
        );
        assert_eq!(of(System::Windows, &[]), [None, None, None]);
    }

    #[test]
    fn the_variables_of_xdg_and_docker_come_first_on_every_system() {
        // A path that is absolute on the system that runs the test.
        let root = std::env::temp_dir();
        let path = |name: &str| root.join(name).display().to_string();
        let [cache, state, docker] = [path("c"), path("s"), path("d")];
        let variables = [
            ("XDG_CACHE_HOME", cache.as_str()),
            ("XDG_STATE_HOME", state.as_str()),
            ("DOCKER_CONFIG", docker.as_str()),
            ("HOME", "/home/a"),
            ("USERPROFILE", "/home/a"),
        ];
        for system in [System::Unix, System::Windows] {
            let expected = [
                Some(root.join("c").join("tags")),
                Some(root.join("s").join("tags")),
                Some(root.join("d").join("config.json")),
            ];
            assert_eq!(of(system, &variables), expected, "{system:?}");
            // XDG says that a relative path is to be ignored.
            let relative = [("XDG_STATE_HOME", "here"), ("HOME", "/h"), ("LOCALAPPDATA", "/h")];
            let [_, state, _] = of(system, &relative);
            assert!(state.is_some_and(|state| state.starts_with(Path::new("/h"))), "{system:?}");
        }
    }
}
