//! The adversary at work: before every request it may do something, lie, or have the request fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use tags::sandbox::{Access, Fault, FaultKind, Matcher, RequestRecord, RetryAfter, Times};

use super::asked::{Asked, asked};
use super::chance::Chance;
use super::deeds::Moment;
use super::lies::Question;
use super::truth::Place;
use super::watch::Watch;
use super::world::World;

pub(super) struct Actor {
    pub(super) watch: Watch,
    /// How often each request was made, so that chance does not depend on their order.
    asked: BTreeMap<String, usize>,
    done: usize,
    late: usize,
    run: usize,
    /// Whether nothing is done any more but watching.
    calm: bool,
}

/// Everybody's adversary.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Actor>>);

impl Shared {
    /// An adversary that watches all registries of a world.
    pub(super) fn in_front_of(world: &World) -> Self {
        let watch = Watch::new(&world.scenario, world.stores());
        let actor = Actor { watch, asked: BTreeMap::new(), done: 0, late: 0, run: 0, calm: false };
        let shared = Self(Arc::new(Mutex::new(actor)));
        shared.goes_in_front(world);
        shared
    }

    fn goes_in_front(&self, world: &World) {
        for (registry, sandbox) in world.registries.iter().enumerate() {
            let shared = self.clone();
            sandbox.faults().before_each(move |request, access| {
                shared.lock().before(registry, request, access);
            });
        }
    }

    /// From here on nobody interferes, and everybody tells the truth.
    pub(super) fn calms_down(&self, world: &World) {
        world.calm();
        self.lock().calm = true;
        self.goes_in_front(world);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Actor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Actor {
    /// A run of the program begins; whether the adversary may act in it.
    pub(super) fn begin(&mut self, what: &str) {
        self.run += 1;
        self.watch.begin(what);
        self.asked.clear();
    }

    fn before(&mut self, registry: usize, request: &RequestRecord, access: &Access<'_>) {
        self.watch.check(registry);
        let scenario = self.watch.scenario.clone();
        let question = format!("{} {} {registry} {}", request.method, request.target, self.run);
        let times = self.asked.entry(question.clone()).or_default();
        *times += 1;
        let mut chance = Chance::of(scenario.seed, &format!("{question} {times}"));
        let Some((path, asked)) = asked(request, access) else {
            return;
        };
        let place = Place { registry, path };
        if request.method != "GET" && request.method != "HEAD" {
            self.watch.may_change(registry);
        }
        if self.calm {
            return self.watch.asked(&place, &asked);
        }
        if self.done < scenario.most_deeds && chance.per_mille(scenario.deeds) {
            self.watch.check_all();
            let (place, asked, number) = (&place, &asked, self.done);
            Moment { access, place, asked, number }.act(&mut self.watch, &mut chance);
            self.done += 1;
        }
        self.watch.asked(&place, &asked);
        if chance.per_mille(scenario.failures) {
            self.watch.fails(&place, &asked);
            self.fails(request, access, &mut chance);
        } else if let Some(lie) = scenario.lie {
            let (seed, kind) = (scenario.seed, scenario.registries[registry]);
            let (place, asked) = (&place, &asked);
            Question { seed, kind, place, asked, request, access }.answered_with(lie);
        }
        if scenario.late && self.late < 2 && matches!(asked, Asked::Tag(_) | Asked::Version(_)) {
            self.answers_late(access, &mut chance);
        }
    }

    /// What was seen has aged when the answer arrives.
    fn answers_late(&mut self, access: &Access<'_>, chance: &mut Chance) {
        if chance.per_mille(150) {
            self.late += 1;
            access.change_answer(|reply| reply.delay = Duration::from_millis(3500));
        }
    }

    fn fails(&mut self, request: &RequestRecord, access: &Access<'_>, chance: &mut Chance) {
        let retry_after = [None, Some(RetryAfter::Seconds(0)), Some(RetryAfter::Seconds(1))];
        let retry_after = retry_after[chance.below(3)].clone();
        // A 404 to GET is the word of a source; there is to be no second one beside a lie.
        let may_be_missing = request.method == "DELETE" && self.watch.scenario.lie.is_none();
        let kind = match chance.below(10) {
            0 => FaultKind::Unauthorized,
            1 => FaultKind::Status(403),
            2 if may_be_missing => FaultKind::Status(404),
            2 | 3 => FaultKind::Status(500),
            4 => FaultKind::Status(503),
            5 | 6 => FaultKind::TooManyRequests { retry_after },
            7 => FaultKind::CutBody,
            8 => FaultKind::Drop,
            _ if request.method == "DELETE" => FaultKind::Status(502),
            _ => FaultKind::Delay(Duration::from_millis(20)),
        };
        self.watch.story.push(format!("{} {}: {kind:?}", request.method, request.path()));
        let method = request.method.parse::<Method>().ok();
        let when = Matcher { method, path_contains: Some(request.path().to_owned()) };
        access.faults().add(Fault { when, kind, times: Times::Once });
    }
}
