//! Cases 6 to 9: what `keep-last` counts.

use tags::sandbox::content::Provenance;

use crate::failures::images::{Image, days, image, index};
use crate::failures::world::{EVERYWHERE, PROD, on};

const GUARDS: &str =
    "[untagged]\nkeep-within = \"7d\"\n[protect]\nrollback-depth = 0\nmin-age = \"1h\"\n";

#[test]
fn case_06_signatures_take_no_place_among_the_last() {
    on(EVERYWHERE, |world| {
        let rule = "[[retention]]\ntags = [\"*\"]\nkeep-last = 2\n";
        world.policy(&[PROD, rule, GUARDS]);
        let images: [Image; 3] = [30, 40, 50].map(|age| image(&format!("image {age}"), days(age)));
        let signatures = [1, 2, 3].map(|age| image(&format!("signature {age}"), days(age)));
        for (place, (image, signature)) in images.iter().zip(&signatures).enumerate() {
            world.push(image, &[&format!("v{place}")]);
            world.push(signature, &[&image.signature_tag()]);
        }
        world.cleanup(0);
        for place in [0, 1] {
            world.assert_pullable(&format!("v{place}"), &images[place]);
            world.assert_pullable(&images[place].signature_tag(), &signatures[place]);
        }
        world.assert_gone(&images[2]);
        world.assert_gone(&signatures[2]);
    });
}

#[test]
fn case_07_the_last_are_counted_in_images_not_in_manifests() {
    on(EVERYWHERE, |world| {
        let rule = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 3\n\
                    [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 2\n";
        world.policy(&[PROD, rule, GUARDS]);
        let release = |age| index(&format!("release {age}"), days(age), Provenance::Artifact);
        let request = |age| index(&format!("request {age}"), days(age), Provenance::Plain);
        for age in [2, 3, 4, 5] {
            world.release(&release(age), u32::try_from(age).expect("a number"));
            world.push(&request(age), &[&format!("pr-{age}")]);
        }
        world.deploy(&release(2));
        world.cleanup(0);
        for age in [2, 3, 4] {
            world.assert_release(u32::try_from(age).expect("a number"), &release(age));
        }
        world.assert_gone(&release(5));
        for age in [2, 3] {
            world.assert_pullable(&format!("pr-{age}"), &request(age));
        }
        world.assert_gone(&request(4));
        world.assert_gone(&request(5));
    });
}

#[test]
fn case_08_the_last_are_counted_over_all_that_the_rule_selects_and_over_nothing_else() {
    on(EVERYWHERE, |world| {
        let rules = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 3\nkeep-within = \"7d\"\n\
                     [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 1\n";
        world.policy(&[PROD, rules, GUARDS]);
        let release = |age| image(&format!("release {age}"), days(age));
        for (number, age) in (1..).zip([1, 2, 30, 40, 50]) {
            world.release(&release(age), number);
        }
        world.deploy(&release(1));
        let request = |age| image(&format!("request {age}"), days(age));
        world.push(&request(60), &["pr-1"]);
        world.push(&request(70), &["pr-2"]);
        // Newer, and of no rule: they take the place of nobody.
        world.push(&image("demo", days(3)), &["demo"]);
        let run = world.cleanup(0);
        for (number, age) in (1..).zip([1, 2, 30]) {
            world.assert_release(number, &release(age));
        }
        world.assert_gone(&release(40));
        world.assert_gone(&release(50));
        world.assert_pullable("pr-1", &request(60));
        world.assert_gone(&request(70));
        let told = &run.json()["environments"][0];
        assert_eq!((told["kept"].as_u64(), told["going"].as_u64()), (Some(3), Some(2)), "{run:?}");
    });
}

#[test]
fn case_09_two_tags_on_one_digest_count_once() {
    on(EVERYWHERE, |world| {
        let rules = "[[retention]]\nenvironments = [\"prod\"]\nkeep-last = 2\n\
                     [[retention]]\ntags = [\"pr-*\"]\nkeep-last = 2\n";
        world.policy(&[PROD, rules, GUARDS]);
        let request = |age| image(&format!("request {age}"), days(age));
        world.push(&request(10), &["pr-1", "pr-2", "pr-3"]);
        world.push(&request(20), &["pr-4"]);
        world.push(&request(30), &["pr-5"]);
        let release = |age| image(&format!("release {age}"), days(age));
        // A commit that changed nothing in the image: the same digest under another SHA.
        world.release(&release(10), 1);
        world.release(&release(10), 2);
        world.release(&release(20), 3);
        world.release(&release(30), 4);
        world.deploy(&release(10));
        let plans = [world.tags(&["cleanup"]), world.tags(&["cleanup"])];
        assert_eq!(plans[0].json()["entries"], plans[1].json()["entries"]);
        world.cleanup(0);
        for tag in ["pr-1", "pr-2", "pr-3"] {
            world.assert_pullable(tag, &request(10));
        }
        world.assert_pullable("pr-4", &request(20));
        world.assert_gone(&request(30));
        world.assert_release(1, &release(10));
        world.assert_release(3, &release(20));
        world.assert_gone(&release(30).clone());
    });
}
