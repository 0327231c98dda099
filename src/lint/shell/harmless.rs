//! Programs that push no image, whatever their arguments are, and commands of others that do not.

use super::command::Command;

/// Programs that read, write files, install, or talk to other services than registries.
const PROGRAMS: &str = "
    : [ [[ { } ( ) true false test echo printf cat tac tee head tail less more grep egrep fgrep rg sed awk
    gawk tr cut paste sort uniq wc diff cmp comm column fold nl seq rev split csplit shuf xxd od base64
    base32 jq yq xq envsubst m4 date sleep cal expr bc dc factor numfmt
    cd pushd popd pwd ls dir find fd tree stat file du df basename dirname realpath readlink mktemp mkdir
    rmdir rm mv cp ln touch chmod chown chgrp install dd truncate sync rsync scp sftp tar gzip gunzip
    zcat bzip2 xz unxz zstd zip unzip 7z cpio
    md5sum sha1sum sha256sum sha512sum cksum shasum openssl gpg ssh-keyscan ssh-keygen ssh-add ssh-agent
    curl wget http nc telnet dig host nslookup ping traceroute ip ifconfig
    ps top free uptime uname hostname id whoami who groups getent nproc lscpu lsblk lsof arch tty env
    printenv kill killall pkill pgrep wait jobs bg fg disown trap exit return break continue shift set unset
    shopt ulimit umask alias unalias type which whereis hash let getopts local times logger yes
    apt apt-get apt-cache apt-key add-apt-repository dpkg yum dnf apk pacman zypper brew snap choco
    pip pip3 pipx gem corepack nvm asdf rustup pyenv
    systemctl service journalctl sysctl modprobe mount umount swapon swapoff fallocate useradd usermod
    groupadd passwd update-alternatives ufw iptables
    git git-lfs gh hub glab svn hg cosign notation syft grype trivy hadolint dockle actionlint shellcheck
    yamllint codecov sonar-scanner semgrep snyk gitleaks tflint checkov
    terraform tofu terragrunt packer vault sops age op infisical doppler
    aws az gcloud gsutil doctl heroku flyctl hcloud ibmcloud eksctl kustomize kubeseal kubeval kubeconform
    argocd flux istioctl k9s stern kubectx kubens
    psql pg_dump pg_restore pg_isready createdb dropdb mysql mysqldump mysqladmin mongo mongosh redis-cli
    sqlite3 pytest tox nox flake8 black ruff mypy isort pylint eslint prettier tsc jest vitest mocha
    rustfmt gofmt golangci-lint govulncheck rspec rubocop phpunit
    flyway liquibase alembic sqlx diesel goose dbmate manage.py django-admin
    fi done esac in then else do
";

/// Commands of programs that may otherwise run anything: what follows the program.
const COMMANDS: [(&[&str], &[&str]); 6] = [
    (
        &["npm", "yarn", "pnpm", "bun"],
        &["ci", "install", "i", "add", "test", "t", "audit", "version", "config", "cache", "set"],
    ),
    (
        &["go", "cargo"],
        &[
            "build", "test", "vet", "mod", "install", "version", "fmt", "env", "check", "clippy",
            "get", "list", "fetch", "bench", "doc", "update", "clean",
        ],
    ),
    (
        &["bundle", "composer", "poetry", "uv", "pipenv"],
        &["install", "sync", "pip", "config", "lock"],
    ),
    (&["make", "just", "task"], &["test", "tests", "lint", "check", "fmt", "format", "clean"]),
    (&["python", "python3", "node", "ruby", "java", "php"], &["--version", "-V", "-v"]),
    (&["pre-commit"], &["run", "install"]),
];

/// Whether a command surely pushes no image.
pub(super) fn is_harmless(command: &Command) -> bool {
    let program = command.program();
    let is_own = command.word(0).starts_with('.') && command.word(0).contains('/');
    if program.is_empty() || (!is_own && program != "." && is_listed(program)) {
        return true;
    }
    if matches!(program, "python" | "python3") && command.word(1) == "-m" {
        return matches!(command.word(2), "pip" | "venv" | "pytest" | "json.tool" | "http.server");
    }
    let runs_tests = command.word(1) == "run"
        && matches!(
            command.word(2),
            "test" | "lint" | "format" | "typecheck" | "type-check" | "generate" | "codegen"
        );
    let verb = if runs_tests { "test" } else { command.word(1) };
    let is_single = !matches!(program, "make" | "just" | "task") || command.words.len() == 2;
    !is_own
        && is_single
        && COMMANDS
            .iter()
            .any(|(programs, verbs)| programs.contains(&program) && verbs.contains(&verb))
}

fn is_listed(program: &str) -> bool {
    PROGRAMS.split_whitespace().any(|known| known == program)
}
