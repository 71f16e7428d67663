//! A small handler package, made on the spot.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// Prints lines with pauses between them, counts how often it worked for each number, and ends as told.
const HANDLER: &str = r#"#!/bin/sh
here=$(dirname "$0")/..
seq=$ConfigSequenceNumber
case $1 in
enable)
    [ "$(cat "$here/mrseq" 2>/dev/null || echo -1)" -ge "$seq" ] && exit 0
    echo "$seq" > "$here/mrseq"
    echo "ran $seq" >> "$COUNT_FILE"
    lines=$(sed -n 's/.*"lines": *\([0-9]*\).*/\1/p' "$here/config/$seq.settings")
    code=$(sed -n 's/.*"code": *\([0-9]*\).*/\1/p' "$here/config/$seq.settings")
    state=success; [ "${code:-0}" = 0 ] || state=error
    mkdir -p "$here/output" "$here/status"
    # detached, as real handlers do it: enable returns, the work goes on
    setsid sh -c "n=0; while [ \$n -lt ${lines:-3} ]; do echo line \$n; n=\$((n+1)); sleep 0.01; done >> '$here/output/$seq.stdout'
        echo '[{\"version\":1.0,\"timestampUTC\":\"2026-01-01T00:00:00Z\",\"status\":{\"name\":\"Probe\",\"operation\":\"Enable\",\"status\":\"$state\",\"code\":${code:-0},\"formattedMessage\":{\"lang\":\"en\",\"message\":\"ended\"},\"substatus\":[]}}]' > '$here/status/$seq.tmp'
        mv '$here/status/$seq.tmp' '$here/status/$seq.status'" > /dev/null 2>&1 &
    ;;
esac
exit 0
"#;

const MANIFEST: &str = r#"[{"version":1.0,"handlerManifest":{"installCommand":"bin/h.sh install","enableCommand":"bin/h.sh enable",
"updateCommand":"bin/h.sh update","disableCommand":"bin/h.sh disable","uninstallCommand":"bin/h.sh uninstall"}}]"#;

/// The zip; `count` is the file that gets a line per real run.
pub fn probe(count: &std::path::Path) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let script = HANDLER.replace("$COUNT_FILE", &count.display().to_string());
    for (name, content) in [("HandlerManifest.json", MANIFEST), ("bin/h.sh", &script)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
