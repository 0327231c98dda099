//! What a rule is, and how it reports.

use super::merge::{Reported, merged};
use crate::lint::conventions::Conventions;
use crate::lint::evaluate::{Event, JobRun, Leg};
use crate::lint::finding::{Finding, Fix, Severity};
use crate::lint::position::Position;
use crate::policy::RuleLevel;

/// A rule: what `--explain` shows of it, and how it looks for the mistake.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How much its findings matter, where there is a policy.
    pub severity: Severity,
    /// What a policy changes.
    pub applies: Applies,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why it exists, and how it decides: lines, indented as they are in its file.
    pub why: &'static str,
    /// A workflow with the mistake.
    pub bad: &'static str,
    /// The same workflow without it.
    pub good: &'static str,
    /// Reports its findings.
    pub(crate) check: fn(&crate::lint::evaluate::Workflows<'_>, &mut Reporter<'_>),
}

/// What a policy changes about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// Nothing.
    Always,
    /// Without one, its findings are warnings.
    MilderWithoutPolicy,
    /// Without one, it is applied only where the workflows show the convention, and warns.
    ByConvention,
    /// Without one, it is not applied.
    WithPolicyOnly,
}

impl Rule {
    /// How much its findings matter, without a policy.
    #[must_use]
    pub fn severity_without_policy(&self) -> Severity {
        match self.applies {
            Applies::Always | Applies::WithPolicyOnly => self.severity,
            Applies::MilderWithoutPolicy | Applies::ByConvention => Severity::Warning,
        }
    }
}

/// All findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Reported>);

impl Findings {
    /// Takes the findings of one rule.
    pub(crate) fn of<'a>(
        &'a mut self,
        rule: &'static Rule,
        conventions: Conventions<'a>,
    ) -> Reporter<'a> {
        Reporter { rule, conventions, findings: self }
    }

    /// The findings by file, position and rule.
    pub(crate) fn sorted(self) -> Vec<Finding> {
        let mut findings = merged(self.0);
        findings.sort_by(|a, b| {
            (&a.file, a.at, a.rule, &a.subject).cmp(&(&b.file, b.at, b.rule, &b.subject))
        });
        findings
    }
}

/// What a finding says.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(super) subject: String,
    pub(super) message: String,
    pub(super) help: String,
    /// The names that replace `{names}` in message and help, of all callers and legs together.
    pub(super) names: Vec<String>,
    pub(super) fix: Option<Fix>,
}

impl Problem {
    pub(crate) fn new(
        subject: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            message: message.into(),
            help: help.into(),
            names: Vec::new(),
            fix: None,
        }
    }

    /// The same with a change for `--fix`, if only one change is possible.
    pub(crate) fn fixed_by(self, fix: Option<Fix>) -> Self {
        Self { fix, ..self }
    }

    /// The same with names for `{names}`.
    pub(crate) fn naming(self, names: Vec<String>) -> Self {
        Self { names, ..self }
    }
}

/// Takes the findings of one rule.
pub(crate) struct Reporter<'a> {
    rule: &'static Rule,
    conventions: Conventions<'a>,
    findings: &'a mut Findings,
}

impl Reporter<'_> {
    /// How much a finding of the rule matters here.
    pub(crate) fn severity(&self) -> Severity {
        match self.conventions.policy {
            Some(_) => self.rule.severity,
            None => self.rule.severity_without_policy(),
        }
    }

    /// Reports something at a position of a job's file.
    pub(crate) fn report(&mut self, run: &JobRun<'_>, at: Position, problem: Problem) {
        let severity = self.severity();
        self.report_as(severity, run, at, problem);
    }

    /// The same with a severity of its own.
    pub(crate) fn report_as(
        &mut self,
        severity: Severity,
        run: &JobRun<'_>,
        at: Position,
        problem: Problem,
    ) {
        self.add(severity, &run.file.name, at, (problem, Some(run), None));
    }

    /// Reports something of one leg.
    pub(crate) fn report_leg(
        &mut self,
        severity: Severity,
        (run, leg): (&JobRun<'_>, &Leg),
        at: Position,
        problem: Problem,
    ) {
        self.add(severity, &run.file.name, at, (problem, Some(run), Some(leg)));
    }

    /// Reports something at a position of a file.
    pub(crate) fn report_in(&mut self, file: &str, at: Position, problem: Problem) {
        self.add(self.severity(), file, at, (problem, None, None));
    }

    fn add(
        &mut self,
        severity: Severity,
        file: &str,
        at: Position,
        (problem, run, leg): (Problem, Option<&JobRun<'_>>, Option<&Leg>),
    ) {
        let level =
            self.conventions.policy.and_then(|policy| policy.lint.rules.get(self.rule.name));
        let severity = match level {
            Some(RuleLevel::Off) => return,
            Some(RuleLevel::Warning) => Severity::Warning,
            Some(RuleLevel::Error) => Severity::Error,
            None => severity,
        };
        let run_at = run.map_or(0, |run| std::ptr::from_ref(run).addr());
        let context = leg.map_or(run_at, |leg| std::ptr::from_ref(leg).addr());
        let branch = run.and_then(|run| run.events.first()).and_then(Event::branch_name);
        let environments = self.conventions.environment_names();
        self.findings.0.push(Reported::new(
            Finding {
                file: file.to_owned(),
                at,
                rule: self.rule.name,
                severity,
                subject: problem.subject.clone(),
                message: problem.message,
                help: problem.help,
                fix: problem.fix,
            },
            problem.names,
            context,
            branch.iter().map(String::as_str).chain(environments),
        ));
    }
}
