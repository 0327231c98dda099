//! What the JSON of a run says of a manifest.

use serde_json::Value;

use crate::failures::images::Image;
use crate::support::program::Run;

impl Run {
    /// The entry of the plan for a digest.
    pub(crate) fn entry(&self, image: &Image) -> Value {
        let json = self.json();
        let mut entries = json["entries"].as_array().expect("entries").iter();
        let found = entries.find(|entry| entry["digest"] == image.digest().to_string());
        found.unwrap_or_else(|| panic!("{} is not in {json:#}", image.digest())).clone()
    }

    /// Why a manifest stays or goes, in one word.
    pub(crate) fn reason(&self, image: &Image) -> String {
        self.entry(image)["reason"]["code"].as_str().expect("a code").to_owned()
    }

    /// What became of a manifest, if it was to change.
    pub(crate) fn result(&self, image: &Image) -> Option<String> {
        let json = self.json();
        let mut applied = json["applied"].as_array().expect("applied").iter();
        let found = applied.find(|entry| entry["digest"] == image.digest().to_string())?;
        Some(format!("{}: {}", found["result"].as_str()?, found["message"].as_str()?))
    }

    /// The digests in a list of objects, sorted.
    pub(crate) fn digests(&self, list: &str, of: impl Fn(&Value) -> bool) -> Vec<String> {
        let json = self.json();
        let all = json[list].as_array().expect("a list").iter().filter(|entry| of(entry));
        let mut digests: Vec<String> =
            all.map(|entry| entry["digest"].as_str().expect("a digest").to_owned()).collect();
        digests.sort();
        digests
    }

    pub(crate) fn warnings(&self) -> String {
        self.json()["warnings"].to_string()
    }
}
