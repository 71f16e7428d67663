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
    vm::{Platform, Vm},
};
use store::{Conn, InstalledRow, PlatformRow};

use crate::{
    Control, Error, Inner,
    catalogue::{Catalogue, Named},
};

#[async_trait]
impl ImageCalls for Control {
    async fn image_list(&self, actor: &Actor, filter: MarketplaceFilter) -> Result<Marketplace, Fault> {
        actor.require(Permission::Read)?;
        let Inner { store, marketplaces, .. } = &*self.inner;
        let answer = marketplaces.get(store, &filter, || self.read_marketplace(&filter)).await?;
        Ok(Marketplace::clone(&answer))
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

    /// Reads it; all of it depends on nothing but the database.
    async fn read_marketplace(&self, filter: &MarketplaceFilter) -> Result<Marketplace, Error> {
        let mut conn = self.inner.store.read().await?;
        let catalogue = self.catalogue(&mut conn).await?;
        let fleet = FleetCounts {
            platforms: conn.platforms().await?,
            named: conn.installed_counts().await?,
            by_handler: conn.handler_counts().await?,
        };
        drop(conn);
        let words: Vec<String> = filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let found: Vec<(u32, &ExtensionImage)> =
            catalogue.newest().filter_map(|image| Some((rank(image, &words)?, image))).collect();
        let (mut categories, mut systems) = (BTreeMap::new(), BTreeMap::new());
        for (_, image) in &found {
            *categories.entry(image.category.clone()).or_insert(0) += 1;
            for os in image.os.iter().collect::<BTreeSet<_>>() {
                *systems.entry(os.clone()).or_insert(0) += 1;
            }
        }
        let mut wanted: Vec<(u32, &ExtensionImage)> = found
            .into_iter()
            .filter(|(_, image)| {
                filter.category.as_ref().is_none_or(|c| *c == image.category)
                    && filter.os.as_ref().is_none_or(|os| image.os.contains(os))
            })
            .collect();
        wanted.sort_by(|(ra, a), (rb, b)| (ra, &a.title).cmp(&(rb, &b.title)));
        Ok(Marketplace {
            cards: wanted.into_iter().map(|(_, image)| card(image, &fleet)).collect(),
            categories: categories.into_iter().collect(),
            systems: systems.into_iter().collect(),
            total: number(catalogue.newest().count()),
        })
    }

    async fn image_detail(
        &self,
        publisher: &Publisher,
        extension_type: &ExtensionType,
        version: Option<&ExtensionVersion>,
    ) -> Result<ImageDetail, Error> {
        let mut conn = self.inner.store.read().await?;
        let catalogue = self.catalogue(&mut conn).await?;
        let image = match catalogue.named(publisher.as_str(), extension_type.as_str()) {
            Some(named) => choose_named(&named, version)?,
            None => choose(&catalogue, &handler_name(publisher, extension_type), version)?,
        };
        let versions = catalogue.versions(&image.handler_name()).to_vec();
        let machines = self.fleet(&mut conn).await?.iter().map(|(vm, there)| self.fit(&image, vm, there)).collect();
        Ok(ImageDetail { image, versions, machines })
    }

    /// The published version that an extension wants.
    pub(crate) async fn image_of(&self, conn: &mut Conn, extension: &Extension) -> Result<ExtensionImage, Error> {
        choose(&*self.catalogue(conn).await?, &extension.handler_name(), Some(&extension.version))
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
        choose(&*self.catalogue(conn).await?, handler, version)
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
            resource_group: vm.resource_group.clone(),
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
    fits(image, vm.name.as_str(), &vm.platform(), &name, &present).err()
}

/// The name an extension gets when nobody chooses one: its type.
pub(crate) fn usual_name(image: &ExtensionImage) -> Option<ExtensionName> {
    image.extension_type.as_str().parse().ok()
}

/// What cards count.
struct FleetCounts {
    platforms: Vec<PlatformRow>,
    named: Vec<InstalledRow>,
    by_handler: BTreeMap<String, u64>,
}

/// A card with its counts: what would be refused on a machine without extensions is refused by its platform; of the rest,
/// those are taken away on which another handler uses the name.
fn card(image: &ExtensionImage, fleet: &FleetCounts) -> ImageCard {
    let name = usual_name(image);
    let possible = |platform: &Platform, present: &[Present<'_>]| {
        name.as_ref().is_none_or(|name| fits(image, "a machine", platform, name, present).is_ok())
    };
    let bare: u64 = fleet.platforms.iter().filter(|row| possible(&row.platform, &[])).map(|row| row.machines).sum();
    let taken = |row: &InstalledRow| {
        let same_name = name.as_ref().filter(|name| name.as_str().eq_ignore_ascii_case(&row.name_key));
        same_name.is_some_and(|name| {
            possible(&row.platform, &[]) && !possible(&row.platform, &[Present { name, handler: &row.handler_key }])
        })
    };
    let taken: u64 = fleet.named.iter().filter(|row| taken(row)).map(|row| row.machines).sum();
    ImageCard {
        publisher: image.publisher.clone(),
        extension_type: image.extension_type.clone(),
        version: image.version.clone(),
        title: image.title.clone(),
        summary: image.summary.clone(),
        category: image.category.clone(),
        impact: image.impact.brief(),
        fits: number(bare.saturating_sub(taken)),
        machines: number(fleet.platforms.iter().map(|row| row.machines).sum::<u64>()),
        installed: number(fleet.by_handler.get(&image.handler_name().to_lowercase()).copied().unwrap_or(0)),
    }
}

/// 0: the title says it; 1: the type or publisher does, its own or one it stands in for; 2: something else does; `None`: a word is nowhere.
fn rank(image: &ExtensionImage, words: &[String]) -> Option<u32> {
    if words.is_empty() {
        return Some(0);
    }
    let title = image.title.to_lowercase();
    let others: String = image.stands_in_for.iter().map(|name| format!(" {name}")).collect();
    let handler = format!("{}{others}", image.handler_name()).to_lowercase();
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

fn choose(catalogue: &Catalogue, handler: &str, version: Option<&ExtensionVersion>) -> Result<ExtensionImage, Error> {
    let versions = catalogue.versions(handler);
    if versions.is_empty() {
        let offered: Vec<String> = catalogue.names().into_iter().map(|(p, t)| handler_name(p, t)).collect();
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

/// One version of what answers to a name, called as under that name; the newest when none is named.
///
/// Errors: `ArtifactVersionNotFound`: it names what exists, and what stands in for what.
fn choose_named(named: &Named<'_>, version: Option<&ExtensionVersion>) -> Result<ExtensionImage, Error> {
    let found = named.versions.iter().find(|(called, _)| version.is_none_or(|v| called == v));
    found.map(|(_, image)| (*image).clone()).ok_or_else(|| {
        let handler = handler_name(named.publisher, named.extension_type);
        let known: Vec<String> = named
            .versions
            .iter()
            .map(|(called, image)| match named.stand_in {
                true => format!("{called} ({} {} stands in for it)", image.handler_name(), image.version),
                false => called.to_string(),
            })
            .collect();
        let wanted = version.map(ToString::to_string).unwrap_or_default();
        let message = format!("{handler} has no version {wanted}. Published are: {}.", known.join(", "));
        Fault::new(FaultKind::NotFound, "ArtifactVersionNotFound", message).at("version").into()
    })
}

fn number<N>(count: N) -> u32
where
    u32: TryFrom<N>,
{
    u32::try_from(count).unwrap_or(u32::MAX)
}
