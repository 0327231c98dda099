//! What the known actions do, and what other actions may do.

use super::leg::Login;
use super::leg_runner::{LegRunner, Occurrence};
use super::metadata;
use super::scope::script;
use crate::lint::position::{text_of, trimmed};
use crate::lint::reference::DOCKER_HUB;
use crate::lint::shell::{Failure, ImageUse, Machine, RollOutTarget};
use crate::lint::workflow::Step;

/// Words in the names of unknown actions that push images.
const PUSHERS: [&str; 11] = [
    "bake",
    "kaniko",
    "buildah",
    "push",
    "publish",
    "docker-build",
    "build-docker",
    "docker",
    "jib",
    "release",
    "image",
];
/// Actions that push no image, beside those of GitHub and those that only install.
const HARMLESS: [&str; 24] = [
    "pages-deploy-action",
    "action-gh-release",
    "release-please-action",
    "action-doctl",
    "codeql-action",
    "codecov-action",
    "paths-filter",
    "changed-files",
    "free-disk-space",
    "harden-runner",
    "action-slack",
    "slack-github-action",
    "trivy-action",
    "rust-toolchain",
    "rust-cache",
    "gha-setup-kubectl",
    "get-gke-credentials",
    "configure-aws-credentials",
    "aks-set-context",
    "k8s-set-context",
    "create-pull-request",
    "git-auto-commit-action",
    "golangci-lint-action",
    "tailscale",
];
/// Owners of actions that deploy to their clouds.
const CLOUDS: [&str; 4] = ["azure", "aws-actions", "google-github-actions", "digitalocean"];
/// Actions that make a cluster for tests.
const TEST_CLUSTERS: [&str; 8] = [
    "kind-action",
    "setup-kind",
    "k3d-action",
    "setup-k3d",
    "setup-k3d-k3s",
    "setup-minikube",
    "actions-setup-minikube",
    "kind",
];
/// Inputs that name the images of a deploy action.
const DEPLOYED: [&str; 5] = ["images", "image", "imagetodeploy", "container-image", "image-uri"];

impl LegRunner<'_> {
    /// Notes what the action of a step does.
    pub(super) fn action(&mut self, step: &Step) {
        let Some(action) = step.action() else { return };
        let name = action.split('/').nth(1).unwrap_or(&action).to_owned();
        if let Some(image) = action.strip_prefix("docker://") {
            let at = step.uses.as_ref().map_or(step.at, |uses| uses.at);
            let text = step.uses.as_ref().map_or(image, |uses| uses.text()).to_owned();
            self.used(&text, at, ImageUse::Run, None);
            self.leg.may_push_more |= ["kaniko", "buildah"].iter().any(|tool| image.contains(tool));
            self.unread();
            return;
        }
        if !action.starts_with("actions/upload-artifact") {
            for setting in &step.with {
                let text = self.scope.text(setting.value.text());
                self.mentioned(&text);
            }
        }
        self.leg.runs_named_migration |= action.contains("migrat");
        self.leg.makes_test_cluster |= TEST_CLUSTERS.contains(&name.as_str());
        match name.as_str() {
            "checkout" => {
                let reference = self.scope.input(step, "ref").unwrap_or_default();
                self.leg.checkouts.push((self.step, reference));
            }
            "build-push-action" => self.build_push(step),
            "metadata-action" => self.metadata(step),
            "login-action" if action.starts_with("docker/") => {
                let host = self.scope.input(step, "registry");
                let host = host.filter(|host| !host.is_empty());
                self.login(step, host.as_deref().unwrap_or(DOCKER_HUB));
            }
            "docker-login" => {
                let host = self.scope.input(step, "login-server").unwrap_or_default();
                self.login(step, &host);
            }
            "podman-login" => {
                let host = self.scope.input(step, "registry").unwrap_or_default();
                self.login(step, &host);
            }
            "github-script" => {
                let script = self.scope.input(step, "script").unwrap_or_default();
                if script.contains("setFailed") || script.contains("throw ") {
                    self.failed(Failure::ByValue, step);
                }
                self.other(&action, &name, step);
            }
            // They log in to ghcr.io with the token of the job.
            "setup-crane" | "setup-ko" => {
                let host = "ghcr.io".to_owned();
                let login = Login { host, step: self.step, own_token: true, argument: None };
                self.leg.logins.push(login);
            }
            "retry" | "wretry.action" => {
                self.inner_script(step, &["command", "run"], Machine::Runner);
            }
            "ssh-action" | "ssh-remote-commands" => {
                self.inner_script(step, &["script", "command"], Machine::Host);
            }
            "trivy-action" => self.named_images(step, &["image-ref"], ImageUse::Scanned),
            "scan-action" | "sbom-action" | "scout-action" => {
                self.named_images(step, &["image"], ImageUse::Scanned);
            }
            _ => self.other(&action, &name, step),
        }
    }

    /// An unknown action may log in, push or deploy.
    fn other(&mut self, action: &str, name: &str, step: &Step) {
        if action.starts_with("./") || name.contains("login") || name.contains("auth") {
            let host = String::new();
            self.leg.logins.push(Login { host, step: self.step, own_token: true, argument: None });
        }
        let owner = action.split('/').next().unwrap_or_default();
        if CLOUDS.contains(&owner) && (action.contains("deploy") || name == "app_action") {
            let when = Occurrence { branch: Vec::new(), certain: true, machine: Machine::Runner };
            self.rolled_out(RollOutTarget::Cluster, true, &when);
            self.named_images(step, &DEPLOYED, ImageUse::RolledOut);
            return;
        }
        if name == "amazon-ecs-render-task-definition" {
            self.named_images(step, &["image"], ImageUse::RolledOut);
            return;
        }
        if is_harmless(action, name) {
            return;
        }
        self.unread();
        self.leg.may_push_more |=
            action.starts_with("./") || PUSHERS.iter().any(|word| name.contains(word));
    }

    fn login(&mut self, step: &Step, host: &str) {
        let token = self.scope.input(step, "password").unwrap_or_default();
        let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default();
        self.leg.logins.push(Login {
            host: host.to_ascii_lowercase(),
            step: self.step,
            own_token: self.is_own_token(&token),
            argument: None,
        });
    }

    fn inner_script(&mut self, step: &Step, names: &[&str], machine: Machine) {
        let handed_over = self.scope.input(step, "envs");
        if let Some(setting) = names.iter().find_map(|name| step.input(name)) {
            let chars = script(&self.scope, &setting.value);
            self.script(&chars, machine, step, handed_over.as_deref());
        }
    }

    /// Images that inputs name, one a line or separated by commas.
    fn named_images(&mut self, step: &Step, names: &[&str], how: ImageUse) {
        for setting in names.iter().filter_map(|name| step.input(name)) {
            let chars = script(&self.scope, &setting.value);
            for entry in chars.split(|ch| matches!(ch.c, '\n' | ',')) {
                let entry = trimmed(entry);
                if let Some(first) = entry.first() {
                    self.used(&text_of(entry), first.at, how, None);
                }
            }
        }
    }

    fn metadata(&mut self, step: &Step) {
        let env = self.scope.env.get("DOCKER_METADATA_PR_HEAD_SHA");
        let head = env.is_some_and(|value| value == "true");
        let tags = metadata::tags(step, &self.scope, head);
        let Some(id) = &step.id else { return };
        let texts: Vec<&str> = tags.iter().map(|tag| tag.text.as_str()).collect();
        let outputs = self.scope.steps.entry(id.clone()).or_default();
        outputs.insert("tags".to_owned(), texts.join("\n"));
        self.scope.metadata.insert(id.clone(), tags);
    }
}

/// Whether an action surely pushes no image.
fn is_harmless(action: &str, name: &str) -> bool {
    if action.starts_with("./") || action == "actions/github-script" {
        return false;
    }
    action.starts_with("actions/")
        || name.starts_with("setup-")
        || name.contains("installer")
        || name.contains("login")
        || name == "auth"
        || HARMLESS.contains(&name)
        || TEST_CLUSTERS.contains(&name)
}
