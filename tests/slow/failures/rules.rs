//! Cases 16 to 18: what rules speak of, and what none speaks of.

use crate::failures::images::{days, image, sha};
use crate::failures::world::{EVERYWHERE, MANAGED, PROD, on};

const GREEDY: &str = r#"
[environment.uat]
sha-tag = "uat-{sha}"
latest-tag = "uat-current"
[[retention]]
environments = ["prod", "uat"]
keep-last = 1
[[retention]]
tags = ["*"]
keep-within = "7d"
[protect]
rollback-depth = 0
min-age = "1h"
"#;

#[test]
fn case_16_moving_tags_of_every_environment_stay_whatever_the_rules_say() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD, GREEDY]);
        let [prod, uat, old] = ["prod", "uat", "old"].map(|text| image(text, days(60)));
        // Neither has a SHA tag any more, and the newer releases are elsewhere.
        world.push(&prod, &["prod-latest"]);
        world.push(&uat, &["uat-current"]);
        world.push(&old, &["whatever"]);
        world.release(&image("new", days(1)), 1);
        let run = world.cleanup(0);
        world.assert_pullable("prod-latest", &prod);
        world.assert_pullable("uat-current", &uat);
        assert_eq!(run.reason(&uat), "latest-tag");
        world.assert_gone(&old);
    });
}

#[test]
fn case_16_a_plan_that_was_changed_to_delete_a_moving_tag_is_refused() {
    on(EVERYWHERE, |world| {
        let (live, old) = (image("live", days(60)), image("old", days(60)));
        world.push(&live, &["prod-latest"]);
        world.push(&old, &["pr-1"]);
        let plan = world.tags(&["cleanup", "--out", "plan.json"]);
        assert_eq!(plan.code, 0, "{plan:?}");
        let text = std::fs::read_to_string(world.home.path().join("plan.json")).expect("a plan");
        let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        for entry in json["entries"].as_array_mut().expect("entries") {
            entry["decision"] = "delete".into();
            entry["reason"]["code"] = "expired".into();
        }
        json["totals"]["keep"] = 0.into();
        json["totals"]["delete"] = 2.into();
        world.file("plan.json", &json.to_string());
        let run = world.tags(&["apply", "plan.json"]);
        assert!([2, 5].contains(&run.code), "{run:?}");
        world.assert_pullable("prod-latest", &live);
        world.assert_pullable("pr-1", &old);
    });
}

#[test]
fn case_17_rules_that_match_nothing_are_told() {
    on(EVERYWHERE, |world| {
        let rules = r#"
[environment.uat]
sha-tag = "uat-{sha}"
latest-tag = "uat-latest"
[[retention]]
environments = ["uat"]
keep-last = 1
[[retention]]
tags = ["pr-*", "pr/*", "preview-*"]
keep-within = "7d"
[protect]
rollback-depth = 0
min-age = "1h"
tags = ["relaese-*", "v*"]
shas = ["1234567"]
"#;
        world.policy(&[PROD, rules]);
        let [version, old] = ["version", "old"].map(|text| image(text, days(60)));
        // A rule is for the whole name, from its beginning to its end.
        let inside = ["x", "y"].map(|text| image(text, days(60)));
        world.push(&version, &["v1"]);
        world.push(&old, &["pr-1"]);
        world.push(&inside[0], &["hotfix-pr-1"]);
        world.push(&inside[1], &["my-preview-1"]);
        let run = world.cleanup(0);
        let warnings = run.warnings();
        for idle in ["`pr/*`", "`preview-*`", "`relaese-*`", "1234567", "uat has no release"] {
            assert!(warnings.contains(idle), "{idle} is not in {warnings}");
        }
        for busy in ["`pr-*`", "`v*`"] {
            assert!(!warnings.contains(busy), "{busy} is in {warnings}");
        }
        world.assert_pullable("v1", &version);
        world.assert_pullable("hotfix-pr-1", &inside[0]);
        world.assert_pullable("my-preview-1", &inside[1]);
        world.assert_gone(&old);
    });
}

#[test]
fn case_18_without_a_rule_nothing_goes() {
    on(EVERYWHERE, |world| {
        world.policy(&[PROD]);
        let [one, two, loose] = ["one", "two", "loose"].map(|text| image(text, days(900)));
        world.push(&one, &["pr-1"]);
        world.push(&two, &[&format!("prod-{}", sha(1))]);
        world.push(&loose, &[]);
        let run = world.cleanup(0);
        assert_eq!(run.json()["totals"]["delete"], 0, "{run:?}");
        world.assert_pullable("pr-1", &one);
        world.assert_release(1, &two);
        world.assert_whole(&loose);
    });
}

#[test]
fn case_18_a_rule_for_some_makes_no_other_deletable() {
    on(EVERYWHERE, |world| {
        let rule = "[[retention]]\ntags = [\"pr-*\"]\nkeep-last = 1\n";
        world.policy(&[PROD, rule, "[protect]\nrollback-depth = 0\nmin-age = \"1h\"\n"]);
        let image = |text: &str| image(text, days(900));
        for (text, tag) in [("tag", "demo"), ("release", &format!("prod-{}", sha(1)))] {
            world.push(&image(text), &[tag]);
        }
        let (old, loose) = (image("old"), image("loose"));
        world.push(&crate::failures::images::image("new", days(800)), &["pr-1"]);
        world.push(&old, &["pr-2"]);
        world.push(&loose, &[]);
        world.cleanup(0);
        world.assert_pullable("demo", &image("tag"));
        world.assert_release(1, &image("release"));
        world.assert_whole(&loose);
        world.assert_gone(&old);
    });
}

#[test]
fn case_18_the_rule_for_untagged_manifests_is_for_nothing_else() {
    on(MANAGED, |world| {
        world.policy(&[PROD, UNTAGGED]);
        let [tagged, loose] = ["tagged", "loose"].map(|text| image(text, days(900)));
        world.push(&tagged, &["demo"]);
        world.push(&loose, &[]);
        world.cleanup(0);
        world.assert_pullable("demo", &tagged);
        world.assert_gone(&loose);
    });
}

const UNTAGGED: &str = "[untagged]\nkeep-within = \"7d\"\n";
