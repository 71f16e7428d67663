//! The forms in which people have public keys; all become lines as OpenSSH reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use handler_sdk::tool;

use crate::codes;
use crate::failure::Failure;

const KINDS: [&str; 7] = [
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// The key or keys as OpenSSH lines.
///
/// # Errors
/// When it is no public key, or the machine lacks the program that converts its form.
pub fn to_openssh(key: &str) -> Result<Vec<String>, Failure> {
    let key = key.trim();
    let text = if key.contains("PRIVATE KEY-----") {
        return Err(refused(
            "is a private key, which nobody should give away; give the public one, and replace this one",
        ));
    } else if key.starts_with("---- BEGIN SSH2 PUBLIC KEY ----") {
        convert("ssh-keygen", &["-i", "-f", "/dev/stdin"], key)?
    } else if key.starts_with("-----BEGIN CERTIFICATE-----") {
        let public = convert("openssl", &["x509", "-noout", "-pubkey"], key)?;
        convert("ssh-keygen", &["-i", "-m", "PKCS8", "-f", "/dev/stdin"], &public)?
    } else {
        key.to_owned()
    };
    let lines: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(Into::into).collect();
    if lines.is_empty() || !lines.iter().all(|line| is_key(line)) {
        return Err(refused(
            "is no public key; give a line such as `ssh-ed25519 AAAA… name`, as in a file that ends in .pub",
        ));
    }
    Ok(lines)
}

fn refused(words: &str) -> Failure {
    Failure::new(codes::KEYS, format!("what was given as ssh_key {words}"))
}

fn convert(program: &str, arguments: &[&str], input: &str) -> Result<String, Failure> {
    match tool::run(program, arguments, format!("{input}\n").as_bytes()) {
        Ok(answer) if answer.is_good() => Ok(answer.stdout),
        Ok(answer) => Err(refused(&format!("cannot be converted: {}", answer.words()))),
        Err(error) => Err(refused(&format!("cannot be converted: {error}; give it as OpenSSH writes it"))),
    }
}

/// Kind and key of a line; `None` for anything else.
fn parts(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let kind = words.next().filter(|kind| KINDS.contains(kind))?;
    Some((kind, words.next()?))
}

/// Whether the line holds a key of a known kind, which repeats its kind in its bytes.
fn is_key(line: &str) -> bool {
    let Some((kind, key)) = parts(line) else { return false };
    let Ok(bytes) = STANDARD.decode(key) else { return false };
    let (length, rest) = bytes.split_at_checked(4).unwrap_or_default();
    let length = <[u8; 4]>::try_from(length).map_or(0, u32::from_be_bytes) as usize;
    rest.len() > length && &rest[..length] == kind.as_bytes()
}

/// Whether two lines hold the same key, whatever stands around it.
pub fn is_same(line: &str, other: &str) -> bool {
    let Some((kind, key)) = parts(line) else { return false };
    // in a file, options may stand before the kind
    let words: Vec<&str> = other.split_whitespace().collect();
    !other.trim_start().starts_with('#') && words.windows(2).any(|pair| pair == [kind, key])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn keygen(arguments: &[&str]) -> Option<String> {
        let answer = tool::run("ssh-keygen", arguments, b"").ok()?;
        assert!(answer.is_good(), "{}", answer.words());
        Some(answer.stdout)
    }

    #[test]
    fn every_form_becomes_the_same_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("k");
        let path = file.to_str().unwrap();
        if keygen(&["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", path]).is_none() {
            eprintln!("skipped: there is no ssh-keygen");
            return;
        }
        let public = fs::read_to_string(folder.path().join("k.pub")).unwrap();
        let plain = to_openssh(&public).unwrap();
        assert_eq!(plain, [public.trim()]);
        let ssh2 = keygen(&["-e", "-f", path]).unwrap();
        assert!(is_same(&to_openssh(&ssh2).unwrap()[0], &plain[0]));
        let private =
            keygen(&["-p", "-m", "PEM", "-N", "", "-f", path]).map(|_| fs::read_to_string(&file).unwrap()).unwrap();
        assert!(to_openssh(&private).unwrap_err().message.contains("private key"));
        let subject = ["req", "-x509", "-key", path, "-subj", "/CN=ana", "-days", "1"];
        match tool::run("openssl", &subject, b"") {
            Ok(certificate) => assert!(is_same(&to_openssh(&certificate.stdout).unwrap()[0], &plain[0])),
            Err(error) => eprintln!("skipped: {error}"),
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        assert_eq!(to_openssh(&format!("# two\n{good} a\n\n{good} b")).unwrap().len(), 2);
        for bad in [
            "",
            "hello",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
            &format!("command=\"x\" {good}"),
            &format!("{good}\nhello"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(to_openssh(bad).unwrap_err().code, codes::KEYS, "{bad}");
        }
        assert!(is_same(good, &format!("from=\"10.0.0.1\" {good} x")) && !is_same(good, &format!("# {good}")));
    }
}
