//! Finds the images that the policy names by patterns, before anything else is asked.

use futures_util::future::join_all;

use super::{CommandError, Session};
use crate::model::{RegistryName, RepositoryPath, UnreadCause};
use crate::policy::{FoundImages, ImagePatterns, Shard};
use crate::report::Exit;

/// The images that patterns found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Images {
    /// They were not looked for.
    #[default]
    Unknown,
    /// Each with its repositories.
    Found(FoundImages),
}

impl Session {
    /// Lists the repositories of the registries in which the policy looks for images, and adds the images.
    /// A policy without `[images]` stays as it is, and nothing is sent.
    ///
    /// # Errors
    /// [`CommandError`] when a registry could not be listed completely: fewer images would be another
    /// answer. Also when nothing fits, or the policy contradicts what was found.
    pub async fn find_images(&mut self) -> Result<(), CommandError> {
        let Some(patterns) = self.policy.patterns.clone() else { return Ok(()) };
        let lists = join_all(patterns.registries().map(async |name| {
            let listed = self.list(name).await?;
            Ok::<_, CommandError>((name.clone(), listed))
        }));
        let mut found = FoundImages::new();
        let mut listed = Vec::new();
        for list in lists.await {
            let (registry, paths) = list?;
            patterns.add_fitting(&registry, &paths, &mut found).map_err(|error| {
                let message = format!("a repository of `{registry}` that fits `[images]`: {error}");
                CommandError::usage(message)
                    .hint("exclude it, or name it in a table `[image.<name>]`")
            })?;
            listed.extend(paths);
        }
        if found.is_empty() {
            return Err(nothing_fits(&listed));
        }
        self.status(summary(&patterns, &found));
        self.use_images(found)
    }

    /// Leaves only the part of the policy that belongs to a shard. What runs has to be read before: it may
    /// be named by repositories of the other shards.
    pub fn restrict(&mut self, shard: Shard) {
        let all = self.policy.repositories.len();
        self.policy = self.policy.clone().of_shard(shard);
        let here = self.policy.repositories.len();
        self.status(format!("shard {shard}: {here} of {all} repositories"));
    }

    /// Adds images that a reviewed plan names. Those of them that are listed no more are not forgotten by
    /// this: their repositories cannot be read, and so everything that depends on them is kept.
    pub(super) fn add_images(&mut self, more: FoundImages) -> Result<(), CommandError> {
        let Images::Found(mut found) = std::mem::take(&mut self.images) else { return Ok(()) };
        for (image, repositories) in more {
            let known = found.entry(image).or_default();
            for (registry, repository) in repositories {
                known.entry(registry).or_insert(repository);
            }
        }
        self.use_images(found)
    }

    fn use_images(&mut self, found: FoundImages) -> Result<(), CommandError> {
        let policy = self.policy.clone().with_images(&found);
        self.policy = policy.map_err(|error| CommandError::usage(error.to_string().trim_end()))?;
        self.images = Images::Found(found);
        Ok(())
    }

    /// Refuses to answer for images that were not looked for.
    pub(super) fn check_images(&self) -> Result<(), CommandError> {
        if self.policy.patterns.is_some() && self.images == Images::Unknown {
            return Err(CommandError::usage("the images of `[images]` were not looked for"));
        }
        Ok(())
    }

    async fn list(&self, name: &RegistryName) -> Result<Vec<RepositoryPath>, CommandError> {
        let registry =
            self.registry_name(name.as_str()).map(|name| self.connections.registry(&name))?;
        let registry =
            registry.ok_or_else(|| CommandError::usage(format!("no registry `{name}`")))?;
        let listed = registry.repository_list().await.map_err(|error| {
            let unread = error.to_unread();
            let exit = match unread.cause {
                UnreadCause::Credentials => Exit::Credentials,
                _ => Exit::Unreadable,
            };
            let message = format!(
                "cannot list the repositories of `{name}`, so the images are not known: {}",
                unread.message
            );
            let failed = CommandError::new(exit, message);
            match unread.hint {
                Some(hint) => failed.hint(hint),
                None => failed,
            }
        })?;
        if listed.is_empty() {
            let message = format!(
                "registry `{name}` lists no repository at all, so the images are not known"
            );
            return Err(CommandError::new(Exit::Unreadable, message).hint(
                "the token may not see them; if the registry is empty, leave it out of `[images]` until something was pushed",
            ));
        }
        Ok(listed)
    }
}

fn nothing_fits(listed: &[RepositoryPath]) -> CommandError {
    let some: Vec<&str> = listed.iter().take(5).map(RepositoryPath::as_str).collect();
    let message = format!("no repository fits `[images]`; there are {}", listed.len());
    CommandError::usage(message)
        .hint(format!("compare `match` and `repositories` with {}", some.join(", ")))
}

/// What was found, and what is not in every registry: that may be so, or a missing permission.
fn summary(patterns: &ImagePatterns, found: &FoundImages) -> String {
    let count = patterns.registries().count();
    let elsewhere = found.iter().filter(|(_, repositories)| repositories.len() < count);
    let partly: Vec<String> = elsewhere
        .map(|(name, repositories)| {
            let only: Vec<&str> = repositories.keys().map(RegistryName::as_str).collect();
            format!("{name} only in {}", only.join(", "))
        })
        .collect();
    let names =
        |count: usize| if count == 1 { "1 image".to_owned() } else { format!("{count} images") };
    let all = names(found.len());
    if partly.is_empty() {
        format!("images: {all} found")
    } else {
        format!("images: {all} found; {}", partly.join("; "))
    }
}
