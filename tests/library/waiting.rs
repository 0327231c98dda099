//! `verify --wait`: it polls at growing intervals by the caller's clock, until all checks pass, the
//! deadline is reached, or waiting cannot help.
#![cfg(feature = "sandbox")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tags::collect::NoProgress;
use tags::command::{self, Clock, PolicyFile, Session, SessionSettings, verify};
use tags::policy::RegistryKind;
use tags::sandbox::{Auth, Sandbox, Settings};
use tags::verify::{FindingCode, Verification, VerifyVerdict};

use crate::connect::now;
use crate::support::images::single;
use crate::support::{backend, policy, registries, tag};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// What happens during a pause: its number from 1, and the clock.
type Event = Box<dyn Fn(usize, &FakeClock) + Send + Sync>;

/// A clock that a pause moves forward at once.
struct FakeClock {
    time: Mutex<DateTime<Utc>>,
    pauses: Mutex<Vec<u64>>,
    event: Event,
}

impl FakeClock {
    fn new(event: impl Fn(usize, &Self) + Send + Sync + 'static) -> Arc<Self> {
        let (time, pauses) = (Mutex::new(now()), Mutex::default());
        Arc::new(Self { time, pauses, event: Box::new(event) })
    }

    fn advance(&self, by: TimeDelta) {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// The pauses so far, in seconds.
    fn pauses(&self) -> Vec<u64> {
        self.pauses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        let number = {
            let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
            pauses.push(pause.as_secs());
            pauses.len()
        };
        self.advance(TimeDelta::from_std(pause).expect("a pause"));
        (self.event)(number, self);
        Box::pin(std::future::ready(()))
    }
}

/// Pushes the release under both tags, as a build does.
fn push(registry: &Sandbox) {
    let tags = [tag(&format!("prod-{SHA}")), tag("prod-latest")];
    registry.access().push(&backend(), &single("release", now()), &tags);
}

async fn wait(registry: &Sandbox, clock: &Arc<FakeClock>, wait: Option<u64>) -> Verification {
    let text = policy::one("it", RegistryKind::Oci, &registry.url());
    let file = PolicyFile::parse("tags.toml", &text).expect("a policy");
    let mut settings = SessionSettings::anonymous(now);
    settings.clock = Arc::clone(clock) as Arc<dyn Clock>;
    settings.listener = Arc::new(NoProgress);
    let session = Session::without_images(file, settings);
    let wait = wait.map(Duration::from_secs);
    let request = verify::Request { wait, ..verify::Request::new("prod", SHA) };
    command::verify(&session, &request).await.expect("a verification")
}

/// How often the SHA tag was asked for by HEAD.
fn polls(registry: &Sandbox) -> usize {
    let get = format!("GET /v2/acme/backend/manifests/prod-{SHA}");
    registries::asked(registry).iter().filter(|line| **line == get).count()
}

#[tokio::test]
async fn it_polls_at_doubling_intervals_of_at_most_15_seconds_and_stops_at_the_deadline() {
    let registry = registries::start_here(Settings::default()).await;
    let clock = FakeClock::new(|_, _| ());
    let verification = wait(&registry, &clock, Some(60)).await;
    assert_eq!(clock.pauses(), [2, 4, 8, 15, 15, 15, 1]);
    assert_eq!(clock.now(), now() + TimeDelta::seconds(60));
    assert_eq!(polls(&registry), clock.pauses().len() + 1);
    assert_eq!(verification.verdict(), VerifyVerdict::Failed);
    assert_eq!(verification.findings[0].code, FindingCode::ShaTagMissing);
}

#[tokio::test]
async fn it_stops_as_soon_as_all_checks_pass() {
    let registry = Arc::new(registries::start_here(Settings::default()).await);
    let pushed = Arc::clone(&registry);
    let clock = FakeClock::new(move |number, _| {
        if number == 3 {
            push(&pushed);
        }
    });
    let verification = wait(&registry, &clock, Some(600)).await;
    assert_eq!(verification.verdict(), VerifyVerdict::Passed, "{verification:?}");
    assert_eq!(clock.pauses(), [2, 4, 8]);
}

#[tokio::test]
async fn a_release_that_is_there_already_is_not_waited_for() {
    let registry = registries::start_here(Settings::default()).await;
    push(&registry);
    let clock = FakeClock::new(|_, _| ());
    let verification = wait(&registry, &clock, Some(600)).await;
    assert_eq!(verification.verdict(), VerifyVerdict::Passed, "{verification:?}");
    assert_eq!((clock.pauses(), polls(&registry)), (vec![], 1));
}

#[tokio::test]
async fn without_wait_it_checks_once() {
    let registry = registries::start_here(Settings::default()).await;
    let clock = FakeClock::new(|_, _| ());
    let verification = wait(&registry, &clock, None).await;
    assert_eq!(verification.verdict(), VerifyVerdict::Failed);
    assert_eq!((clock.pauses(), polls(&registry)), (vec![], 1));
}

#[tokio::test]
async fn refused_credentials_are_not_waited_for() {
    let auth = Auth::Basic { user: "alice".to_owned(), password: "secret".to_owned() };
    let registry = registries::start_here(Settings { auth, ..Settings::default() }).await;
    let clock = FakeClock::new(|_, _| ());
    let verification = wait(&registry, &clock, Some(600)).await;
    assert!(matches!(verification.verdict(), VerifyVerdict::Unknown(_)), "{verification:?}");
    assert_eq!(clock.pauses(), [0_u64; 0]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_while_it_waits_does_not_move_the_deadline() {
    let registry = registries::start_here(Settings::default()).await;
    let clock = FakeClock::new(|number, clock| {
        if number == 2 {
            clock.advance(TimeDelta::hours(-1));
        }
    });
    wait(&registry, &clock, Some(20)).await;
    assert_eq!(clock.pauses(), [2, 4, 8, 6]);
}
