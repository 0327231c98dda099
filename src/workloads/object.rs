//! The objects of Kubernetes, as far as they name images.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::NamedImage;
use super::pod::{self, PodSpec, PodStatus};

/// Where the objects of a kind have the description of their pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is a pod.
    Pod,
    /// In `spec.template`.
    Template,
    /// In `spec.jobTemplate.spec.template`.
    JobTemplate,
    /// An older revision of one: in `data.spec.template`.
    Revision,
}

/// A page of a list.
pub(super) struct Page {
    pub(super) images: Vec<NamedImage>,
    /// What continues the list; none on its last page.
    pub(super) next: Option<String>,
    /// How many objects the server says are on the pages that follow.
    pub(super) remaining: u64,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct ListWire<T> {
    kind: Option<String>,
    metadata: Option<ListMeta>,
    #[serde(default, deserialize_with = "null_is_empty")]
    items: Option<Vec<T>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ListMeta {
    r#continue: Option<String>,
    remaining_item_count: Option<u64>,
}

/// Older servers write an empty list as null. A missing one stays none.
fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Some(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default()))
}

#[derive(Deserialize)]
struct ObjectMeta {
    name: String,
    namespace: Option<String>,
}

/// An object whose images are at a place that depends on its kind.
trait Object: for<'de> Deserialize<'de> {
    fn metadata(&self) -> &ObjectMeta;
    /// Its images, or a sentence with what is missing.
    fn images(&self) -> Result<Vec<&str>, String>;
}

#[derive(Deserialize)]
struct Pod {
    metadata: ObjectMeta,
    spec: PodSpec,
    #[serde(default)]
    status: Option<PodStatus>,
}

#[derive(Deserialize)]
struct Workload {
    metadata: ObjectMeta,
    spec: WorkloadSpec,
}

#[derive(Deserialize)]
struct WorkloadSpec {
    template: Template,
}

#[derive(Deserialize)]
struct Template {
    spec: PodSpec,
}

#[derive(Deserialize)]
struct CronJob {
    metadata: ObjectMeta,
    spec: CronJobSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CronJobSpec {
    job_template: JobTemplate,
}

#[derive(Deserialize)]
struct JobTemplate {
    spec: WorkloadSpec,
}

#[derive(Deserialize)]
struct Revision {
    metadata: ObjectMeta,
    #[serde(default, rename = "data", deserialize_with = "template_of_revision")]
    template: Option<PodSpec>,
}

/// The description of pods in what a controller wrote into its revision: one of a stateful set or a
/// daemon set has containers there, and others may have anything.
fn template_of_revision<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PodSpec>, D::Error> {
    let data = Option::<Value>::deserialize(deserializer)?;
    let spec = data.as_ref().and_then(|data| data.pointer("/spec/template/spec"));
    let of_pods = spec.filter(|spec| spec.get("containers").is_some());
    of_pods.map(PodSpec::deserialize).transpose().map_err(serde::de::Error::custom)
}

impl Object for Pod {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Result<Vec<&str>, String> {
        pod::images(&self.spec, self.status.as_ref())
    }
}

impl Object for Workload {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Result<Vec<&str>, String> {
        Ok(self.spec.template.spec.images_of_template())
    }
}

impl Object for CronJob {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Result<Vec<&str>, String> {
        Ok(self.spec.job_template.spec.template.spec.images_of_template())
    }
}

impl Object for Revision {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Result<Vec<&str>, String> {
        Ok(self.template.as_ref().map(PodSpec::images_of_template).unwrap_or_default())
    }
}

/// Reads a page of objects of one kind, whose singular is `name` and whose list is of the kind `list`.
///
/// # Errors
/// A sentence with what is wrong about it.
pub(super) fn page(body: &[u8], shape: Shape, name: &str, list: &str) -> Result<Page, String> {
    match shape {
        Shape::Pod => read::<Pod>(body, name, list),
        Shape::Template => read::<Workload>(body, name, list),
        Shape::JobTemplate => read::<CronJob>(body, name, list),
        Shape::Revision => read::<Revision>(body, name, list),
    }
}

fn read<T: Object>(body: &[u8], name: &str, list: &str) -> Result<Page, String> {
    let wire: ListWire<T> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let kind = wire.kind.ok_or("it has no `kind`")?;
    if kind != list {
        return Err(format!("it is a `{}`", kind.chars().take(80).collect::<String>()));
    }
    let items = wire.items.ok_or("it has no `items`")?;
    let meta = wire.metadata.unwrap_or_default();
    let mut images = Vec::new();
    for object in &items {
        let ObjectMeta { name: own, namespace } = object.metadata();
        let by = match namespace {
            Some(namespace) => format!("{name} {namespace}/{own}"),
            None => format!("{name} {own}"),
        };
        let texts = object.images().map_err(|why| format!("{by}: {why}"))?;
        let named = |text: &str| NamedImage { text: text.to_owned(), by: by.clone() };
        images.extend(texts.into_iter().map(named));
    }
    Ok(Page {
        images,
        next: meta.r#continue.filter(|token| !token.is_empty()),
        remaining: meta.remaining_item_count.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(shape: Shape, list: &str) -> Result<Vec<String>, String> {
        let page = page(list.as_bytes(), shape, "thing", "ThingList")?;
        Ok(page.images.into_iter().map(|image| image.text).collect())
    }

    fn one(rest: &str) -> String {
        format!(
            r#"{{"kind":"ThingList","items":[{{"metadata":{{"name":"web","namespace":"shop"}},{rest}}}]}}"#
        )
    }

    #[test]
    fn every_kind_names_its_images_where_it_describes_its_pods() {
        let spec = r#"{"containers":[{"image":"a"}],"initContainers":[{"image":"b"}],
            "volumes":[{"rbd":{"image":"a block device"}},{"image":{"reference":"c"}}]}"#;
        let template = format!(r#"{{"template":{{"spec":{spec}}}}}"#);
        for (shape, rest, expected) in [
            (
                Shape::Pod,
                format!(
                    r#""spec":{spec},"status":{{"containerStatuses":[{{"image":"d","imageID":""}}],
                    "initContainerStatuses":null,"ephemeralContainerStatuses":[{{"image":"e","imageID":"f"}}]}}"#
                ),
                &["a", "b", "c", "d", "e", "f"][..],
            ),
            (Shape::Template, format!(r#""spec":{template}"#), &["a", "b", "c"]),
            (
                Shape::JobTemplate,
                format!(r#""spec":{{"jobTemplate":{{"spec":{template}}}}}"#),
                &["a", "b", "c"],
            ),
            (Shape::Revision, format!(r#""data":{{"spec":{template}}}"#), &["a", "b", "c"]),
            (Shape::Revision, r#""data":{"anything":[1]}"#.to_owned(), &[]),
            (
                Shape::Revision,
                r#""data":{"spec":{"template":{"spec":{"volumes":[{"image":7}]}}}}"#.to_owned(),
                &[],
            ),
        ] {
            assert_eq!(texts(shape, &one(&rest)).expect("a list"), expected, "{shape:?}");
        }
        let page = page(
            one(&format!(r#""spec":{template}"#)).as_bytes(),
            Shape::Template,
            "thing",
            "ThingList",
        );
        assert_eq!(page.expect("a list").images[0].by, "thing shop/web");
    }

    #[test]
    fn an_empty_list_is_one_that_says_so() {
        for list in [
            r#"{"kind":"ThingList","items":[]}"#,
            r#"{"kind":"ThingList","metadata":{},"items":null}"#,
        ] {
            assert_eq!(texts(Shape::Pod, list), Ok(Vec::new()), "{list}");
        }
        for list in [
            "",
            "{}",
            r#"{"items":[]}"#,
            "[]",
            "<html>",
            r#"{"kind":"Status","status":"Failure"}"#,
            r#"{"kind":"OtherList","items":[]}"#,
            r#"{"kind":"ThingList","items":{}}"#,
        ] {
            assert!(texts(Shape::Pod, list).is_err(), "{list}");
        }
    }

    #[test]
    fn an_object_without_the_description_of_its_pods_is_an_error() {
        for shape in [Shape::Pod, Shape::Template, Shape::JobTemplate] {
            for rest in [r#""spec":{}"#, r#""status":{}"#, r#""spec":{"template":null}"#] {
                assert!(texts(shape, &one(rest)).is_err(), "{shape:?} {rest}");
            }
        }
    }

    #[test]
    fn a_template_may_leave_an_image_to_what_fills_it_in_and_a_pod_may_not() {
        for (spec, what) in [
            (r#"{"containers":[{"name":"app"}]}"#, "the container `app` has no image"),
            (r#"{"containers":[{"name":"app","image":""}]}"#, "the container `app` has no image"),
            (r#"{"containers":[{"name":"app","image":" "}]}"#, "the container `app` has no image"),
            (
                r#"{"containers":[{"image":"a"}],"initContainers":[{"name":"first"}]}"#,
                "the container `first` has no image",
            ),
            (
                r#"{"containers":[{"image":"a"}],"ephemeralContainers":[{"name":"debug"}]}"#,
                "the container `debug` has no image",
            ),
            (
                r#"{"containers":[{"image":"a"}],"volumes":[{"name":"data","image":{}}]}"#,
                "the volume `data` has no image",
            ),
            (r#"{"containers":[]}"#, "it has no containers"),
        ] {
            let pod = texts(Shape::Pod, &one(&format!(r#""spec":{spec}"#)));
            assert_eq!(pod, Err(format!("thing shop/web: {what}")), "{spec}");
            let template = format!(r#"{{"template":{{"spec":{spec}}}}}"#);
            for (shape, rest) in [
                (Shape::Template, format!(r#""spec":{template}"#)),
                (Shape::JobTemplate, format!(r#""spec":{{"jobTemplate":{{"spec":{template}}}}}"#)),
                (Shape::Revision, format!(r#""data":{{"spec":{template}}}"#)),
            ] {
                let named = texts(shape, &one(&rest)).expect("a list");
                assert!(named.iter().all(|text| text == "a"), "{shape:?} {named:?}");
            }
        }
    }

    #[test]
    fn a_container_that_runs_says_by_which_image() {
        let with = |status: &str| {
            let pod = format!(
                r#""spec":{{"containers":[{{"image":"a"}}]}},"status":{{"containerStatuses":[{status}]}}"#
            );
            texts(Shape::Pod, &one(&pod))
        };
        let running = r#""state":{"running":{}}"#;
        for (status, images) in [
            (r#"{"image":"a","imageID":"","state":{"waiting":{}}}"#.to_owned(), &["a", "a"][..]),
            (r#"{"image":"","imageID":""}"#.to_owned(), &["a"]),
            (format!(r#"{{"image":"a","imageID":"b",{running}}}"#), &["a", "a", "b"]),
            (format!(r#"{{"image":"a@sha256:1","imageID":"",{running}}}"#), &["a", "a@sha256:1"]),
        ] {
            assert_eq!(with(&status).expect("a list"), images, "{status}");
        }
        let by_digest = format!(
            r#""spec":{{"containers":[{{"name":"app","image":"a@sha256:1"}}]}},"status":{{"containerStatuses":[{{"name":"app","image":"a","imageID":"",{running}}}]}}"#
        );
        assert_eq!(texts(Shape::Pod, &one(&by_digest)).expect("a list"), ["a@sha256:1", "a"]);
        for id in ["", r#""imageID":"","#, r#""imageID":null,"#] {
            let status = format!(r#"{{"name":"app","image":"a",{id}{running}}}"#);
            let why = "thing shop/web: the container `app` runs, and has no `imageID`";
            assert_eq!(with(&status), Err(why.to_owned()), "{id}");
        }
    }
}
