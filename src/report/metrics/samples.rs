//! Samples: metrics with labels and values, and their text.

use std::collections::BTreeMap;

use super::metric::Metric;

/// The values of the labels, in the order of the metric's label names.
type Labels = Vec<String>;

/// The values of metrics by the metric's name, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Samples(BTreeMap<&'static str, BTreeMap<Labels, f64>>);

impl Samples {
    /// Sets a value; `labels` are the values of the metric's labels.
    pub(super) fn set(&mut self, metric: Metric, labels: &[&str], value: f64) {
        debug_assert_eq!(metric.labels.len(), labels.len(), "{}", metric.name);
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        self.0.entry(metric.name).or_default().insert(labels, value);
    }

    /// Sets a count.
    pub(super) fn count(&mut self, metric: Metric, labels: &[&str], count: usize) {
        self.set(metric, labels, whole(u64::try_from(count).unwrap_or(u64::MAX)));
    }

    /// Forgets a metric.
    pub(super) fn remove(&mut self, metric: Metric) {
        self.0.remove(metric.name);
    }

    /// Adds those of others; where both have a value of this metric, the lower one stays.
    pub(super) fn extend_keeping_lower(&mut self, metric: Metric, others: Self) {
        for (name, values) in others.0 {
            let mine = self.0.entry(name).or_default();
            for (labels, value) in values {
                let before = mine.get(&labels).copied().filter(|_| name == metric.name);
                mine.insert(labels, before.map_or(value, |before| before.min(value)));
            }
        }
    }

    /// The Prometheus text format.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for metric in Metric::ALL {
            let Metric { name, help, labels: names } = metric;
            let Some(values) = self.0.get(name) else { continue };
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
            for (labels, value) in values {
                let pairs = names.iter().zip(labels);
                let pairs: Vec<String> =
                    pairs.map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
                text.push_str(&format!("{name}{{{}}} {value}\n", pairs.join(",")));
            }
        }
        text
    }
}

/// Bytes and counts; a double is exact up to 2^53, which no registry reaches.
#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers")]
pub(super) fn whole(count: u64) -> f64 {
    count as f64
}

/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// What [`escaped`] made, back; none where it is no such text.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        value.push(match c {
            '\\' => match rest.next()? {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            },
            c => c,
        });
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_label_stays_one_label() {
        let hostile = "a\"} 1\n# \\x\n";
        let mut samples = Samples::default();
        samples.count(Metric::MOVED_TAGS, &[hostile], 3);
        let text = samples.text();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.ends_with("tags_moved_tags{environment=\"a\\\"} 1\\n# \\\\x\\n\"} 3\n"));
        assert_eq!(unescaped(&escaped(hostile)).as_deref(), Some(hostile));
        assert_eq!(unescaped("\\t"), None);
    }
}
