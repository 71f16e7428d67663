//! Which packages a publisher and a type stand for: an original of that name, or what stands in for it.
//!
//! ```text
//! Microsoft.Azure.Extensions + CustomScript ──► imported under that name? ── yes ──► its versions
//!                                                       └─ no ──► every image whose `standsInFor` holds the name
//! ```

use std::{cmp::Reverse, collections::BTreeMap};

use domain::{
    extension_image::ExtensionImage,
    name::{ExtensionType, Publisher},
    version::ExtensionVersion,
};

use super::Catalogue;

/// What answers to a publisher and a type.
#[derive(Debug)]
pub(crate) struct Named<'a> {
    /// The publisher asked for, as the package writes it.
    pub(crate) publisher: &'a Publisher,
    /// The type asked for, as the package writes it.
    pub(crate) extension_type: &'a ExtensionType,
    /// Other packages stand in for that name; the original is not published here.
    pub(crate) stand_in: bool,
    /// Each version as it is called under that name, with the package that is installed for it; newest first, no version
    /// twice, never empty.
    pub(crate) versions: Vec<(ExtensionVersion, &'a ExtensionImage)>,
}

impl Catalogue {
    /// What answers to `publisher` and `extension_type`, any case; `None` when nothing does.
    pub(crate) fn named(&self, publisher: &str, extension_type: &str) -> Option<Named<'_>> {
        self.original(publisher, extension_type).or_else(|| self.stand_in(publisher, extension_type))
    }

    /// Every publisher and type that [`Catalogue::named`] knows, sorted without regard to case.
    pub(crate) fn names(&self) -> Vec<(&Publisher, &ExtensionType)> {
        let originals = self.images().map(|image| (&image.publisher, &image.extension_type));
        let others = self.images().flat_map(|image| &image.stands_in_for);
        let others = others.map(|name| (&name.publisher, &name.extension_type));
        let mut names = BTreeMap::new();
        for (publisher, extension_type) in originals.chain(others) {
            let key = (publisher.as_str().to_lowercase(), extension_type.as_str().to_lowercase());
            names.entry(key).or_insert((publisher, extension_type));
        }
        names.into_values().collect()
    }

    fn images(&self) -> impl Iterator<Item = &ExtensionImage> {
        self.by_handler.values().flatten()
    }

    fn original(&self, publisher: &str, extension_type: &str) -> Option<Named<'_>> {
        // joined names may be equal although publisher and type are not
        let is_named = |image: &&ExtensionImage| {
            image.publisher.as_str().eq_ignore_ascii_case(publisher)
                && image.extension_type.as_str().eq_ignore_ascii_case(extension_type)
        };
        let images = self.versions(&format!("{publisher}.{extension_type}")).iter().filter(is_named);
        let versions: Vec<_> = images.map(|image| (image.version.clone(), image)).collect();
        let (_, newest) = versions.first()?;
        Some(Named { publisher: &newest.publisher, extension_type: &newest.extension_type, stand_in: false, versions })
    }

    fn stand_in(&self, publisher: &str, extension_type: &str) -> Option<Named<'_>> {
        let claims = self.images().flat_map(|image| image.stands_in_for.iter().map(move |name| (name, image)));
        let mut found: Vec<_> = claims.filter(|(name, _)| name.is_named(publisher, extension_type)).collect();
        // of packages that claim the same version the newest answers; the order of handlers settles what is left
        found.sort_by(|(one, image), (other, another)| {
            (Reverse(&one.version), Reverse(&image.version)).cmp(&(Reverse(&other.version), Reverse(&another.version)))
        });
        found.dedup_by(|(later, _), (earlier, _)| later.version == earlier.version);
        let (newest, _) = found.first()?;
        Some(Named {
            publisher: &newest.publisher,
            extension_type: &newest.extension_type,
            stand_in: true,
            versions: found.iter().map(|(name, image)| (name.version.clone(), *image)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::{timestamp::Timestamp, well_known_name::WellKnownName};

    use super::*;

    fn image(
        publisher: &str,
        extension_type: &str,
        version: &str,
        stands_in_for: &[(&str, &str, &str)],
    ) -> ExtensionImage {
        let name = |(publisher, extension_type, version): &(&str, &str, &str)| WellKnownName {
            publisher: publisher.parse().unwrap(),
            extension_type: extension_type.parse().unwrap(),
            version: version.parse().unwrap(),
        };
        ExtensionImage {
            publisher: publisher.parse().unwrap(),
            extension_type: extension_type.parse().unwrap(),
            version: version.parse().unwrap(),
            title: String::new(),
            summary: String::new(),
            description: String::new(),
            category: String::new(),
            os: Vec::new(),
            architectures: Vec::new(),
            impact: Default::default(),
            changes: String::new(),
            licence: String::new(),
            homepage: None,
            public_schema: serde_json::Value::Null,
            protected_schema: None,
            supports_multiple: false,
            supports_automatic_upgrade: false,
            stands_in_for: stands_in_for.iter().map(name).collect(),
            sha256: String::new(),
            size: 0,
            signature: String::new(),
            published_at: Timestamp::default(),
            published_by: String::new(),
        }
    }

    const CLOUD: &str = "Microsoft.Azure.Extensions";

    fn own() -> Vec<ExtensionImage> {
        vec![
            image("Annex.Extensions", "CustomScript", "1.1.1", &[(CLOUD, "CustomScript", "2.1.13")]),
            image("Annex.Extensions", "CustomScript", "1.1.0", &[(CLOUD, "CustomScript", "2.1.13")]),
            image("Annex.Extensions", "CustomScript", "1.0.0", &[(CLOUD, "CustomScript", "2.0.7")]),
        ]
    }

    fn versions(named: &Named<'_>) -> Vec<String> {
        named.versions.iter().map(|(called, image)| format!("{called}={} {}", image.publisher, image.version)).collect()
    }

    #[test]
    fn a_well_known_name_finds_what_stands_in_for_it() {
        let catalogue = Catalogue::of(own());
        let named = catalogue.named("microsoft.azure.EXTENSIONS", "customscript").unwrap();
        assert_eq!((named.publisher.as_str(), named.extension_type.as_str()), (CLOUD, "CustomScript"));
        assert!(named.stand_in);
        assert_eq!(versions(&named), ["2.1.13=Annex.Extensions 1.1.1", "2.0.7=Annex.Extensions 1.0.0"]);
        let own = catalogue.named("annex.extensions", "CUSTOMSCRIPT").unwrap();
        assert_eq!((own.publisher.as_str(), own.stand_in, own.versions.len()), ("Annex.Extensions", false, 3));
        assert_eq!(own.versions[0].0.as_str(), "1.1.1");
        for (publisher, extension_type) in
            [(CLOUD, "Other"), ("Annex", "Extensions.CustomScript"), ("Microsoft.Azure", "Extensions.CustomScript")]
        {
            assert!(catalogue.named(publisher, extension_type).is_none(), "{publisher} {extension_type}");
        }
    }

    #[test]
    fn an_imported_original_takes_precedence() {
        let mut images = own();
        images.push(image(CLOUD, "CustomScript", "2.0.1", &[]));
        let catalogue = Catalogue::of(images);
        let named = catalogue.named(CLOUD, "customScript").unwrap();
        assert!(!named.stand_in);
        assert_eq!(versions(&named), ["2.0.1=Microsoft.Azure.Extensions 2.0.1"]);
    }

    #[test]
    fn names_are_listed_once_and_in_order() {
        let mut images = own();
        images.push(image(CLOUD, "customscript", "2.0.1", &[]));
        images.push(image("Annex.extensions", "Access", "1.0.0", &[("Contoso", "Access", "1.0")]));
        let catalogue = Catalogue::of(images);
        let names: Vec<String> = catalogue.names().iter().map(|(p, t)| format!("{p} {t}")).collect();
        assert_eq!(
            names,
            [
                "Annex.extensions Access",
                "Annex.Extensions CustomScript",
                "Contoso Access",
                "Microsoft.Azure.Extensions customscript"
            ]
        );
        for (publisher, extension_type) in catalogue.names() {
            assert!(catalogue.named(publisher.as_str(), extension_type.as_str()).is_some());
        }
    }
}
