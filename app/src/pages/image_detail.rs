//! One offer of the marketplace: purpose, impact, settings as documented by its schema, versions, where it fits.

use domain::{
    actor::Permission,
    extension_image::{ExtensionImage, ImageDetail, MachineFit},
    live::Topic,
    name::{ExtensionType, Publisher},
    version::ExtensionVersion,
    well_known_name::WellKnownName,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    calls,
    components::{
        frame::use_frame,
        impact::ImpactGrid,
        settings_doc::SettingsDoc,
        states::{HealthChip, category_icon},
    },
    error::UiError,
    live::use_live,
    pages::marketplace::system_name,
    paths,
    ui::{Ago, CopyButton, Crumbs, Icon, PageHead, bytes, count_of, loaded, ready, waiting},
};

/// The offer that an address names. Errors: a name or version that cannot be one.
pub(super) async fn image_at(publisher: String, kind: String, version: String) -> Result<ImageDetail, UiError> {
    let publisher: Publisher = publisher.parse().map_err(no_offer)?;
    let kind: ExtensionType = kind.parse().map_err(no_offer)?;
    let version: Option<ExtensionVersion> =
        if version.is_empty() { None } else { Some(version.parse().map_err(no_offer)?) };
    calls::images::image_get(publisher, kind, version).await
}

fn no_offer(fault: domain::fault::Fault) -> UiError {
    domain::fault::Fault::not_found(format!("There is no such offer in the marketplace. {}", fault.message)).into()
}

/// One offer. `?version=` an older one.
#[component]
pub fn ImagePage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let param = move |key: &str| params.with(|p| p.get(key).unwrap_or_default());
    let source =
        Memo::new(move |_| (param("publisher"), param("type"), query.with(|q| q.get("version").unwrap_or_default())));
    let data = Resource::new(move || source.get(), |(publisher, kind, version)| image_at(publisher, kind, version));
    use_live(|| vec![Topic::Images, Topic::Vms], move || data.refetch());
    view! {
        {move || {
            let (publisher, kind, _) = source.get();
            let above = vec![
                (paths::MARKETPLACE.to_owned(), "Marketplace".to_owned()),
                (paths::with_query(paths::MARKETPLACE, &[("q", &publisher)]), publisher),
            ];
            view! { <Crumbs above here=kind /> }
        }}
        {loaded(data, |detail| view! { <ImageView detail /> }.into_any())}
    }
    .into_any()
}

#[component]
fn ImageView(detail: ImageDetail) -> impl IntoView {
    let ImageDetail { image, versions, machines } = detail;
    let newest = versions.first().map(|v| v.version.clone());
    let old = newest.as_ref().filter(|newest| **newest != image.version).cloned();
    let here = image.clone();
    let paragraphs = image.description.split("\n\n").map(|text| view! { <p>{text.to_owned()}</p> }).collect_view();
    let (publisher, kind) = (image.publisher.clone(), image.extension_type.clone());
    view! {
        <div class="image-head">
            <span class="ext-glyph is-lg">
                <Icon name=category_icon(&image.category) class="icon-24" />
            </span>
            <div class="grow">
                <PageHead title=image.title.clone() lede=image.summary.clone()>
                    <InstallLink image=here />
                </PageHead>
            </div>
        </div>
        {old
            .map(|newest| {
                view! {
                    <div class="banner mb-6" data-state="info">
                        <Icon name="info" />
                        <p class="grow">{format!("You are looking at {}. The newest version is {newest}.", image.version)}</p>
                        <a class="btn btn-sm" href=paths::image(&publisher, &kind, None)>
                            "Show the newest"
                        </a>
                    </div>
                }
            })}
        <div class="split">
            <div class="stack">
                <section class="card" aria-labelledby="purpose-title">
                    <div class="card-head">
                        <h2 id="purpose-title">"What it is for"</h2>
                        <span class="meta">{image.category.clone()}</span>
                    </div>
                    <div class="card-body grid gap-3">{paragraphs}</div>
                </section>
                <section class="card" aria-labelledby="impact-title">
                    <div class="card-head">
                        <h2 id="impact-title">"What it does to a machine"</h2>
                    </div>
                    <ImpactGrid impact=image.impact.clone() />
                </section>
                <SettingsDoc public_schema=image.public_schema.clone() protected_schema=image.protected_schema.clone() />
                <Versions versions shown=image.version.clone() machines=machines.clone() />
            </div>
            <aside class="stack sticky-side" aria-label="Where it fits, and its facts">
                <Fits machines />
                <Facts image />
            </aside>
        </div>
    }
    .into_any()
}

/// The way to the install form, or why not.
#[component]
fn InstallLink(image: ExtensionImage) -> impl IntoView {
    let frame = use_frame();
    let href = paths::install(&image.publisher, &image.extension_type, Some(&image.version), &[]);
    waiting(false, move || {
        let href = href.clone();
        Box::pin(async move {
            let refusal = frame.refusal_anywhere(Permission::ChangeExtensions).await;
            ready(move || match refusal {
                None => view! {
                    <a class="btn btn-primary" href=href>
                        <Icon name="plus" class="icon-14" />
                        "Install…"
                    </a>
                }
                .into_any(),
                Some(fault) => view! {
                    <button type="button" class="btn" aria-disabled="true" aria-describedby="install-why">
                        "Install…"
                    </button>
                    <p class="hint reason" id="install-why">
                        {fault.message}
                    </p>
                }
                .into_any(),
            })
        })
    })
}

#[component]
fn Versions(versions: Vec<ExtensionImage>, shown: ExtensionVersion, machines: Vec<MachineFit>) -> impl IntoView {
    let on = |version: &ExtensionVersion| {
        machines.iter().filter(|m| m.installed.as_ref().is_some_and(|(_, v)| v == version)).count()
    };
    let rows = versions
        .into_iter()
        .map(|image| {
            let count = on(&image.version);
            let current = image.version == shown;
            let href = paths::image(&image.publisher, &image.extension_type, Some(&image.version));
            view! {
                <tr role="row" class:is-open=current>
                    <td role="cell" class="t-name mono">
                        <a class="name-cell" href=href aria-current=current.then_some("true")>
                            {image.version.to_string()}
                        </a>
                    </td>
                    <td role="cell" class="t-meta">
                        <Ago at=image.published_at />
                    </td>
                    <td role="cell" class="wrap t-wide">
                        {image.changes}
                    </td>
                    <td role="cell" class="num t-state">
                        {bytes(image.size)}
                    </td>
                    <td role="cell" class="num">
                        {if count == 0 { "none".to_owned() } else { count.to_string() }}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="versions-title">
            <div class="card-head">
                <h2 id="versions-title">"Versions"</h2>
            </div>
            <div class="table-wrap" tabindex="0" role="region" aria-label="Versions table">
                <table role="table" class="virtual-table doc-table is-list">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader">"Version"</th>
                            <th role="columnheader">"Published"</th>
                            <th role="columnheader">"What changed"</th>
                            <th role="columnheader" class="num">
                                "Size"
                            </th>
                            <th role="columnheader" class="num">
                                "On machines"
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// "Fits n of m machines", each with its reason when not.
#[component]
fn Fits(machines: Vec<MachineFit>) -> impl IntoView {
    let (total, fits) = (machines.len(), machines.iter().filter(|m| m.reason.is_none()).count());
    let rows = machines
        .into_iter()
        .map(|machine| {
            let (state, icon) = if machine.reason.is_none() { ("ready", "check") } else { ("failed", "cross") };
            let text = match (machine.reason, &machine.installed) {
                (Some(fault), _) => fault.message,
                (None, Some((name, version))) => format!("has {version} as {name}"),
                (None, None) => machine.system.clone(),
            };
            view! {
                <li class="fit-row">
                    <span class="contents" data-state=state>
                        <Icon name=icon class="icon-14 state-text mt-1" />
                    </span>
                    <div class="min-w-0">
                        <p class="row-wrap">
                            <a class="name-cell" href=paths::vm(machine.vm_id)>
                                {machine.vm_name.to_string()}
                            </a>
                            <HealthChip health=machine.health />
                        </p>
                        <p class="meta">{text}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="fits-title">
            <div class="card-body grid gap-3">
                <h2 id="fits-title" class="fit-number">
                    <b>{fits}</b>
                    {format!(" of {} {}", count_of(total as u64, "machine", "machines"), if fits == 1 { "fits" } else { "fit" })}
                </h2>
                <svg class="meter" viewBox=format!("0 0 {} 4", total.max(1)) preserveAspectRatio="none" aria-hidden="true">
                    <rect class="c-mute" width=total.max(1) height="4" />
                    <rect class="c-ok" width=fits height="4" />
                </svg>
                {(total == 0).then(|| view! { <p class="hint">"There are no machines yet. " <a class="link" href=paths::VM_NEW>"Add one"</a></p> })}
                <ul class="grid gap-2">{rows}</ul>
            </div>
        </section>
    }
    .into_any()
}

/// The well-known names under which clients may ask for the package.
#[component]
fn StandsInFor(names: Vec<WellKnownName>) -> impl IntoView {
    (!names.is_empty())
        .then(|| {
            let names = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            view! {
                <dt>"Stands in for"</dt>
                <dd class="mono">{names}</dd>
            }
        })
        .into_any()
}

#[component]
fn Facts(image: ExtensionImage) -> impl IntoView {
    let systems = image.os.iter().map(|os| system_name(os)).collect::<Vec<_>>().join(", ");
    let architectures = if image.architectures.is_empty() { "any".to_owned() } else { image.architectures.join(", ") };
    let short = format!("{}…{}", image.sha256.get(..8).unwrap_or_default(), image.sha256.get(56..).unwrap_or_default());
    view! {
        <section class="card" aria-labelledby="facts-title">
            <div class="card-head">
                <h2 id="facts-title">"Package"</h2>
                <span class="signature-badge" data-state="ready">
                    <Icon name="shield" class="icon-14" />
                    "Signed by this server"
                </span>
            </div>
            <dl class="card-body key-value">
                <dt>"Version"</dt>
                <dd class="mono">{image.version.to_string()}</dd>
                <dt>"Handler"</dt>
                <dd class="mono">{image.handler_name()}</dd>
                <StandsInFor names=image.stands_in_for />
                <dt>"Systems"</dt>
                <dd>{systems}</dd>
                <dt>"Architectures"</dt>
                <dd>{architectures}</dd>
                <dt>"Several on one machine"</dt>
                <dd>{if image.supports_multiple { "yes, under different names" } else { "no" }}</dd>
                <dt>"Licence"</dt>
                <dd>{image.licence}</dd>
                {image
                    .homepage
                    .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
                    .map(|url| {
                        view! {
                            <dt>"Read more"</dt>
                            <dd>
                                <a class="link" href=url.clone() rel="external noopener noreferrer">
                                    {url.clone()}
                                </a>
                            </dd>
                        }
                    })}
                <dt>"SHA-256"</dt>
                <dd>
                    <span class="row-wrap">
                        <code title=image.sha256.clone()>{short}</code>
                        <CopyButton text=image.sha256 label="Copy the SHA-256" />
                    </span>
                </dd>
                <dt>"Published"</dt>
                <dd>
                    <Ago at=image.published_at />
                    " by "
                    {image.published_by}
                </dd>
            </dl>
            <p class="card-foot hint">"A machine runs a package only if hash and signature match."</p>
        </section>
    }
    .into_any()
}
