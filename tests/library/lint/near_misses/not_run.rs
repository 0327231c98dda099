//! Text that is not run: comments, messages, documents, and steps and jobs that never run.

use super::jobs;
use super::step::{self, Case};
use super::{found, indented};
use crate::lint::world::run;

/// Ways to mention a line in a script without running it.
const LINES: [(&str, &str); 14] = [
    ("comment", "# @"),
    ("comment behind a command", "ls # @"),
    ("echo", "echo '@'"),
    ("printf", "printf '%s\\n' '@'"),
    ("echo into a summary", "echo '@' >> \"$GITHUB_STEP_SUMMARY\""),
    ("echo through sudo", "echo '@' | sudo tee -a notes.txt"),
    ("workflow command", "echo '::notice::@'"),
    ("grep", "grep -rn '@' docs || true"),
    ("commit message", "git commit --allow-empty -m '@'"),
    ("variable", "NOTE='@'"),
    ("message", "curl -d 'text=@' https://chat.example"),
    ("comment on a pull request", "gh pr comment 1 --body '@'"),
    ("here-string of a reader", "grep -c x <<< '@'"),
    ("no-op", ": '@'"),
];

/// Ways to write a document: what stands before and after its lines.
const DOCUMENTS: [(&str, &str, &str); 9] = [
    ("cat into a file", "cat <<'EOF' > docs.md", "EOF"),
    ("cat into a file, unquoted", "cat > docs.md <<EOF", "EOF"),
    ("cat to the log", "cat <<-'EOF'", "EOF"),
    ("tee", "tee docs.md <<'EOF'", "EOF"),
    ("comment block", ": <<'EOF'", "EOF"),
    ("python", "python3 - <<'EOF'", "EOF"),
    ("branch that is never taken", "if false; then", "fi"),
    ("function that nobody calls", "never() {", "}"),
    ("behind the end", "exit 0", "ls"),
];

fn lines_said(case: &Case) -> Vec<(&'static str, String)> {
    let lines = case.said();
    let steps = LINES.iter().map(|(name, way)| {
        let body: Vec<String> = lines.iter().map(|line| way.replace('@', line)).collect();
        (*name, run(&body.iter().map(String::as_str).collect::<Vec<_>>()))
    });
    steps.collect()
}

fn documents(case: &Case) -> Vec<(&'static str, String)> {
    let lines = case.said();
    let steps = DOCUMENTS.iter().map(|(name, start, end)| {
        let body = std::iter::once(*start).chain(lines.iter().map(String::as_str));
        (*name, run(&body.chain([*end]).collect::<Vec<_>>()))
    });
    steps.collect()
}

/// Ways to keep a step in the workflow without running it.
fn idle(case: &Case) -> Vec<(&'static str, String)> {
    let step = &case.step;
    let with_if =
        |condition: &str| step.replace("      - ", &format!("      - if: {condition}\n        "));
    let comment: String = indented("      # ", step.lines().map(str::trim));
    let text: String = indented("            ", case.said().iter());
    let inside = "      - uses: actions/github-script@v7\n        with:\n          script: |\n";
    vec![
        ("YAML comment", comment),
        ("if: false", with_if("false")),
        ("if: ${{ false }}", with_if("${{ false }}")),
        ("if: false && …", with_if("false && github.ref == 'refs/heads/main'")),
        ("github-script", format!("{inside}{text}")),
        ("a step's name", format!("      - name: |\n{text}        run: ls\n")),
        ("a variable", format!("      - run: ls\n        env:\n          NOTE: |\n{text}")),
        ("another language", format!("      - shell: python\n        run: |\n{text}")),
    ]
}

#[test]
fn a_bad_step_is_found() {
    for case in step::cases() {
        let text = case.with(&case.step);
        assert!(found(&text, case.rule) > 0, "{} misses\n{text}", case.rule);
        // Two steps that collide may exclude each other by what is asked here.
        if case.rule != "tag-collision" {
            let maybe = case.step.replace("      - ", "      - if: success()\n        ");
            assert!(found(&case.with(&maybe), case.rule) > 0, "{} with success()", case.rule);
        }
    }
}

#[test]
fn what_is_only_said_is_not_found() {
    for case in step::cases() {
        let steps = lines_said(&case).into_iter().chain(documents(&case)).chain(idle(&case));
        for (name, step) in steps {
            let text = case.with(&step);
            assert_eq!(found(&text, case.rule), 0, "{} in a {name}:\n{text}", case.rule);
        }
    }
}

#[test]
fn a_step_of_a_job_that_never_runs_is_not_found() {
    for case in step::cases() {
        for condition in ["false", "${{ false }}", "github.event_name == 'x' && false"] {
            let text = case.with_job_if(condition);
            assert_eq!(found(&text, case.rule), 0, "{} with if: {condition}", case.rule);
        }
        let always = case.with_job_if("true");
        assert!(found(&always, case.rule) > 0, "{} with if: true", case.rule);
    }
}

#[test]
fn a_job_that_is_only_said_is_not_found() {
    for case in jobs::cases() {
        assert_eq!(found(&case.with(&case.job), case.rule), 1, "{} misses", case.rule);
        let comment: String = indented("  # ", case.job.lines());
        let lines: Vec<&str> = case.job.lines().map(str::trim).collect();
        let body: Vec<&str> = ["cat > docs.md <<EOF"].into_iter().chain(lines).collect();
        let note = "  note:\n    steps:\n".to_owned() + &run(&body) + "          EOF\n";
        let never = case.job.replace("    steps:", "    if: false\n    steps:");
        for job in [comment, note, never] {
            let text = case.with(&job);
            assert_eq!(found(&text, case.rule), 0, "{} in\n{text}", case.rule);
        }
    }
}
