//! Handlers whose every deed can be read afterwards: shell scripts that write down what they were asked.
//!
//! `/var/log/probe.calls`: every command with version and sequence number. `/var/log/probe.runs`: what enable really did,
//! once for each sequence number, with the protected setting as the handler decrypted it.

use std::{
    io::{Cursor, Write},
    path::Path,
};

use serde_json::json;
use zip::{ZipWriter, write::SimpleFileOptions};

/// One version of one handler.
#[derive(Clone, Copy)]
pub struct Handler {
    pub kind: &'static str,
    pub version: &'static str,
    pub multiple: bool,
    pub heartbeat: bool,
    /// What a command does besides being written down: lines of a shell `case`.
    pub commands: &'static str,
}

const PROBE: Handler = Handler { kind: "Probe", version: "1.0.0", multiple: false, heartbeat: false, commands: "" };

/// Everything that the scenarios need.
const ALL: &[Handler] = &[
    PROBE,
    Handler { version: "1.1.0", ..PROBE },
    Handler { version: "1.2.0", commands: "install) echo broken install >&2; exit 7 ;;", ..PROBE },
    Handler { version: "1.3.0", commands: "update) echo broken update >&2; exit 8 ;;", ..PROBE },
    Handler { kind: "Base", ..PROBE },
    Handler { kind: "Multi", multiple: true, ..PROBE },
    Handler { kind: "Beat", heartbeat: true, commands: "enable) beat Ready 0 ;;", ..PROBE },
];

const SCRIPT: &str = r#"#!/bin/sh
cd "$(dirname "$0")" || exit 90
command=$1 sequence=${ConfigSequenceNumber:-0} name=${ConfigExtensionName:-}
echo "KIND $command VERSION $sequence${name:+ $name}" >> /var/log/probe.calls
settings=config/${name:+$name.}$sequence.settings
status=status/${name:+$name.}$sequence.status
public() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$settings"; }
say() { # say WORD CODE MESSAGE [OPERATION]
    printf '[{"version":1.0,"timestampUTC":"%s","status":{"name":"KIND","operation":"Enable","status":"%s","code":%s,"formattedMessage":{"lang":"en-US","message":"%s"},"substatus":[]}}]' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "$3" > "$status.new"
    mv "$status.new" "$status"
}
beat() {
    printf '[{"version":1.0,"heartbeat":{"status":"%s","code":%s,"formattedMessage":{"lang":"en-US","message":"beat"}}}]' "$1" "$2" > heartbeat.log
}
case $command in
COMMANDS
esac
[ "$command" = enable ] || exit 0
[ "$(cat "${name:+$name.}mrseq" 2>/dev/null)" = "$sequence" ] && exit 0
envelope=$(public protectedSettings) key=$(public protectedSettingsCertThumbprint) secret=
if [ -n "$envelope" ]; then
    library=$(cd .. && pwd)
    secret=$(echo "$envelope" | base64 -d | openssl smime -inform DER -decrypt -recip "$library/$key.crt" -inkey "$library/$key.prv" \
        | sed -n 's/.*"password" *: *"\([^"]*\)".*/\1/p')
fi
echo "$sequence $(public say)${secret:+ $secret}${name:+ $name}" >> /var/log/probe.runs
how=$(public how)
[ "$how" = timed ] && date +%s.%N >> /var/log/probe.times
# most handlers note the number first, so that a run that was cut short is not begun again; "again" does the opposite
[ "${how#again}" = "$how" ] && echo "$sequence" > "${name:+$name.}mrseq"
case $how in
    fail) echo "no luck" >&2; exit 3 ;;
    error) say error 5 "it went wrong" ;;
    slow*) say transitioning 0 working; sleep "${how#slow}"; say success 0 "$(public say)" ;;
    again*) say transitioning 0 working; sleep "${how#again}"; echo "$sequence" > mrseq; say success 0 "$(public say)" ;;
    behind*) say transitioning 0 working; (sleep "${how#behind}"; say success 0 "$(public say)") > /dev/null 2>&1 & ;;
    silent) : ;;
    garbage) echo '{"not": "a status"' > "$status" ;;
    hang) sleep 2000 ;;
    *) say success 0 "$(public say)" ;;
esac
exit 0
"#;

impl Handler {
    fn zip(&self) -> Vec<u8> {
        let Self { kind, version, multiple, heartbeat, .. } = self;
        let manifest = json!([{ "name": kind, "version": 1.0, "handlerManifest": {
            "installCommand": "h install", "enableCommand": "h enable", "updateCommand": "h update",
            "disableCommand": "h disable", "uninstallCommand": "h uninstall", "rebootAfterInstall": false,
            "reportHeartbeat": heartbeat, "updateMode": "UpdateWithInstall", "supportsMultipleExtensions": multiple,
        }}]);
        let setting =
            |title: &str| json!({ "type": "string", "title": title, "description": title, "examples": ["x"] });
        let schema = |names: &[&str]| {
            let properties: serde_json::Map<_, _> = names.iter().map(|n| ((*n).to_owned(), setting(n))).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": properties })
        };
        let image = json!({
            "publisher": "Test.Handlers", "type": kind, "version": version, "title": kind,
            "summary": "Writes down what it is asked.", "description": "A package for tests.", "category": "Other",
            "os": ["linux"], "architectures": ["x86_64", "aarch64"], "minimumOs": null,
            "impact": { "runsAsRoot": true, "opensPorts": [], "reboots": false, "network": "none", "changes": "nothing" },
            "changes": "", "homepage": null, "licence": "Apache-2.0",
            "publicSettingsSchema": schema(&["say", "how"]), "protectedSettingsSchema": schema(&["password"]),
        });
        let script = SCRIPT.replace("KIND", kind).replace("VERSION", version).replace("COMMANDS", self.commands);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        let files =
            [("HandlerManifest.json", manifest.to_string()), ("ExtensionImage.json", image.to_string()), ("h", script)];
        for (name, text) in files {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

/// Puts all handlers where a portal publishes them from.
pub fn publish_into(folder: &Path) {
    for handler in ALL {
        let name = format!("Test.Handlers.{}-{}.zip", handler.kind, handler.version);
        std::fs::write(folder.join(name), handler.zip()).unwrap();
    }
}
