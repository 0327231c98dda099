//! A pod of Kubernetes, as far as it names images: as it is described, and as it runs.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>

use serde::Deserialize;

/// What describes a pod: of the pod itself, or of a template that pods are made from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    containers: Vec<Container>,
    init_containers: Option<Vec<Container>>,
    ephemeral_containers: Option<Vec<Container>>,
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
struct Container {
    #[serde(default)]
    name: String,
    image: Option<String>,
}

/// A volume; one kind is made from an image.
#[derive(Deserialize)]
struct Volume {
    #[serde(default)]
    name: String,
    image: Option<ImageVolume>,
}

#[derive(Deserialize)]
struct ImageVolume {
    reference: Option<String>,
}

/// What runs in a pod.
#[expect(clippy::struct_field_names, reason = "the names of the API")]
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodStatus {
    container_statuses: Option<Vec<ContainerStatus>>,
    init_container_statuses: Option<Vec<ContainerStatus>>,
    ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    #[serde(default)]
    name: String,
    image: Option<String>,
    #[serde(rename = "imageID")]
    image_id: Option<String>,
    state: Option<ContainerState>,
}

/// One of the states is set; `waiting` and `terminated` are of no interest.
#[derive(Deserialize)]
struct ContainerState {
    running: Option<serde::de::IgnoredAny>,
}

/// An image that a pod or a template names, or would name.
struct Named<'a> {
    /// What names it, such as "the container `app`".
    what: String,
    image: Option<&'a str>,
}

impl PodSpec {
    /// The images of a template. An image may be left out there: the API leaves it to whatever fills it
    /// in when a pod is made (some write a blank), and the pods themselves are read too.
    pub(super) fn images_of_template(&self) -> Vec<&str> {
        self.named().filter_map(|named| named.image).collect()
    }

    /// The images of a pod, which all have to be there: the API server accepts no pod without them, so
    /// what is missing is not known.
    fn images_of_pod(&self) -> Result<Vec<&str>, String> {
        if self.containers.is_empty() {
            return Err("it has no containers".to_owned());
        }
        self.named()
            .map(|Named { what, image }| image.ok_or_else(|| format!("{what} has no image")))
            .collect()
    }

    fn containers(&self) -> impl Iterator<Item = &Container> {
        let more = [&self.init_containers, &self.ephemeral_containers];
        self.containers.iter().chain(more.into_iter().flatten().flatten())
    }

    fn named(&self) -> impl Iterator<Item = Named<'_>> {
        let containers = self.containers().map(|one| Named {
            what: format!("the container `{}`", one.name),
            image: written(one.image.as_deref()),
        });
        let volumes = self.volumes.iter().flatten();
        let volumes = volumes.filter_map(|volume| {
            let image = written(volume.image.as_ref()?.reference.as_deref());
            Some(Named { what: format!("the volume `{}`", volume.name), image })
        });
        containers.chain(volumes)
    }
}

impl PodStatus {
    /// The images that run, by name and by ID.
    ///
    /// A container that waits has no ID yet, and its pod names the image. A container that runs has one:
    /// its tag may have moved since, so only the ID says which image must stay.
    fn images(&self, spec: &PodSpec) -> Result<Vec<&str>, String> {
        let lists = [
            &self.container_statuses,
            &self.init_container_statuses,
            &self.ephemeral_container_statuses,
        ];
        let mut images = Vec::new();
        for one in lists.into_iter().flatten().flatten() {
            let (image, id) = (written(one.image.as_deref()), written(one.image_id.as_deref()));
            let runs = one.state.as_ref().is_some_and(|state| state.running.is_some());
            let described = spec.containers().find(|container| container.name == one.name);
            let described = described.and_then(|container| container.image.as_deref());
            let is_by_digest = [image, described].iter().flatten().any(|image| image.contains('@'));
            if runs && id.is_none() && !is_by_digest {
                return Err(format!("the container `{}` runs, and has no `imageID`", one.name));
            }
            images.extend([image, id].into_iter().flatten());
        }
        Ok(images)
    }
}

/// The images of a pod: as it is described, and as it runs.
///
/// # Errors
/// A sentence with what is missing.
pub(super) fn images<'a>(
    spec: &'a PodSpec,
    status: Option<&'a PodStatus>,
) -> Result<Vec<&'a str>, String> {
    let mut images = spec.images_of_pod()?;
    if let Some(status) = status {
        images.extend(status.images(spec)?);
    }
    Ok(images)
}

/// A text that says something.
fn written(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
