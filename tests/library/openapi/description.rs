//! A description of an API, and whether requests and answers are in it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::openapi::schema::{problems, resolved};

/// What the extract of GitHub's description leaves out of what the whole one has.
const LEFT_OUT: [(&str, &str); 2] = [("GET", "/users/{username}"), ("GET", "/user")];

/// Query parameters that are described for organizations only and work for users as well:
/// <https://github.com/dataaxiom/ghcr-cleanup-action/blob/main/src/octokit-client.ts>.
const UNDOCUMENTED: [(&str, &[&str]); 1] = [(
    "/users/{username}/packages/{package_type}/{package_name}/versions",
    &["page", "per_page", "state"],
)];

/// An official description.
pub(crate) struct Description(Value);

impl Description {
    /// DigitalOcean's, if it is there.
    pub(crate) fn docr() -> Option<Self> {
        let text = read("docr.openapi.yaml")?;
        Some(Self(serde_saphyr::from_str(&text).unwrap()))
    }

    /// That of GitHub's packages, if it is there.
    pub(crate) fn ghcr() -> Option<Self> {
        let text = read("github-packages.openapi.json")?;
        Some(Self(serde_json::from_str(&text).unwrap()))
    }

    /// That of GitHub's workflow runs and deployments, if it is there.
    pub(crate) fn actions() -> Option<Self> {
        let text = read("github-actions.openapi.json")?;
        Some(Self(serde_json::from_str(&text).unwrap()))
    }

    /// Checks a request by its method and its path with the query, as the sandbox records it.
    pub(crate) fn assert_requested(&self, method: &str, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let names = query.split('&').filter_map(|pair| pair.split('=').next());
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        self.assert_described(method, path, &names);
    }

    /// Checks a request: its path, its method, and the names in its query.
    pub(crate) fn assert_described(&self, method: &str, path: &str, query: &[&str]) {
        let Some((template, operation)) = self.operation(method, path) else {
            let left_out = |(other, template): &(&str, &str)| {
                *other == method && fits(template, path).is_some()
            };
            assert!(LEFT_OUT.iter().any(left_out), "{method} {path} is not described");
            return;
        };
        let deprecated = operation["deprecated"] == true;
        assert!(!deprecated, "{method} {path} is deprecated");
        let mut known: Vec<&str> = Vec::new();
        let of_path = &self.0["paths"][template]["parameters"];
        for parameter in
            [&operation["parameters"], of_path].into_iter().filter_map(Value::as_array).flatten()
        {
            let parameter = resolved(&self.0, parameter);
            if parameter["in"] == "query" {
                known.extend(parameter["name"].as_str());
            }
        }
        let more = UNDOCUMENTED.iter().find(|(other, _)| *other == template);
        known.extend(more.map(|(_, names)| names.iter()).into_iter().flatten());
        for name in query {
            assert!(known.contains(name), "{method} {template} has no `{name}`, only {known:?}");
        }
    }

    /// Checks an answer: its status, and its body by the schema.
    pub(crate) fn assert_answer(
        &self,
        (method, path): (&str, &str),
        status: u16,
        body: Option<&Value>,
    ) {
        let Some((template, operation)) = self.operation(method, path) else {
            return self.assert_described(method, path, &[]);
        };
        let place = format!("{method} {template}: {status}");
        let responses = &operation["responses"];
        let own = responses.get(status.to_string());
        let schema = match own.or_else(|| responses.get("default")) {
            Some(response) => {
                let response = resolved(&self.0, response);
                response.pointer("/content/application~1json/schema")
            }
            // GitHub's description has not every refusal, but one form for all.
            None if status >= 400 => self.0.pointer("/components/schemas/basic-error"),
            None => panic!("{place} is not described"),
        };
        match (schema, body) {
            (None, None) => {}
            (Some(schema), Some(body)) => {
                let problems = problems(&self.0, schema, body);
                assert!(problems.is_empty(), "{place}: {problems:#?}\n{body:#}");
            }
            (None, Some(body)) if status >= 400 => {
                let schema = self.0.pointer("/components/schemas/basic-error");
                let problems = problems(&self.0, schema.unwrap(), body);
                assert!(problems.is_empty(), "{place}: {problems:#?}\n{body:#}");
            }
            (None, Some(_)) => panic!("{place} is described without a body"),
            (Some(_), None) => panic!("{place} is described with a body"),
        }
    }

    /// The operation for a path; of several that fit, the one with the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let method = method.to_ascii_lowercase();
        let paths = self.0["paths"].as_object().unwrap().iter();
        let fitting = paths.filter_map(|(template, item)| {
            let parameters = fits(template, path)?;
            item.get(&method).map(|operation| (parameters, template.as_str(), operation))
        });
        let best = fitting.min_by_key(|(parameters, ..)| *parameters);
        best.map(|(_, template, operation)| (template, operation))
    }
}

/// Whether a path is of this form, and by how many parameters.
fn fits(template: &str, path: &str) -> Option<usize> {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), path.split('/').collect());
    let same = template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| {
            if part.starts_with('{') { !given.is_empty() } else { part == given }
        });
    same.then(|| template.iter().filter(|part| part.starts_with('{')).count())
}

fn read(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the descriptions may be anywhere")]
    let told = std::env::var_os("TAGS_OPENAPI").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/openapi");
    let place = told.unwrap_or(beside).join(name);
    let text = std::fs::read_to_string(&place).ok();
    if text.is_none() {
        skip(&place);
    }
    text
}

#[expect(clippy::print_stdout, reason = "who runs the tests should know what they left out")]
fn skip(place: &Path) {
    println!("skipped: there is no {}", place.display());
}

#[test]
fn the_path_with_the_fewest_parameters_is_meant() {
    let description = Description(serde_json::json!({"paths": {
        "/a/{b}": {"get": {"responses": {}}},
        "/a/c": {"get": {"deprecated": true, "responses": {}}},
    }}));
    assert_eq!(description.operation("GET", "/a/c").unwrap().0, "/a/c");
    assert_eq!(description.operation("GET", "/a/x%2Fy").unwrap().0, "/a/{b}");
    assert!(description.operation("GET", "/a/").is_none());
    assert!(description.operation("PUT", "/a/c").is_none());
}

#[test]
#[should_panic(expected = "has no `page`")]
fn an_unknown_parameter_is_found() {
    let description = Description(serde_json::json!({"paths": {"/a": {"get": {"responses": {}}}}}));
    description.assert_described("GET", "/a", &["page"]);
}
