//! The rules about the file itself: nearly no YAML, nearly a key twice.

use super::check_rows;

/// Rule, workflow, findings.
pub(super) fn rows() -> Vec<(&'static str, String, usize)> {
    let file = |body: &str| format!("on: push\njobs:\n  a:\n    steps:\n{body}");
    let script = |lines: &str| file(&format!("      - run: |\n{lines}"));
    vec![
        ("yaml-syntax", file("      - run: \"ls\n"), 1),
        ("yaml-syntax", file("\t- run: ls\n"), 1),
        ("yaml-syntax", file("      - run: ls\n=======\n"), 1),
        ("yaml-syntax", file("      - run: a: b\n"), 1),
        ("yaml-syntax", file("      # <<<<<<< HEAD\n      # - run: \"\n      - run: ls\n"), 0),
        (
            "yaml-syntax",
            script("          <<<<<<< HEAD\n          =======\n          >>>>>>> x\n"),
            0,
        ),
        ("yaml-syntax", script("          cat <<'EOF' > x\n          a: \"b\n          EOF\n"), 0),
        ("yaml-syntax", script("          echo '\t' \"\n"), 0),
        ("yaml-syntax", file("      - run: '${{ vars.X }}: }'\n"), 0),
        ("duplicate-key", file("      - run: ls\n        name: a\n        run: pwd\n"), 1),
        ("duplicate-key", file("      - run: ls\n        'run': pwd\n"), 1),
        ("duplicate-key", file("      - { run: ls, run: pwd }\n"), 1),
        ("duplicate-key", file("      - run: ls\n        env: { A: 1, A: 2 }\n"), 1),
        ("duplicate-key", file("      - run: ls\n        # run: pwd\n"), 0),
        ("duplicate-key", file("      - run: ls\n      - run: pwd\n"), 0),
        ("duplicate-key", script("          run: ls\n          run: pwd\n"), 0),
        (
            "duplicate-key",
            script("          cat <<'EOF' > x\n          a: 1\n          a: 1\n          EOF\n"),
            0,
        ),
        (
            "duplicate-key",
            file("      - if: false\n        env: { A: 1 }\n        with: { A: 1 }\n"),
            0,
        ),
    ]
}

#[test]
fn only_what_the_file_itself_says_is_wrong_with_it() {
    check_rows(&rows());
}
