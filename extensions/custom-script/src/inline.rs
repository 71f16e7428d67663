//! The `script` setting: base64 of a script, or of a gzip of one.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;

use crate::codes;
use crate::failure::Failure;

/// What the setting may hold, in bytes of base64.
pub const MAX_ENCODED: usize = 256 * 1024;
/// What may come out of it.
const MAX_DECODED: u64 = 16 * 1024 * 1024;

/// The script's bytes. A text that begins with `#!` is taken as it is: no base64 does.
///
/// # Errors
/// When the setting is too large, is not base64, or its gzip is damaged.
pub fn decode(setting: &str) -> Result<Vec<u8>, Failure> {
    let refused = |words: &str| Failure::new(codes::BAD_CONFIGURATION, format!("the script setting {words}"));
    if setting.len() > MAX_ENCODED {
        return Err(refused("is larger than 256 KiB; put the script into a file and name it in fileUris"));
    }
    if setting.starts_with("#!") {
        return Ok(setting.as_bytes().to_vec());
    }
    // line ends are part of wrapped base64; a blank inside is a sign of something else
    let compact: Vec<u8> = setting.trim().bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let bytes = STANDARD.decode(compact).map_err(|_| {
        refused("is neither base64 nor a text that begins with #!; write #!/bin/sh into its first line, or encode it with `base64 -w0`")
    })?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut script = Vec::new();
    MultiGzDecoder::new(bytes.as_slice())
        .take(MAX_DECODED + 1)
        .read_to_end(&mut script)
        .map_err(|_| refused("holds a damaged gzip; encode it again with `gzip -9 | base64 -w0`"))?;
    if script.len() as u64 > MAX_DECODED {
        return Err(refused("unpacks to more than 16 MiB"));
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_gzip_and_wrapped_base64() {
        let script = b"#!/bin/sh\necho hello\n";
        assert_eq!(decode(&STANDARD.encode(script)).unwrap(), script);
        assert_eq!(decode(&STANDARD.encode(gzip(script))).unwrap(), script);
        assert_eq!(decode("IyEvYmluL3No\r\nCmVjaG8K\n").unwrap(), b"#!/bin/sh\necho\n");
        assert_eq!(decode("#!/bin/sh\nexit 1\n").unwrap(), b"#!/bin/sh\nexit 1\n");
    }

    proptest! {
        #[test]
        fn any_script_survives_the_way_and_any_text_is_answered(script in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
            let plain = STANDARD.encode(&script);
            prop_assume!(!script.starts_with(&[0x1f, 0x8b]));
            prop_assert_eq!(&decode(&plain).unwrap(), &script);
            prop_assert_eq!(&decode(&STANDARD.encode(gzip(&script))).unwrap(), &script);
            let _ = decode(&text);
        }
    }

    #[test]
    fn what_does_not_decode_is_never_run() {
        for setting in ["echo hello", "date host", "abc", "é"] {
            assert!(decode(setting).unwrap_err().message.contains("base64"), "{setting}");
        }
        let mut broken = gzip(b"echo hello");
        broken.truncate(12);
        assert!(decode(&STANDARD.encode(broken)).unwrap_err().message.contains("gzip"));
        assert!(decode(&"A".repeat(MAX_ENCODED + 4)).unwrap_err().message.contains("256 KiB"));
        let bomb = gzip(&vec![0; 17 * 1024 * 1024]);
        assert!(decode(&STANDARD.encode(bomb)).unwrap_err().message.contains("16 MiB"));
    }
}
