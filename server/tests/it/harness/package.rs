//! A small package that publishes.

use std::io::{Cursor, Write};

use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

/// What the package is.
pub struct Package {
    pub version: &'static str,
    /// Type, extension name and title.
    pub kind: &'static str,
}

impl Package {
    /// `Test.Handlers.Probe`, version 1.0.0.
    pub fn probe() -> Self {
        Self { version: "1.0.0", kind: "Probe" }
    }

    pub fn zip(&self) -> Vec<u8> {
        let manifest = json!([{ "name": self.kind, "version": 1.0, "handlerManifest": {
            "installCommand": "h install", "enableCommand": "h enable", "updateCommand": "h update",
            "disableCommand": "h disable", "uninstallCommand": "h uninstall", "rebootAfterInstall": false,
            "reportHeartbeat": false, "updateMode": "UpdateWithInstall", "supportsMultipleExtensions": false,
        }}]);
        let setting =
            |title: &str| json!({ "type": "string", "title": title, "description": title, "examples": ["x"] });
        let schema = |name: &str| {
            json!({
                "type": "object", "additionalProperties": false, "properties": { name: setting(name) },
            })
        };
        let image = json!({
            "publisher": "Test.Handlers", "type": self.kind, "version": self.version, "title": self.kind,
            "summary": "Says something.", "description": "A package for tests.", "category": "Other",
            "os": ["linux"], "architectures": ["x86_64"], "minimumOs": null,
            "impact": { "runsAsRoot": true, "opensPorts": [], "reboots": false, "network": "none", "changes": "nothing" },
            "changes": "", "homepage": null, "licence": "Apache-2.0",
            "publicSettingsSchema": schema("say"), "protectedSettingsSchema": schema("password"),
        });
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        for (name, text) in [
            ("HandlerManifest.json", manifest.to_string()),
            ("ExtensionImage.json", image.to_string()),
            ("h", "#!/bin/sh\nexit 0\n".to_owned()),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}
