//! What the known actions do, and what other actions may do.

use super::leg::{Login, Origin, Push, TagEntry};
use super::leg_runner::LegRunner;
use super::metadata;
use super::scope::script;
use super::tags_input;
use crate::lint::reference::{DOCKER_HUB, Reference};
use crate::lint::shell::{ImageUse, Machine, Outputs};
use crate::lint::workflow::{Setting, Step};

/// Words in the names of unknown actions that push images.
const PUSHERS: [&str; 9] = [
    "bake",
    "kaniko",
    "buildah",
    "push",
    "publish",
    "docker-build",
    "build-docker",
    "jib",
    "release",
];

impl LegRunner<'_> {
    /// Notes what the action of a step does.
    pub(super) fn action(&mut self, step: &Step) {
        let Some(action) = step.action() else { return };
        let name = action.rsplit('/').next().unwrap_or_default();
        if let Some(image) = action.strip_prefix("docker://") {
            let at = step.uses.as_ref().map_or(step.at, |uses| uses.at);
            let text = step.uses.as_ref().map_or(image, |uses| uses.text()).to_owned();
            self.used(&text, at, ImageUse::Run);
            return;
        }
        match name {
            "build-push-action" => self.build_push(step),
            "metadata-action" => self.metadata(step),
            "login-action" if action.starts_with("docker/") => {
                let host = self.scope.input(step, "registry");
                let host = host.filter(|host| !host.is_empty());
                self.login(step, host.as_deref().unwrap_or(DOCKER_HUB), "password");
            }
            "docker-login" => {
                let host = self.scope.input(step, "login-server").unwrap_or_default();
                self.login(step, &host, "password");
            }
            "podman-login" => {
                let host = self.scope.input(step, "registry").unwrap_or_default();
                self.login(step, &host, "password");
            }
            "retry" | "wretry.action" => {
                self.inner_script(step, &["command", "run"], Machine::Runner);
            }
            "ssh-action" | "ssh-remote-commands" => {
                self.inner_script(step, &["script", "command"], Machine::Remote);
            }
            "trivy-action" => self.scanned(step, "image-ref"),
            "scan-action" | "sbom-action" | "scout-action" => self.scanned(step, "image"),
            _ => self.other(&action, name),
        }
    }

    /// An unknown action may log in, or push.
    fn other(&mut self, action: &str, name: &str) {
        if action.starts_with("./") || name.contains("login") || name.contains("auth") {
            let host = String::new();
            self.leg.logins.push(Login { host, step: self.step, own_token: true, argument: None });
        }
        let harmless = name.starts_with("setup-") || action.starts_with("actions/");
        self.leg.may_push_more |= !harmless && PUSHERS.iter().any(|word| name.contains(word));
    }

    fn login(&mut self, step: &Step, host: &str, password: &str) {
        let token = self.scope.input(step, password).unwrap_or_default();
        let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default();
        self.leg.logins.push(Login {
            host: host.to_ascii_lowercase(),
            step: self.step,
            own_token: self.is_own_token(&token),
            argument: None,
        });
    }

    fn inner_script(&mut self, step: &Step, names: &[&str], machine: Machine) {
        if let Some(setting) = names.iter().find_map(|name| step.input(name)) {
            let chars = script(&self.scope, &setting.value);
            self.script(&chars, machine, step);
        }
    }

    fn scanned(&mut self, step: &Step, name: &str) {
        if let Some(setting) = step.input(name) {
            let text = self.scope.text(setting.value.text());
            self.used(&text, setting.value.at, ImageUse::Scanned);
        }
    }

    fn metadata(&mut self, step: &Step) {
        let tags = metadata::tags(step, &self.scope);
        let Some(id) = &step.id else { return };
        let texts: Vec<&str> = tags.iter().map(|tag| tag.text.as_str()).collect();
        let outputs = self.scope.steps.entry(id.clone()).or_default();
        outputs.insert("tags".to_owned(), texts.join("\n"));
        self.scope.metadata.insert(id.clone(), tags);
    }

    fn build_push(&mut self, step: &Step) {
        let Some(setting) = step.input("tags") else { return };
        let entries = tags_input::entries(setting, &self.scope);
        let input = |name: &str| self.scope.input(step, name).unwrap_or_default();
        let outputs = Outputs::read(&input("outputs"));
        let pushes = outputs.push || !matches!(input("push").as_str(), "" | "false");
        let source = format!("{} {} {}", input("context"), input("file"), input("target"));
        let origin = Origin::Build(format!("{} step {} {source}", self.scope.id, self.step));
        let loads = input("load") == "true";
        for entry in entries {
            let Some(reference) = self.reference(&entry.text, entry.at) else { continue };
            let reference = if outputs.by_digest { reference.by_digest() } else { reference };
            if loads || !pushes {
                self.local.insert(reference.text(), origin.clone());
            }
            if pushes && self.has_room() {
                let push = self.pushed(reference, setting, &entry, origin.clone());
                self.leg.pushes.push(push);
            }
        }
    }

    fn pushed(
        &self,
        reference: Reference,
        setting: &Setting,
        entry: &TagEntry,
        origin: Origin,
    ) -> Push {
        Push {
            reference,
            step: self.step,
            anchor: setting.at,
            origin: Some(origin),
            condition: self.condition.clone(),
            certain: entry.certain,
            branch: Vec::new(),
            remote: false,
        }
    }
}
