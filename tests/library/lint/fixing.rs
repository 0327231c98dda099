//! `tags lint --fix`: what can be meant in one way only, and nothing else of the file.

use tags::lint::fixed;

use crate::lint::world::{one, push, workflow};

/// The text after its fixes.
fn after(text: &str) -> String {
    fixed(text, &one(text)).unwrap_or_else(|| text.to_owned())
}

#[test]
fn a_sha_that_stands_twice_beside_a_missing_latest_tag_becomes_that_tag() {
    let sha = "quay.io/acme/app:uat-${{ github.sha }}";
    let beside = ["ghcr.io/acme/app:uat-${{ github.sha }}", "ghcr.io/acme/app:uat-latest"];
    let text =
        workflow("", "", &push(&[sha, &format!("{sha}   # the second"), beside[0], beside[1]]));
    let expected =
        text.replacen("uat-${{ github.sha }}   # the second", "uat-latest   # the second", 1);
    assert_ne!(text, expected);
    assert_eq!(after(&text), expected);
}

#[test]
fn a_line_that_stands_twice_by_habit_stays() {
    let sha = "ghcr.io/acme/app:uat-${{ github.sha }}";
    let text = workflow("", "", &push(&[sha, sha, "ghcr.io/acme/app:uat-latest"]));
    assert_eq!(after(&text), text);
    let thrice = ["ghcr.io/acme/app:uat-latest", "quay.io/acme/app:uat-${{ github.sha }}"];
    let text = workflow("", "", &push(&[thrice[0], thrice[1], thrice[1], thrice[1]]));
    assert_eq!(after(&text), text);
}

#[test]
fn pushes_are_not_cancelled_any_more_and_comments_stay() {
    let text = workflow("", "", &push(&["ghcr.io/acme/app:${{ github.sha }}"]));
    let cancelled = text.replace(
        "concurrency: x\n",
        "concurrency:\n  group: x # one at a time\n  cancel-in-progress:  true # fast\n",
    );
    let expected = cancelled.replace("cancel-in-progress:  true #", "cancel-in-progress:  false #");
    assert_eq!(after(&cancelled), expected);
    let flow =
        text.replace("concurrency: x\n", "concurrency: { group: x, cancel-in-progress: true }\n");
    assert_eq!(after(&flow), flow.replace("true }", "false }"));
    let mixed = cancelled.replace("on: { push: { branches: [main] } }", "on: [push, pull_request]");
    assert_eq!(after(&mixed), mixed);
}

#[test]
fn names_become_lower_case_wherever_they_stand() {
    let text =
        workflow("", "", &push(&["ghcr.io/Acme/App:${{ github.sha }}", "ghcr.io/Acme/App:Main"]))
            + "      - run: docker pull ghcr.io/Acme/App-Base:1.0 # ghcr.io/Acme/App\r\n";
    let expected = text
        .replace("ghcr.io/Acme/App:", "ghcr.io/acme/app:")
        .replace("# ghcr.io/Acme/App\r\n", "# ghcr.io/acme/app\r\n")
        .replace("ghcr.io/Acme/App-Base", "ghcr.io/acme/app-base");
    assert_eq!(after(&text), expected);
    let unknown = text.replace("ghcr.io/Acme/App:", "ghcr.io/${{ vars.OWNER }}/App:");
    let unknown = unknown.lines().take(13).collect::<Vec<_>>().join("\n") + "\n";
    assert_eq!(after(&unknown), unknown);
}

#[test]
fn a_name_without_a_host_becomes_lower_case_only_as_an_image() {
    let text = workflow("", "", &push(&["Acme/App:${{ github.sha }}", "Acme/App@sha256:0a"]))
        + "      - run: docker pull Acme/App && ls Acme/App\n"
        + "        working-directory: Acme/App\n"
        + "        if: github.repository == 'Acme/App'\n"
        + "      - uses: Acme/App@v1\n        with: { context: Acme/App }\n";
    let expected = text
        .replace("Acme/App:${{", "acme/app:${{")
        .replace("Acme/App@sha256", "acme/app@sha256")
        .replace("docker pull Acme/App", "docker pull acme/app");
    assert_eq!(after(&text), expected);
}
