//! Small files that ask for much work: the time that they take is bounded.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::lint::search::asked;
use crate::lint::world::{one, set};

/// Without optimisation and beside other work; a release build takes a tenth of it.
const LONGEST: Duration = Duration::from_mins(1);

fn bounded(name: &str, files: &[(&str, &str)]) {
    let start = Instant::now();
    let _ = set(files);
    assert!(start.elapsed() < LONGEST, "{name}: {:?}", start.elapsed());
}

/// Whether `TAGS_LINT_SEARCH` asks for what takes a while.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn is_long_run() -> bool {
    let asked = asked("TAGS_LINT_SEARCH").is_some();
    if !asked {
        eprintln!("skipped: set TAGS_LINT_SEARCH for it");
    }
    asked
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Two hundred workflows, each of about four kilobytes: a build of two images and deployments of both.
#[test]
fn a_directory_of_two_hundred_files_is_checked_in_a_moment() {
    let text = include_str!("pipelines/droplets/prod.yml");
    let names: Vec<String> = (0..200).map(|n| format!("{n}.yml")).collect();
    let texts: Vec<String> =
        (0..200).map(|n| text.replace("meatscentral", &format!("team-{n}"))).collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let start = Instant::now();
    assert!(set(&files).len() >= 200 * 6);
    let elapsed = start.elapsed();
    // Half a second is the goal for a release build; without optimisation, and beside other tests,
    // it takes many times as long.
    assert!(elapsed < Duration::from_secs(15), "{elapsed:?}");
}

#[test]
fn aliases_that_double_cost_nothing_wherever_they_stand() {
    let mut bomb = "x0: &x0 [a, b]\ny0: &y0 { a: b, c: d }\n".to_owned();
    for number in 1..60 {
        let before = number - 1;
        let _ = writeln!(bomb, "x{number}: &x{number} [*x{before}, *x{before}]");
        let _ = writeln!(bomb, "y{number}: &y{number} {{ a: *y{before}, c: *y{before} }}");
    }
    for place in [
        "on: *X",
        "env: *X",
        "permissions: *X",
        "concurrency: *X",
        "jobs: *X",
        "on: { workflow_dispatch: { inputs: *X } }",
        "on: { workflow_dispatch: { inputs: { a: { options: *X } } } }",
        "on: { workflow_call: { outputs: *X } }",
        "jobs: { a: { needs: *X } }",
        "jobs: { a: { steps: *X } }",
        "jobs: { a: { env: *X } }",
        "jobs: { a: { outputs: *X } }",
        "jobs: { a: { container: *X } }",
        "jobs: { a: { services: *X } }",
        "jobs: { deploy: { if: *X, environment: *X } }",
        "jobs: { a: { strategy: { matrix: *X }, steps: [{ run: 'docker push a/b:${{ toJSON(matrix) }}' }] } }",
        "jobs: { a: { strategy: { matrix: { include: *X } } } }",
        "jobs: { a: { strategy: { matrix: { k: *X } }, steps: [{ run: 'docker push a/b:${{ toJSON(matrix.k) }}' }] } }",
        "jobs: { a: { steps: [{ uses: docker/build-push-action@v6, with: *X }] } }",
        "jobs: { a: { concurrency: *X, permissions: *X, timeout-minutes: *X } }",
    ] {
        for top in ["x59", "y59"] {
            let text = format!("{bomb}{}\n", place.replace('X', top));
            bounded(place, &[("ci.yml", &text)]);
        }
    }
}

#[test]
fn jobs_that_all_need_all_are_bounded() {
    let names = lines(3_000, |n| format!("j{n},"));
    let jobs = lines(3_000, |n| format!("  j{n}: {{ needs: *all, steps: [] }}\n"));
    bounded("needs", &[("ci.yml", &format!("x: &all [{names}]\njobs:\n{jobs}"))]);
    let chain = lines(4_000, |n| format!("  j{}: {{ needs: j{n}, steps: [] }}\n", n + 1));
    bounded("chain", &[("ci.yml", &format!("jobs:\n{chain}"))]);
}

#[test]
fn steps_that_are_aliases_are_bounded() {
    if !is_long_run() {
        return;
    }
    let tags = lines(40, |n| format!("            ghcr.io/a/b{n}:${{{{ github.sha }}}}\n"));
    let steps = lines(100, |_| {
        format!(
            "      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: |\n{tags}"
        )
    });
    let legs = lines(256, |n| format!("l{n},"));
    let first =
        format!("  a: &a\n    strategy: {{ matrix: {{ l: [{legs}] }} }}\n    steps:\n{steps}");
    let rest = lines(1_000, |n| format!("  j{n}: *a\n"));
    bounded("steps", &[("ci.yml", &format!("jobs:\n{first}{rest}"))]);
}

#[test]
fn pushes_of_what_is_unknown_are_bounded() {
    if !is_long_run() {
        return;
    }
    let pushes =
        lines(10_000, |n| format!("          docker push ghcr.io/$A{n}/app-$B{n}:x$C{n}-y\n"));
    bounded(
        "unknown pushes",
        &[("ci.yml", &format!("on: push\njobs:\n  a:\n    steps:\n      - run: |\n{pushes}"))],
    );
    let steps = lines(8_000, |n| {
        format!(
            "      - run: docker pull ghcr.io/$A{n}/app-$B{n}:x$C{n}-y\n      - run: docker push ghcr.io/$C{n}/app-$B{n}:x$A{n}-y\n"
        )
    });
    bounded("unknown pulls", &[("ci.yml", &format!("on: push\njobs:\n  a:\n    steps:\n{steps}"))]);
    let known = lines(10_000, |n| format!("          docker push ghcr.io/acme/app:prod-x{n}\n"));
    bounded(
        "known pushes",
        &[("ci.yml", &format!("on: push\njobs:\n  a:\n    steps:\n      - run: |\n{known}"))],
    );
}

#[test]
fn workflows_that_call_themselves_are_bounded() {
    let legs = lines(256, |n| format!("l{n},"));
    let jobs = lines(12, |n| {
        format!(
            "  j{n}:\n    strategy: {{ matrix: {{ l: [{legs}] }} }}\n    uses: ./.github/workflows/ci.yml\n    with: {{ a: '${{{{ inputs.a }}}}${{{{ inputs.a }}}}' }}\n"
        )
    });
    let text = format!(
        "on: {{ workflow_call: {{ inputs: {{ a: {{ default: xx }} }} }}, push: {{ }} }}\njobs:\n{jobs}"
    );
    bounded("calls", &[("ci.yml", &text)]);
}

#[test]
fn values_that_grow_are_bounded() {
    let env = lines(200, |n| format!("  A{}: '${{{{ env.A{n} }}}}${{{{ env.A{n} }}}}'\n", n + 1));
    let outputs = lines(100, |n| {
        format!(
            "      - id: s{}\n        run: echo \"o=${{{{ steps.s{n}.outputs.o }}}}${{{{ steps.s{n}.outputs.o }}}}\" >> $GITHUB_OUTPUT\n",
            n + 1
        )
    });
    let exports = lines(100, |_| "      - run: echo \"A=$A$A\" >> $GITHUB_ENV\n".to_owned());
    let text = format!(
        "on: push\nenv:\n  A0: xx\n{env}jobs:\n  a:\n    env: {{ A: xx }}\n    steps:\n      - id: s0\n        run: echo o=xx >> $GITHUB_OUTPUT\n{outputs}{exports}      - run: docker push ghcr.io/a/b:$A\n"
    );
    bounded("growth", &[("ci.yml", &text)]);
    let chain = lines(60, |n| {
        format!(
            "  j{}:\n    needs: j{n}\n    outputs: {{ o: '${{{{ needs.j{n}.outputs.o }}}}${{{{ needs.j{n}.outputs.o }}}}' }}\n    steps: []\n",
            n + 1
        )
    });
    let text = format!("on: push\njobs:\n  j0:\n    outputs: {{ o: xx }}\n    steps: []\n{chain}");
    bounded("outputs", &[("ci.yml", &text)]);
    let format = format!("{}'{{0}}{{0}}'{}", "format(".repeat(40), ", 'xx')".repeat(40));
    let nested = lines(40, |_| "format('{0}{0}', ".to_owned()) + "'xx'" + &")".repeat(40);
    for expression in [format, nested, format!("{}'x'{}", "toJSON(".repeat(60), ")".repeat(60))] {
        let text = format!(
            "on: push\njobs:\n  a:\n    steps:\n      - run: docker push a.b/c:${{{{ {expression} }}}}\n"
        );
        bounded("format", &[("ci.yml", &text)]);
    }
    assert!(one("on: push\n").is_empty());
}

#[test]
fn long_lines_and_many_words_are_bounded() {
    if !is_long_run() {
        return;
    }
    let script =
        |body: &str| format!("on: push\njobs:\n  a:\n    steps:\n      - run: \"{body}\"\n");
    for piece in [
        "$(",
        "\\\"$(",
        "${X:-",
        "((",
        "`",
        "a=(",
        "a ",
        "$A",
        "<<E ",
        "'",
        "\\\\",
        "f(){ ",
        "! ",
        "if x; then ",
        "case x in a) ",
        "for x in ",
        "[[ ",
        "{ ",
        "| ",
        "$((",
        "a;",
        "cat <<E\\n",
        "echo a | bash -c ",
        "A=$A$A\\n",
        "docker push a/b:$X\\n",
        "eval ",
        "sudo ",
        "ssh a ",
        "export A=\\\"$A$A\\\"\\n",
        "x=$(echo $x$x)\\n",
    ] {
        bounded(piece, &[("ci.yml", &script(&piece.repeat(50_000 / piece.len())))]);
    }
    for text in [
        "${{ a",
        "${{ a }}",
        "\t",
        "\u{feff}",
        "&a ",
        "*a ",
        "- ",
        "? ",
        ": ",
        "{",
        "[",
        "'",
        "|\n",
        "a: b\n",
        "# tags: ignore[",
        "\r",
        "\0",
    ] {
        bounded(text, &[("ci.yml", &text.repeat(50_000 / text.len()))]);
        bounded(
            text,
            &[("ci.yml", &format!("on: push\njobs: {}", text.repeat(50_000 / text.len())))],
        );
    }
}
