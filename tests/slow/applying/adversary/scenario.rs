//! What a seed stands for: the registries and rules, what is run, and how the adversary is minded.

use tags::policy::RegistryKind;

use super::chance::Chance;
use crate::support::registries::KINDS;

/// One source that lies for as long as a seed lasts; all others tell the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    /// HEAD of some tags is 404, GET has them.
    HeadMissing,
    /// HEAD of some tags names another digest.
    HeadElsewhere,
    /// The listing of a management API has no latest tags.
    LatestUnlisted,
    /// It leaves the field with the tags out of some entries.
    TagsLeftOut,
    /// It is empty, with a total that says so.
    ListingEmpty,
    /// It has fewer entries than its total says.
    ListingShort,
    /// It says that some tags point to another manifest than they do.
    TagsSwapped,
    /// A deletion is answered as done and is not.
    DeletionIgnored,
    /// A deletion is done and answered with an error.
    DeletionDenied,
    /// GET of manifests declares another type than they have.
    TypeWrong,
}

const LIES: [Lie; 10] = [
    Lie::HeadMissing,
    Lie::HeadElsewhere,
    Lie::LatestUnlisted,
    Lie::TagsLeftOut,
    Lie::ListingEmpty,
    Lie::ListingShort,
    Lie::TagsSwapped,
    Lie::DeletionIgnored,
    Lie::DeletionDenied,
    Lie::TypeWrong,
];

/// What is run while the adversary acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// `cleanup`, which changes nothing.
    Look,
    /// `cleanup --apply`
    Cleanup,
    /// `cleanup --out`, then `apply`
    PlanAndApply,
    /// `undo` of the newest journal
    Undo,
}

#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) registries: Vec<RegistryKind>,
    pub(super) environments: Vec<&'static str>,
    pub(super) keep_last: usize,
    pub(super) depth: usize,
    pub(super) releases: usize,
    pub(super) page: Option<usize>,
    pub(super) script: Vec<Act>,
    /// How often in a thousand requests something is done, and how often in all.
    pub(super) deeds: usize,
    pub(super) most_deeds: usize,
    /// How often in a thousand requests one fails.
    pub(super) failures: usize,
    pub(super) lie: Option<Lie>,
    /// Whether answers may be so late that what they say has aged.
    pub(super) late: bool,
}

impl Scenario {
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Chance::of(seed, "scenario");
        let mut registries = vec![KINDS[chance.below(3)]];
        if chance.per_mille(250) {
            registries.push(KINDS[chance.below(3)]);
        }
        let environments: &[&str] =
            if chance.per_mille(700) { &["prod"] } else { &["prod", "dev"] };
        let scripts: [&[Act]; 6] = [
            &[Act::Cleanup],
            &[Act::PlanAndApply],
            &[Act::Cleanup, Act::Undo],
            &[Act::Look, Act::PlanAndApply, Act::Undo],
            &[Act::Cleanup, Act::Cleanup],
            &[Act::PlanAndApply, Act::Undo, Act::Cleanup],
        ];
        let lies = chance.per_mille(350);
        let mood = chance.below(4);
        Self {
            seed,
            registries,
            environments: environments.to_vec(),
            keep_last: 1 + chance.below(2),
            depth: 1 + chance.below(2),
            releases: 4 + chance.below(2),
            page: chance.per_mille(500).then(|| 2 + chance.below(5)),
            script: chance.pick(&scripts).expect("a script").to_vec(),
            deeds: [0, 15, 60, 200][mood],
            most_deeds: [0, 2, 4, 8][mood],
            failures: *chance.pick(&[0, 0, 10, 40]).expect("a number"),
            lie: if lies { chance.pick(&LIES).copied() } else { None },
            late: chance.per_mille(60),
        }
    }
}
