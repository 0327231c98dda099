//! What `docker/build-push-action` pushes.
//!
//! <https://github.com/docker/build-push-action#inputs>

use super::leg::{Origin, Push, TagEntry, Unexpanded};
use super::leg_runner::LegRunner;
use super::tags_input;
use crate::lint::position::{Position, text_of, trimmed};
use crate::lint::shell::{Outputs, cache_reference};
use crate::lint::workflow::Step;

impl LegRunner<'_> {
    pub(super) fn build_push(&mut self, step: &Step) {
        let input = |name: &str| self.scope.input(step, name).unwrap_or_default();
        let outputs = Outputs::read(&input("outputs"));
        let pushes = outputs.push || !matches!(input("push").as_str(), "" | "false");
        let loads = input("load") == "true";
        let source = ["context", "file", "target", "build-args", "platforms"].map(input).join(" ");
        let origin = self.build_of(&source);
        let tags = step.input("tags");
        let mut entries =
            tags.map(|tags| tags_input::entries(tags, &self.scope)).unwrap_or_default();
        if entries.is_empty() && outputs.push && !outputs.by_digest {
            let at = step.input("outputs").map(|setting| setting.at).unwrap_or_default();
            let named = |text: &String| TagEntry { text: text.clone(), at, certain: true };
            entries.extend(outputs.names.iter().map(named));
        }
        if outputs.by_digest && pushes {
            let name = outputs
                .names
                .first()
                .cloned()
                .or_else(|| entries.first().map(|entry| entry.text.clone()));
            let at = step.input("outputs").map(|setting| setting.at).unwrap_or_default();
            if let Some(name) = name {
                let digest = self.digest_of(step);
                self.pushed_by_digest(&name, at, digest);
            }
            self.leg.may_push_more |= entries.is_empty();
        }
        self.exported_caches(step);
        let anchor = tags.or_else(|| step.input("outputs")).map(|setting| setting.at);
        let anchor = anchor.unwrap_or(step.at);
        for entry in entries {
            let text = self.expandable(&entry);
            let Some(reference) = self.reference(&text, entry.at) else { continue };
            let reference = if outputs.by_digest { reference.by_digest() } else { reference };
            if loads || !pushes {
                self.local.insert(reference.text(), origin.clone());
            }
            if pushes {
                self.push_entry(reference, entry.certain, (anchor, &origin));
            }
        }
    }

    /// The text of an entry; a shell variable in it, which stays as it is written, is noted.
    fn expandable(&mut self, entry: &TagEntry) -> String {
        let (text, variable) = tags_input::without_shell(&entry.text, self.scope.symbols);
        if let Some(variable) = variable {
            let written = entry.text.clone();
            self.leg.unexpanded.push(Unexpanded { text: written, variable, at: entry.at });
        }
        text
    }

    fn push_entry(
        &mut self,
        reference: crate::lint::reference::Reference,
        certain: bool,
        (anchor, origin): (Position, &Origin),
    ) {
        if reference.is_unresolved(self.scope.symbols) {
            self.leg.may_push_more = true;
            return;
        }
        if !self.has_room() {
            return;
        }
        // Each entry is a push, even if two are equal.
        self.leg.pushes.push(Push {
            reference,
            step: self.step,
            anchor,
            origin: Some(origin.clone()),
            condition: self.condition.clone(),
            certain,
            guarded: self.is_guarded(),
            branch: Vec::new(),
            remote: false,
        });
    }

    /// The unknown value that stands for the digest of a step.
    fn digest_of(&self, step: &Step) -> Option<char> {
        let id = step.id.as_ref()?;
        self.scope.text(&format!("${{{{ steps.{id}.outputs.digest }}}}")).chars().next()
    }

    fn exported_caches(&mut self, step: &Step) {
        let Some(setting) = step.input("cache-to") else { return };
        let chars = self.scope.chars(&setting.value.chars());
        let lines: Vec<String> =
            chars.split(|ch| ch.c == '\n').map(|line| text_of(trimmed(line))).collect();
        for reference in lines.iter().filter_map(|line| cache_reference(line)) {
            self.cached(&reference, setting.at);
        }
    }
}
