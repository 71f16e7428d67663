//! What is offered, and where it fits.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{
    actor::{Actor, Permission},
    compatibility::{Present, fits},
    extension::Extension,
    extension_image::{
        ExtensionImage, ImageCard, ImageDetail, MachineFit, Marketplace, MarketplaceFilter, handler_name,
    },
    fault::{Fault, FaultKind},
    ids::VmId,
    name::{ExtensionName, ExtensionType, Publisher},
    portal::ImageCalls,
    version::ExtensionVersion,
    vm::Vm,
};
use store::Conn;

use crate::{Control, Error};

#[async_trait]
impl ImageCalls for Control {
    async fn image_list(&self, actor: &Actor, filter: MarketplaceFilter) -> Result<Marketplace, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.marketplace(&filter).await?)
    }

    async fn image_get(
        &self,
        actor: &Actor,
        publisher: Publisher,
        extension_type: ExtensionType,
        version: Option<ExtensionVersion>,
    ) -> Result<ImageDetail, Fault> {
        actor.require(Permission::Read)?;
        Ok(self.image_detail(&publisher, &extension_type, version.as_ref()).await?)
    }
}

/// Machines with their extensions.
pub(crate) type Fleet = Vec<(Vm, Vec<Extension>)>;

impl Control {
    /// All machines with their extensions, in two statements.
    pub(crate) async fn fleet(&self, conn: &mut Conn) -> Result<Fleet, Error> {
        let mut by_vm: BTreeMap<VmId, Vec<Extension>> = BTreeMap::new();
        for row in conn.extension_all().await? {
            by_vm.entry(row.extension.vm_id).or_default().push(row.extension);
        }
        let vms = conn.vm_all().await?;
        Ok(vms
            .into_iter()
            .map(|vm| (self.with_contact(vm.clone()), by_vm.remove(&vm.id).unwrap_or_default()))
            .collect())
    }

    async fn marketplace(&self, filter: &MarketplaceFilter) -> Result<Marketplace, Error> {
        let mut conn = self.inner.store.read().await?;
        let newest = newest_of_each(conn.image_all().await?);
        let fleet = self.fleet(&mut conn).await?;
        let words: Vec<String> = filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let total = number(newest.len());
        let found: Vec<(u32, ExtensionImage)> =
            newest.into_iter().filter_map(|image| Some((rank(&image, &words)?, image))).collect();
        let (mut categories, mut systems) = (BTreeMap::new(), BTreeMap::new());
        for (_, image) in &found {
            *categories.entry(image.category.clone()).or_insert(0) += 1;
            for os in image.os.iter().collect::<BTreeSet<_>>() {
                *systems.entry(os.clone()).or_insert(0) += 1;
            }
        }
        let wanted = |image: &ExtensionImage| {
            filter.category.as_ref().is_none_or(|c| *c == image.category)
                && filter.os.as_ref().is_none_or(|os| image.os.contains(os))
        };
        let mut cards: Vec<(u32, ImageCard)> =
            found.into_iter().filter(|(_, i)| wanted(i)).map(|(rank, image)| (rank, card(image, &fleet))).collect();
        cards.sort_by(|(ra, a), (rb, b)| (ra, &a.image.title).cmp(&(rb, &b.image.title)));
        Ok(Marketplace {
            cards: cards.into_iter().map(|(_, card)| card).collect(),
            categories: categories.into_iter().collect(),
            systems: systems.into_iter().collect(),
            total,
        })
    }

    async fn image_detail(
        &self,
        publisher: &Publisher,
        extension_type: &ExtensionType,
        version: Option<&ExtensionVersion>,
    ) -> Result<ImageDetail, Error> {
        let mut conn = self.inner.store.read().await?;
        let handler = handler_name(publisher, extension_type);
        let versions = conn.image_versions(&handler).await?;
        let image = choose(&mut conn, &handler, &versions, version).await?;
        let machines = self.fleet(&mut conn).await?.iter().map(|(vm, there)| self.fit(&image, vm, there)).collect();
        Ok(ImageDetail { image, versions, machines })
    }

    /// The published version that an extension wants.
    pub(crate) async fn image_of(&self, conn: &mut Conn, extension: &Extension) -> Result<ExtensionImage, Error> {
        let handler = extension.handler_name();
        let versions = conn.image_versions(&handler).await?;
        choose(conn, &handler, &versions, Some(&extension.version)).await
    }

    /// One published version; the newest when none is named.
    ///
    /// Errors: `ArtifactNotFound`, `ArtifactVersionNotFound`: they name what exists.
    pub(crate) async fn image_find(
        &self,
        conn: &mut Conn,
        handler: &str,
        version: Option<&ExtensionVersion>,
    ) -> Result<ExtensionImage, Error> {
        let versions = conn.image_versions(handler).await?;
        choose(conn, handler, &versions, version).await
    }

    fn fit(&self, image: &ExtensionImage, vm: &Vm, there: &[Extension]) -> MachineFit {
        let installed = there.iter().find(|e| same_handler(e, image));
        let system = match (&vm.os, &vm.architecture) {
            (Some(os), Some(architecture)) => format!("{}, {architecture}", os.pretty_name),
            (Some(os), None) => os.pretty_name.clone(),
            _ => "unknown system".to_owned(),
        };
        MachineFit {
            vm_id: vm.id,
            vm_name: vm.name.clone(),
            system,
            health: vm.agent_health(self.now()),
            installed: installed.map(|e| (e.name.clone(), e.version.clone())),
            reason: fit_reason(image, vm, there, installed),
        }
    }
}

fn same_handler(extension: &Extension, image: &ExtensionImage) -> bool {
    extension.handler_name().eq_ignore_ascii_case(&image.handler_name())
}

/// Why a machine cannot take an image under its usual name (or the name it has there).
fn fit_reason(image: &ExtensionImage, vm: &Vm, there: &[Extension], installed: Option<&Extension>) -> Option<Fault> {
    let name = match installed {
        Some(extension) => extension.name.clone(),
        None => usual_name(image)?,
    };
    let handlers: Vec<String> = there.iter().map(Extension::handler_name).collect();
    let present: Vec<Present<'_>> =
        there.iter().zip(&handlers).map(|(e, handler)| Present { name: &e.name, handler }).collect();
    fits(image, vm, &name, &present).err()
}

/// The name an extension gets when nobody chooses one: its type.
pub(crate) fn usual_name(image: &ExtensionImage) -> Option<ExtensionName> {
    image.extension_type.as_str().parse().ok()
}

fn card(image: ExtensionImage, fleet: &Fleet) -> ImageCard {
    let installed = |there: &[Extension]| there.iter().any(|e| same_handler(e, &image));
    ImageCard {
        fits: number(
            fleet
                .iter()
                .filter(|(vm, there)| {
                    let own = there.iter().find(|e| same_handler(e, &image));
                    fit_reason(&image, vm, there, own).is_none()
                })
                .count(),
        ),
        machines: number(fleet.len()),
        installed: number(fleet.iter().filter(|(_, there)| installed(there)).count()),
        image,
    }
}

/// 0: the title says it; 1: the type or publisher does; 2: something else does; `None`: a word is nowhere.
fn rank(image: &ExtensionImage, words: &[String]) -> Option<u32> {
    let title = image.title.to_lowercase();
    let handler = image.handler_name().to_lowercase();
    let rest = format!("{title} {handler} {} {} {}", image.summary, image.category, image.description).to_lowercase();
    if !words.iter().all(|w| rest.contains(w)) {
        return None;
    }
    let all_in = |text: &str| words.iter().all(|w| text.contains(w.as_str()));
    Some(if all_in(&title) {
        0
    } else if all_in(&handler) {
        1
    } else {
        2
    })
}

/// Newest version of each handler; the list comes newest first.
pub(crate) fn newest_of_each(images: Vec<ExtensionImage>) -> Vec<ExtensionImage> {
    let mut newest: Vec<ExtensionImage> = Vec::new();
    for image in images {
        if newest.last().is_none_or(|last| !last.handler_name().eq_ignore_ascii_case(&image.handler_name())) {
            newest.push(image);
        }
    }
    newest
}

async fn choose(
    conn: &mut Conn,
    handler: &str,
    versions: &[ExtensionImage],
    version: Option<&ExtensionVersion>,
) -> Result<ExtensionImage, Error> {
    if versions.is_empty() {
        let offered: Vec<String> =
            newest_of_each(conn.image_all().await?).iter().map(ExtensionImage::handler_name).collect();
        let message = if offered.is_empty() {
            format!("There is no package {handler}; nothing is published yet.")
        } else {
            format!("There is no package {handler}. Published are: {}.", offered.join(", "))
        };
        return Err(Fault::new(FaultKind::NotFound, "ArtifactNotFound", message).at("extensionType").into());
    }
    let found = versions.iter().find(|i| version.is_none_or(|v| i.version == *v));
    found.cloned().ok_or_else(|| {
        let known: Vec<&str> = versions.iter().map(|i| i.version.as_str()).collect();
        let wanted = version.map(ToString::to_string).unwrap_or_default();
        let message = format!("{handler} has no version {wanted}. Published are: {}.", known.join(", "));
        Fault::new(FaultKind::NotFound, "ArtifactVersionNotFound", message).at("version").into()
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
