//! Notes what the commands of a script do.

use super::database::is_database;
use super::leg::{CacheExport, DigestPush, Login, Migration, Origin, Push, RollOut, Use};
use super::leg_runner::{LegRunner, Occurrence};
use crate::lint::position::Position;
use crate::lint::reference::Reference;
use crate::lint::shell::{
    Build, DigestName, Effect, FoundEffect, ImageUse, Machine, RollOutTarget,
};

impl LegRunner<'_> {
    pub(super) fn effect(&mut self, found: FoundEffect) {
        let FoundEffect { effect, branch, certain, machine } = found;
        let when = Occurrence { branch, certain, machine };
        match effect {
            Effect::Build(build) => self.built(&build, &when),
            Effect::Tag { from, to } => self.tagged(&from, &to),
            Effect::Push { reference, at } => {
                let Some(reference) = self.reference(&reference, at) else { return };
                if self.made_manifests.contains(&reference.text()) {
                    self.leg.manifests.push(reference.clone());
                }
                let origin = self.local.get(&reference.text()).cloned();
                self.pushed(reference, origin, &when);
            }
            Effect::PushAll { repository, at } => self.push_all(&repository, at, &when),
            Effect::CopyImage { from, to, at } => {
                for (source, at) in &from {
                    self.used(source, *at, ImageUse::Copied, Some(&when));
                }
                if let Some(reference) = self.reference(&to, at) {
                    self.leg.manifests.push(reference.clone());
                    let origin = from.into_iter().next().map(|(from, _)| Origin::Image(from));
                    self.pushed(reference, origin, &when);
                }
            }
            Effect::MakeManifest { from, to } => {
                for (source, at) in &from {
                    self.used(source, *at, ImageUse::Copied, Some(&when));
                }
                if let Some(list) = self.reference(&to, Position::default()) {
                    self.made_manifests.insert(list.text());
                }
            }
            Effect::Use { reference, at, how } => {
                let starts = matches!(how, ImageUse::Run | ImageUse::Started);
                self.has_database |=
                    starts && machine == Machine::Runner && is_database(&reference);
                self.used(&reference, at, how, Some(&when));
            }
            Effect::RollOut { target, stays } => self.rolled_out(target, stays, &when),
            Effect::Login { host, token, arguments } => {
                let own_token = token.is_some_and(|token| self.is_own_token(&token));
                let argument = arguments.iter().find(|(value, _)| self.is_secret(value));
                let argument = argument.map(|(_, at)| *at);
                self.leg.logins.push(Login { host, step: self.step, own_token, argument });
            }
            // What is migrated is the job's own database.
            Effect::Migrate { .. } | Effect::NamedMigration
                if self.has_database && machine != Machine::Host => {}
            Effect::Migrate { at, tool, must_be_idempotent, is_idempotent } => {
                let step = self.step;
                let migration = Migration { at, step, tool, must_be_idempotent, is_idempotent };
                self.leg.migrations.push(migration);
            }
            Effect::NamedMigration => self.leg.runs_named_migration = true,
            Effect::MakeTestCluster => self.leg.makes_test_cluster = true,
            Effect::Checkout { reference } => self.leg.checkouts.push((self.step, reference)),
            Effect::Mention { words } => words.iter().for_each(|word| self.mentioned(word)),
            // A container has no credentials of the runner.
            Effect::RunUnread if machine == Machine::Container => {}
            Effect::RunUnread => self.unread(),
            Effect::PushUnknown => self.leg.may_push_more = true,
        }
    }

    /// Notes that something runs that cannot be read: after a login, it may push.
    pub(super) fn unread(&mut self) {
        self.leg.unread.insert(self.step);
        self.leg.may_push_more |= !self.leg.logins.is_empty();
    }

    fn built(&mut self, build: &Build, when: &Occurrence) {
        let origin = self.build_of(&build.source);
        for (tag, at) in &build.tags {
            let Some(reference) = self.reference(tag, *at) else { continue };
            self.local.insert(reference.text(), origin.clone());
            let by_digest = build.by_digest.is_some();
            let reference = if by_digest { reference.by_digest() } else { reference };
            if build.push {
                self.pushed(reference, Some(origin.clone()), when);
            }
        }
        let name = match &build.by_digest {
            Some(DigestName::Name(name)) => Some(name.clone()),
            Some(DigestName::OfTags) => build.tags.first().cloned(),
            None => None,
        };
        if let Some((name, at)) = name {
            self.pushed_by_digest(&name, at, None);
        }
        for (cache, at) in &build.cache_to {
            self.cached(cache, *at);
        }
    }

    /// The build of some source in this leg.
    pub(super) fn build_of(&self, source: &str) -> Origin {
        Origin::Build(format!("{} {source}", self.scope.leg_id()))
    }

    /// Notes a push by digest.
    pub(super) fn pushed_by_digest(&mut self, name: &str, at: Position, digest: Option<char>) {
        if let Some(repository) = self.reference(name, at) {
            self.leg.digests.push(DigestPush { repository, at, digest });
        }
    }

    /// Notes a cache that is exported.
    pub(super) fn cached(&mut self, reference: &str, at: Position) {
        if let Some(reference) = self.reference(reference, at) {
            self.leg.caches.push(CacheExport { reference, at });
        }
    }

    fn tagged(&mut self, from: &str, to: &str) {
        let name = |text: &str| self.reference(text, Position::default()).map(|r| r.text());
        if let (Some(from), Some(to)) = (name(from), name(to)) {
            let origin = self.local.get(&from).cloned();
            if self.made_manifests.contains(&from) {
                self.made_manifests.insert(to.clone());
            }
            self.local.insert(to, origin.unwrap_or(Origin::Image(from)));
        }
    }

    fn push_all(&mut self, repository: &str, at: Position, when: &Occurrence) {
        let Some(wanted) = self.reference(repository, at).map(|r| r.repository()) else { return };
        let local = self.local.clone();
        let mut found = false;
        for (text, origin) in local {
            let reference = self.reference(&text, at).filter(|r| r.repository() == wanted);
            if let Some(reference) = reference {
                found = true;
                self.pushed(reference, Some(origin), when);
            }
        }
        self.leg.may_push_more |= !found;
    }

    fn pushed(&mut self, reference: Reference, origin: Option<Origin>, when: &Occurrence) {
        let same = |push: &&Push| {
            push.step == self.step && push.reference.repository() == reference.repository()
        };
        let anchor = self.leg.pushes.iter().find(same).map_or(reference.at, |push| push.anchor);
        self.push(Push {
            certain: when.certain,
            guarded: self.is_guarded(),
            condition: self.condition.clone(),
            step: self.step,
            anchor,
            origin,
            branch: when.branch.clone(),
            remote: when.machine != Machine::Runner,
            reference,
        });
    }

    /// Notes that an image is used.
    pub(super) fn used(
        &mut self,
        text: &str,
        at: Position,
        how: ImageUse,
        when: Option<&Occurrence>,
    ) {
        let Some(reference) = self.reference(text, at) else { return };
        let on_host = when.is_some_and(|when| when.machine == Machine::Host);
        let certain = when.is_none_or(|when| when.certain);
        let built_here = !on_host && self.local.contains_key(&reference.text());
        self.leg.uses.push(Use {
            reference,
            how,
            step: self.step,
            on_host,
            built_here,
            is_sure: certain && !self.is_guarded() && self.condition.is_empty(),
        });
    }

    /// Notes a roll-out.
    pub(super) fn rolled_out(&mut self, target: RollOutTarget, stays: bool, when: &Occurrence) {
        self.leg.roll_outs.push(RollOut {
            target,
            stays,
            on_host: when.machine == Machine::Host,
            is_sure: when.certain && !self.is_guarded() && self.condition.is_empty(),
        });
    }
}
