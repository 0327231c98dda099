//! The objects of Kubernetes, as far as they name images.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::NamedImage;

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
    fn images(&self) -> Vec<&str>;
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
    /// Whatever the controller that wrote it wants.
    data: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodSpec {
    containers: Vec<Container>,
    init_containers: Option<Vec<Container>>,
    ephemeral_containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
}

/// A container as it is described, or as it runs.
#[derive(Deserialize)]
struct Container {
    image: Option<String>,
    #[serde(rename = "imageID")]
    image_id: Option<String>,
}

/// A volume; one kind is made from an image.
#[derive(Deserialize)]
struct Volume {
    image: Option<ImageVolume>,
}

#[derive(Deserialize)]
struct ImageVolume {
    reference: Option<String>,
}

#[expect(clippy::struct_field_names, reason = "the names of the API")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodStatus {
    container_statuses: Option<Vec<Container>>,
    init_container_statuses: Option<Vec<Container>>,
    ephemeral_container_statuses: Option<Vec<Container>>,
}

/// The images of containers; a template may leave an image to something that fills it in later.
fn of_containers(lists: [Option<&[Container]>; 3]) -> impl Iterator<Item = &str> {
    let all = lists.into_iter().flatten().flatten();
    let names = all.flat_map(|one| [one.image.as_deref(), one.image_id.as_deref()]);
    names.flatten().filter(|text| !text.is_empty())
}

impl PodSpec {
    fn images(&self) -> Vec<&str> {
        let volumes = self.volumes.iter().flatten();
        let references = volumes.filter_map(|volume| volume.image.as_ref()?.reference.as_deref());
        of_containers([
            Some(&self.containers),
            self.init_containers.as_deref(),
            self.ephemeral_containers.as_deref(),
        ])
        .chain(references.filter(|text| !text.is_empty()))
        .collect()
    }
}

impl Object for Pod {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Vec<&str> {
        let mut images = self.spec.images();
        if let Some(status) = &self.status {
            images.extend(of_containers([
                status.container_statuses.as_deref(),
                status.init_container_statuses.as_deref(),
                status.ephemeral_container_statuses.as_deref(),
            ]));
        }
        images
    }
}

impl Object for Workload {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Vec<&str> {
        self.spec.template.spec.images()
    }
}

impl Object for CronJob {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Vec<&str> {
        self.spec.job_template.spec.template.spec.images()
    }
}

impl Object for Revision {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn images(&self) -> Vec<&str> {
        let Some(spec) = self.data.as_ref().and_then(|data| data.pointer("/spec/template/spec"))
        else {
            return Vec::new();
        };
        let lists = ["containers", "initContainers"].map(|key| spec.get(key)?.as_array());
        let images = lists.into_iter().flatten().flatten().map(|one| one["image"].as_str());
        images.flatten().filter(|text| !text.is_empty()).collect()
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
    let named = items.iter().flat_map(|object| {
        let ObjectMeta { name: own, namespace } = object.metadata();
        let by = match namespace {
            Some(namespace) => format!("{name} {namespace}/{own}"),
            None => format!("{name} {own}"),
        };
        object
            .images()
            .into_iter()
            .map(move |text| NamedImage { text: text.to_owned(), by: by.clone() })
    });
    Ok(Page {
        images: named.collect(),
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
        let spec = r#"{"containers":[{"image":"a"},{"name":"left to an operator","image":""}],"initContainers":[{"image":"b"}],
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
            (Shape::Revision, format!(r#""data":{{"spec":{template}}}"#), &["a", "b"]),
            (Shape::Revision, r#""data":{"anything":[1]}"#.to_owned(), &[]),
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
}
