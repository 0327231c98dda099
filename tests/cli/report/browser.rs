//! Looks at a page with Debian's chromium: measures it, and takes a picture of it.
//!
//! `TAGS_SCREENSHOTS=DIRECTORY` keeps the pictures, for people to look at.

use std::path::Path;
use std::process::Command;

use crate::support::packages;

/// The colours that a reader prefers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// What the browser saw.
pub(super) struct Seen {
    /// What reaches beyond the page, or beyond its own box, without being scrollable.
    pub(super) overflowing: Vec<String>,
    /// The height of the page.
    pub(super) height: u32,
    /// A PNG.
    pub(super) picture: Vec<u8>,
}

/// Measures the page in a frame: it has no script of its own, and allows none.
const FRAME: &str = r#"<!DOCTYPE html><body style="margin:0"><iframe id="page" src="PAGE" style="border:0;width:WIDTHpx;height:9000px"></iframe><pre id="seen"></pre><script>
const frame = document.getElementById('page');
frame.addEventListener('load', () => {
  const inside = frame.contentDocument, width = frame.contentWindow.innerWidth, found = [];
  if (inside.documentElement.scrollWidth > width) found.push('the page: ' + inside.documentElement.scrollWidth);
  for (const element of inside.body.querySelectorAll('*')) {
    const name = element.tagName + '.' + (element.getAttribute('class') || '') + ' ' + element.textContent.slice(0, 30);
    const box = element.getBoundingClientRect();
    const scrolls = element.closest('.scroll');
    if (!scrolls && (box.right > width + 1 || box.left < -1)) found.push(name + ': ' + box.right);
    if (element !== scrolls && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && !element.closest('svg'))
      found.push(name + ' in itself: ' + element.scrollWidth);
  }
  document.getElementById('seen').textContent = JSON.stringify({ found, height: inside.body.scrollHeight });
});
</script>"#;

/// Opens a page as wide as this; none where chromium is missing.
pub(super) fn look(page: &Path, width: u32, scheme: Scheme) -> Option<Seen> {
    let chromium = packages::program("chromium")?;
    let folder = page.parent().expect("a folder");
    let name = page.file_name().expect("a name").to_string_lossy();
    let frame = folder.join("frame.html");
    let text = FRAME.replace("PAGE", &name).replace("WIDTH", &width.to_string());
    std::fs::write(&frame, text).expect("a file");
    let run = |arguments: &[&str]| {
        let colours = u8::from(scheme == Scheme::Light);
        let mut command = Command::new(&chromium);
        // Its own sandbox needs rights that a container does not have.
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]);
        command.args(["--allow-file-access-from-files", "--virtual-time-budget=2000"]);
        command.arg(format!("--blink-settings=preferredColorScheme={colours}"));
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        command.args(arguments).arg(format!("file://{}", frame.display())).env("HOME", folder);
        let end = command.output().expect("a run");
        assert!(end.status.success(), "{end:?}");
        String::from_utf8_lossy(&end.stdout).into_owned()
    };
    let dom = run(&["--dump-dom"]);
    let (_, seen) = dom.split_once("<pre id=\"seen\">").expect("a place");
    let seen = seen.split_once("</pre>").expect("an end").0.replace("&amp;", "&");
    let seen: serde_json::Value = serde_json::from_str(&seen).expect(&dom);
    let found = seen["found"].as_array().expect("a list").iter();
    let height = u32::try_from(seen["height"].as_u64().expect("a height")).expect("a height");
    let picture = folder.join("picture.png");
    let screenshot = format!("--screenshot={}", picture.display());
    let size = format!("--window-size={},{height}", width.max(500));
    run(&[screenshot.as_str(), size.as_str()]);
    let picture = std::fs::read(picture).expect("a picture");
    keep(&picture, width, scheme);
    let overflowing = found.map(|found| found.as_str().expect("text").to_owned()).collect();
    Some(Seen { overflowing, height, picture })
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own environment")]
fn keep(picture: &[u8], width: u32, scheme: Scheme) {
    let Ok(folder) = std::env::var("TAGS_SCREENSHOTS") else { return };
    let colours = if scheme == Scheme::Dark { "dark" } else { "light" };
    let path = Path::new(&folder).join(format!("report-{width}-{colours}.png"));
    std::fs::write(path, picture).expect("a file");
}
