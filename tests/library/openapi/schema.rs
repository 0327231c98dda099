//! JSON values against the schemas of a description: types, required fields, values that may be,
//! and nothing that the schema does not have.
//!
//! Only what the two descriptions use. Parts of `allOf`, `anyOf` and `oneOf` are taken together,
//! so that a field is known if any part knows it.

use serde_json::{Map, Value};

/// What a reference leads to, or the value itself.
pub(crate) fn resolved<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        value = root.pointer(reference.trim_start_matches('#')).unwrap();
    }
    value
}

/// A schema and all that it is made of.
#[derive(Default)]
struct Whole<'a> {
    parts: Vec<&'a Value>,
    required: Vec<&'a str>,
}

impl<'a> Whole<'a> {
    fn of(root: &'a Value, schema: &'a Value) -> Self {
        let mut whole = Self::default();
        whole.add(root, schema, true);
        whole
    }

    /// What an alternative requires is not required of all.
    fn add(&mut self, root: &'a Value, schema: &'a Value, binding: bool) {
        let schema = resolved(root, schema);
        self.parts.push(schema);
        if binding {
            let required = schema.get("required").and_then(Value::as_array);
            self.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        }
        for (key, binding) in [("allOf", binding), ("anyOf", false), ("oneOf", false)] {
            for part in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.add(root, part, binding);
            }
        }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.parts.iter().find_map(|part| part.get(key))
    }

    fn property(&self, name: &str) -> Option<&'a Value> {
        self.parts.iter().find_map(|part| part.get("properties")?.get(name))
    }

    fn kind(&self) -> Option<&'a str> {
        let told = self.get("type").and_then(Value::as_str);
        told.or_else(|| self.get("properties").map(|_| "object"))
    }

    fn is_open(&self) -> bool {
        self.get("properties").is_none()
            || self.get("additionalProperties").is_some_and(|more| *more != false)
    }
}

/// What is wrong with a value, each with the place in it.
pub(crate) fn problems(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(root, schema, ("", value), &mut found);
    found
}

fn check(root: &Value, schema: &Value, (at, value): (&str, &Value), found: &mut Vec<String>) {
    let whole = Whole::of(root, schema);
    if value.is_null() && whole.get("nullable") == Some(&Value::Bool(true)) {
        return;
    }
    if let Some(kind) = whole.kind()
        && !is(kind, value)
    {
        found.push(format!("{at}: {value} is no {kind}"));
        return;
    }
    if let Some(allowed) = whole.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        found.push(format!("{at}: {value} is none of {allowed:?}"));
    }
    let is_time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).is_ok();
    if whole.get("format").and_then(Value::as_str) == Some("date-time")
        && !value.as_str().is_some_and(is_time)
    {
        found.push(format!("{at}: {value} is no time"));
    }
    if let Value::Object(fields) = value {
        check_fields(root, &whole, (at, fields), found);
    }
    if let (Value::Array(items), Some(schema)) = (value, whole.get("items")) {
        for (number, item) in items.iter().enumerate() {
            check(root, schema, (&format!("{at}/{number}"), item), found);
        }
    }
}

fn check_fields(
    root: &Value,
    whole: &Whole<'_>,
    (at, fields): (&str, &Map<String, Value>),
    found: &mut Vec<String>,
) {
    for name in whole.required.iter().filter(|name| !fields.contains_key(**name)) {
        found.push(format!("{at}: `{name}` is missing"));
    }
    for (name, value) in fields {
        match whole.property(name) {
            Some(schema) => check(root, schema, (&format!("{at}/{name}"), value), found),
            None if whole.is_open() => {}
            None => found.push(format!("{at}: `{name}` is not described")),
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}

#[test]
fn each_kind_of_problem_is_found() {
    use serde_json::json;
    let root = json!({"part": {"properties": {"b": {"type": "array", "items": {"enum": ["x"]}}}}});
    let schema = json!({
        "allOf": [{"$ref": "#/part"}, {"required": ["a"]}],
        "properties": {"a": {"type": "integer", "nullable": true}, "c": {"format": "date-time"}},
    });
    for (value, problem) in [
        (json!({"a": 1, "b": ["x"], "c": "2026-01-01T00:00:00.5Z"}), None),
        (json!({"a": null}), None),
        (json!({}), Some(": `a` is missing")),
        (json!({"a": "1"}), Some("/a: \"1\" is no integer")),
        (json!({"a": 1, "b": ["y"]}), Some("/b/0: \"y\" is none of [String(\"x\")]")),
        (json!({"a": 1, "c": "today"}), Some("/c: \"today\" is no time")),
        (json!({"a": 1, "d": 1}), Some(": `d` is not described")),
        (json!([]), Some(": [] is no object")),
    ] {
        assert_eq!(
            problems(&root, &schema, &value).first().map(String::as_str),
            problem,
            "{value}"
        );
    }
}
