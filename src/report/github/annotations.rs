//! The annotations of each command.

use std::collections::BTreeMap;

use super::super::document::{about_run, gc_hint, gc_sentence, sentence, subject, tags_or_digest};
use super::super::undo::{left_out, pushed_note, restored};
use super::super::{Cleanup, Linting, Listing, Move, Repair, Report, Runs, counted, grouping};
use super::{Annotation, Level, policy};
use crate::change::{ApplyResult, MovedPlace, PlaceResult, Restoration, Survivor, Undone};
use crate::draft::DraftNote;
use crate::lint::{self, Finding};
use crate::model::{RegistryName, Unread};
use crate::pipeline::RunFinding;
use crate::report::{
    Check, CheckStatus, DoctorReport, Drafted, EnvironmentOverview, Explain, GarbageRun, Overview,
    ReadWarning, RepairResult, RollbackTarget, RollbackVerdict,
};
use crate::retention::Explained;
use crate::verify::{self, Verification};

/// The annotations of a report.
pub(super) fn of(report: &Report) -> Vec<Annotation> {
    match report {
        Report::Verify(verification) => verify(verification),
        Report::RollbackTarget(answer) => rollback_target(answer),
        Report::List(listing) => list(listing),
        Report::Cleanup(cleanup) => self::cleanup(cleanup),
        Report::Explain(answer) => explain(answer),
        Report::Move(moved) => self::moved(moved),
        Report::Repair(repair) => self::repair(repair),
        Report::Undo(undone) => undo(undone),
        Report::Doctor(examination) => doctor(examination),
        Report::Gc(run) => vec![gc(run)],
        Report::Init(drafted) => init(drafted),
        Report::Check(summary) => policy::check(summary),
        Report::Lint(linting) => lint(linting),
        Report::Runs(runs) => self::runs(runs),
        Report::Overview(overview) => self::overview(overview),
    }
}

fn overview(overview: &Overview) -> Vec<Annotation> {
    let warning = |of: &ReadWarning| {
        Annotation::new(Level::Warning, "tags report", &of.text).with_hint(of.hint.as_deref())
    };
    let notice = |of: &EnvironmentOverview| {
        Annotation::new(Level::Notice, of.name().as_str(), sentence(of, overview.now))
    };
    let problem = overview.plan_problem().map(|(text, hint)| {
        Annotation::new(Level::Error, "tags report", text).with_hint(Some(hint))
    });
    let warnings = problem.into_iter().chain(overview.warnings.iter().map(warning));
    warnings.chain(overview.environments.iter().map(notice)).collect()
}

fn verify(verification: &Verification) -> Vec<Annotation> {
    let annotation = |finding: &verify::Finding| {
        let level = match finding.severity {
            verify::Severity::Error => Level::Error,
            verify::Severity::Warning => Level::Warning,
        };
        Annotation::new(level, finding.code.as_str(), &finding.message)
            .with_hint(finding.hint.as_deref())
    };
    verification.findings.iter().map(annotation).collect()
}

fn unread(unread: &BTreeMap<RegistryName, Unread>) -> impl Iterator<Item = Annotation> {
    unread.iter().map(|(name, why)| {
        Annotation::new(Level::Warning, format!("{name} could not be read"), &why.message)
    })
}

fn rollback_target(rollback: &RollbackTarget) -> Vec<Annotation> {
    let title = format!("rollback target of {}", rollback.environment);
    let (level, message) = match (&rollback.target, rollback.verdict()) {
        (Some(target), _) => (Level::Notice, &*target.sha.to_string()),
        (None, _) if rollback.deployments_unread.is_some() => {
            (Level::Error, "unknown, because it could not be read what was deployed")
        }
        (None, RollbackVerdict::Unknown(_)) if !rollback.unread.is_empty() => {
            (Level::Error, "unknown, because a registry could not be read")
        }
        (None, _) => {
            (Level::Error, rollback.message.as_deref().unwrap_or("no release to roll back to"))
        }
    };
    unread(&rollback.unread).chain([Annotation::new(level, title, message)]).collect()
}

fn list(listing: &Listing) -> Vec<Annotation> {
    let count = counted(listing.timeline.releases().len(), "release");
    let notice = Annotation::new(Level::Notice, format!("{} releases", listing.environment), count);
    unread(&listing.unread).chain([notice]).collect()
}

/// Refusals, failures and damage are errors; what could not be read is a warning.
fn cleanup(cleanup: &Cleanup) -> Vec<Annotation> {
    let mut all: Vec<Annotation> = cleanup
        .refusals
        .iter()
        .map(|refusal| {
            let annotation = Annotation::new(Level::Error, "refused", refusal.to_string());
            annotation.with_hint(Some(refusal.hint()))
        })
        .collect();
    let partly = cleanup.plan.coverage.iter().filter_map(|coverage| {
        let title = format!("{} could not be read completely", coverage.repository);
        coverage.unread.as_ref().map(|why| Annotation::new(Level::Warning, title, &why.message))
    });
    all.extend(partly);
    if let Some(application) = &cleanup.application {
        let left = grouping::left(application).into_iter();
        let failed = left.filter(|group| matches!(group.result, ApplyResult::Failed(_)));
        all.extend(failed.map(|group| {
            let title = format!("{} failed", counted(group.entries.len(), "manifest"));
            Annotation::new(Level::Error, title, group.message)
        }));
        all.extend(application.survivors.iter().filter_map(survivor));
    }
    let warnings = cleanup.plan.warnings.iter();
    all.extend(warnings.map(|text| Annotation::new(Level::Warning, "tags cleanup", text)));
    all.push(figures(cleanup));
    all
}

fn survivor(survivor: &Survivor) -> Option<Annotation> {
    let name = format!("{}:{}", survivor.repository, survivor.tag);
    match (&survivor.damage, &survivor.unread) {
        (Some(damage), _) => {
            Some(Annotation::new(Level::Error, format!("{name} is damaged"), damage))
        }
        (None, Some(why)) => {
            Some(Annotation::new(Level::Warning, format!("{name} was not checked"), why))
        }
        (None, None) => None,
    }
}

fn figures(cleanup: &Cleanup) -> Annotation {
    let totals = cleanup.figures();
    let (gone, kept) = match cleanup.application {
        Some(_) => ("deleted", "kept"),
        None => ("to delete", "to keep"),
    };
    let manifests = counted(totals.delete, "manifest");
    let message = format!("{manifests} {gone}, {} {kept}", totals.keep + totals.untag);
    let title = format!("tags {}: {}", cleanup.command.as_str(), cleanup.outcome().as_str());
    Annotation::new(Level::Notice, title, message)
}

/// Each manifest. What is not found is an error: nothing is explained.
fn explain(answer: &Explain) -> Vec<Annotation> {
    let explanation = &answer.explanation;
    if explanation.manifests.is_empty() {
        let text = answer.not_found();
        return vec![Annotation::new(Level::Error, subject(&explanation.subject), text)];
    }
    let notice = |explained: &Explained| {
        let (entry, reason) = (&explained.entry, &explained.entry.reason);
        let title = format!("{}: {}", entry.decision.as_str(), reason.code);
        let message = format!("{} {}: {}", entry.repository, tags_or_digest(entry), reason.message);
        Annotation::new(Level::Notice, title, message)
    };
    explanation.manifests.iter().map(notice).collect()
}

/// What refused or failed is an error.
fn moved(moved: &Move) -> Vec<Annotation> {
    let guards = moved.guards.iter().map(|guard| {
        Annotation::new(Level::Error, guard.code.as_str(), &guard.message)
            .with_hint(Some(&guard.hint))
    });
    let problems = moved.problems.iter().map(|problem| {
        let title = format!("tags {}", moved.command.as_str());
        Annotation::new(Level::Error, title, &problem.message).with_hint(problem.hint.as_deref())
    });
    let wrong = |place: &&MovedPlace| {
        matches!(place.result, PlaceResult::Failed | PlaceResult::Left) && moved.problems.is_empty()
    };
    let places = moved.places.iter().filter(wrong).map(|place| {
        let title = format!("{} {}", place.latest, place.result.as_str());
        Annotation::new(Level::Error, title, &place.message)
    });
    let title = format!("tags {}: {}", moved.command.as_str(), moved.verdict.as_str());
    let to = moved.to.as_ref().map(|sha| format!(" to {sha}")).unwrap_or_default();
    let end = Annotation::new(Level::Notice, title, format!("{}{to}", moved.environment));
    guards.chain(problems).chain(places).chain([end]).collect()
}

/// What refused or failed is an error.
fn repair(repair: &Repair) -> Vec<Annotation> {
    let guards = repair.guards.iter().map(|guard| {
        Annotation::new(Level::Error, guard.code, &guard.message).with_hint(Some(&guard.hint))
    });
    let unread = repair.unread.iter().map(|place| {
        Annotation::new(Level::Error, "tags repair", &place.message)
            .with_hint(place.hint.as_deref())
    });
    let wrong = |result| matches!(result, RepairResult::Failed(_) | RepairResult::Refused);
    let copies = repair.copies.iter().filter(|copy| wrong(copy.result)).map(|copy| {
        let title = format!("{} {}", copy.reference, copy.result.as_str());
        Annotation::new(Level::Error, title, &copy.message)
    });
    let latest = repair.latest.iter().flat_map(|latest| moved(latest));
    let title = format!("tags repair: {}", repair.outcome());
    let end = format!("{} {}", repair.environment, repair.sha);
    let end = Annotation::new(Level::Notice, title, end);
    guards.chain(unread).chain(copies).chain(latest).chain([end]).collect()
}

/// What was not restored is an error; a tag that was not changed is a warning.
fn undo(undone: &Undone) -> Vec<Annotation> {
    let left = left_out(undone).into_iter().map(|item| {
        let is_warning = item.result == Restoration::TagElsewhere;
        let level = if is_warning { Level::Warning } else { Level::Error };
        Annotation::new(level, format!("{} {}", item.result.as_str(), item.name), item.message)
    });
    let note = pushed_note(undone).map(|note| Annotation::new(Level::Warning, "tags undo", note));
    let title = format!("tags undo: {}", super::super::outcome::undo(undone));
    left.chain(note).chain([Annotation::new(Level::Notice, title, restored(undone))]).collect()
}

/// Missing access is an error, a doubt is a warning.
fn doctor(examination: &DoctorReport) -> Vec<Annotation> {
    let checks = examination.registries.iter().flat_map(|(name, registry)| {
        registry.checks.iter().filter_map(move |check| self::check(name.as_str(), check))
    });
    let github = examination.github.iter().flat_map(|github| &github.checks);
    checks.chain(github.filter_map(|check| self::check("github", check))).collect()
}

fn check(name: &str, check: &Check) -> Option<Annotation> {
    let level = match (check.status, check.cause) {
        (CheckStatus::Ok, _) | (CheckStatus::Unknown, None) => return None,
        (CheckStatus::Missing, _) | (_, Some(_)) => Level::Error,
        (CheckStatus::Warning, None) => Level::Warning,
    };
    let blocks = if check.blocks.is_empty() {
        String::new()
    } else {
        format!(". This {} {}", check.blocking_word(), check.blocks.join(", "))
    };
    let message = format!("{}{blocks}", check.detail);
    let annotation = Annotation::new(level, format!("{name}: {}", check.name), message);
    Some(annotation.with_hint(check.hint.as_deref()))
}

fn gc(run: &GarbageRun) -> Annotation {
    let level = if matches!(run.outcome(), "ok" | "idle") { Level::Notice } else { Level::Error };
    let title = format!("{}: {}", run.registry, run.outcome());
    Annotation::new(level, title, gc_sentence(run)).with_hint(gc_hint(run).as_deref())
}

fn runs(runs: &Runs) -> Vec<Annotation> {
    let unread = runs.unread.iter().map(|unread| {
        let title = format!("{} could not be read", unread.what);
        Annotation::new(Level::Error, title, &unread.why.message)
            .with_hint(unread.why.hint.as_deref())
    });
    let finding = |finding: &RunFinding| {
        let level = match finding.code.severity() {
            verify::Severity::Error => Level::Error,
            verify::Severity::Warning => Level::Warning,
        };
        let message = format!("{}: {}", about_run(finding), finding.message);
        Annotation::new(level, finding.code.as_str(), message).with_hint(finding.hint.as_deref())
    };
    let findings: Vec<Annotation> = runs.findings().into_iter().map(finding).collect();
    let counts = [verify::Severity::Error, verify::Severity::Warning]
        .map(|severity| counted(runs.count(severity), severity.as_str()));
    let title = format!("tags runs: {}", runs.outcome());
    let end = Annotation::new(Level::Notice, title, counts.join(", "));
    unread.chain(findings).chain([end]).collect()
}

/// What is not known.
fn init(drafted: &Drafted) -> Vec<Annotation> {
    let annotation = |note: &DraftNote| Annotation::new(Level::Warning, &note.place, &note.what);
    drafted.draft.notes.iter().map(annotation).collect()
}

/// Each finding at its line.
fn lint(linting: &Linting) -> Vec<Annotation> {
    let annotation = |finding: &Finding| {
        let level = match finding.severity {
            lint::Severity::Error => Level::Error,
            lint::Severity::Warning => Level::Warning,
        };
        let at = Some((finding.file.clone(), finding.at.line, finding.at.column));
        let annotation = Annotation::new(level, finding.rule, &finding.message);
        Annotation { at, ..annotation.with_hint(Some(&finding.help)) }
    };
    linting.findings.iter().map(annotation).collect()
}
