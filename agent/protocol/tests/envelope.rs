//! Envelopes, among ourselves and with the OpenSSL command line, which handlers in the field use.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "envelope")]

use std::path::Path;
use std::process::Command;

use agent_protocol::envelope::{
    ContentCipher, EnvelopeError, MachineKey, TenantCertificate, certificate_from_pem, certificate_to_pem,
    certificates_payload, open, seal, thumbprint,
};
use agent_protocol::{CertificateFile, Timestamp};

fn key() -> MachineKey {
    MachineKey::generate(Timestamp::from_unix_ms(1_795_308_752_000)).unwrap()
}

fn openssl(dir: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = match Command::new("openssl").args(arguments).current_dir(dir).output() {
        Ok(output) => output,
        Err(_) => return None, // not installed here
    };
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

#[test]
fn what_is_sealed_opens_again_and_only_for_its_key() {
    let (mine, other) = (key(), key());
    for plaintext in [&b""[..], b"{\"secret\":\"x\"}", &[7; 100_000]] {
        let envelope = seal(&mine.certificate_der, plaintext).unwrap();
        assert_eq!(open(&mine.key_pem, &envelope).unwrap().as_slice(), plaintext);
        assert!(matches!(open(&other.key_pem, &envelope), Err(EnvelopeError::WrongKey)));
        assert!(open(&mine.key_pem, &envelope[..envelope.len() - 1]).is_err());
    }
    assert!(seal(b"no certificate", b"x").is_err());
    assert!(open("no key", b"x").is_err());
    let pem = certificate_to_pem(&mine.certificate_der).unwrap();
    assert_eq!(certificate_from_pem(&pem).unwrap(), mine.certificate_der);
}

#[test]
fn openssl_opens_what_is_sealed_and_the_other_way_round() {
    let dir = tempfile::tempdir().unwrap();
    let mine = key();
    let file = |name: &str| dir.path().join(name);
    std::fs::write(file("m.crt"), certificate_to_pem(&mine.certificate_der).unwrap()).unwrap();
    std::fs::write(file("m.prv"), mine.key_pem.as_bytes()).unwrap();
    std::fs::write(file("sealed"), seal(&mine.certificate_der, b"{\"a\":1}").unwrap()).unwrap();
    let arguments = ["cms", "-decrypt", "-inform", "DER", "-in", "sealed", "-recip", "m.crt", "-inkey", "m.prv"];
    let Some(plain) = openssl(dir.path(), &arguments) else { return };
    assert_eq!(plain, b"{\"a\":1}");
    let smime = ["smime", "-decrypt", "-inform", "DER", "-in", "sealed", "-recip", "m.crt", "-inkey", "m.prv"];
    assert_eq!(openssl(dir.path(), &smime).unwrap(), b"{\"a\":1}");
    let print = openssl(dir.path(), &["x509", "-in", "m.crt", "-noout", "-fingerprint", "-sha1"]).unwrap();
    let print = String::from_utf8(print).unwrap().replace(':', "");
    assert!(print.contains(&thumbprint(&mine.certificate_der)), "{print}");

    std::fs::write(file("plain"), b"from openssl").unwrap();
    for cipher in ["-aes128", "-aes256"] {
        openssl(
            dir.path(),
            &["cms", "-encrypt", "-binary", cipher, "-in", "plain", "-outform", "DER", "-out", "e", "m.crt"],
        );
        let envelope = std::fs::read(file("e")).unwrap();
        assert_eq!(open(&mine.key_pem, &envelope).unwrap().as_slice(), b"from openssl");
    }
}

#[test]
fn the_standard_agent_opens_the_certificates_document() {
    // the header's names: agents up to 2.11, from 2.12 on, and none that we know
    for (name, cipher) in [("DES_EDE3_CBC", "des-ede3-cbc"), ("AES128_CBC", "aes-128-cbc"), ("", "aes-256-cbc")] {
        certificates_document(ContentCipher::named(name), cipher);
    }
}

fn certificates_document(cipher: ContentCipher, openssl_name: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (transport, tenant) = (key(), key());
    let file = |name: &str| dir.path().join(name);
    std::fs::write(file("t.crt"), certificate_to_pem(&transport.certificate_der).unwrap()).unwrap();
    std::fs::write(file("t.prv"), transport.key_pem.as_bytes()).unwrap();
    let tenants = [TenantCertificate { certificate_der: &tenant.certificate_der, key_pem: &tenant.key_pem }];
    let data = certificates_payload(&transport.certificate_der, &tenants, cipher).unwrap();
    let document = CertificateFile { incarnation: 7, data: Some(data) };
    let xml = document.render();
    assert_eq!(CertificateFile::parse(xml.as_bytes()), Ok(document));
    // exactly what the agent does: the text goes behind a MIME header, then through cms and pkcs12
    let start = xml.find("<Data>").unwrap() + 6;
    let text = &xml[start..xml.find("</Data>").unwrap()];
    let mime = format!(
        "MIME-Version:1.0\nContent-Disposition: attachment; filename=\"Certificates.p7m\"\nContent-Type: application/x-pkcs7-mime; name=\"Certificates.p7m\"\nContent-Transfer-Encoding: base64\n\n{text}"
    );
    std::fs::write(file("Certificates.p7m"), mime).unwrap();
    if let Some(shown) = openssl(dir.path(), &["cms", "-cmsout", "-print", "-in", "Certificates.p7m"]) {
        let shown = String::from_utf8_lossy(&shown).into_owned();
        assert!(shown.contains(&format!("algorithm: {openssl_name}")), "{shown}");
    }
    let decrypt = ["cms", "-decrypt", "-in", "Certificates.p7m", "-inkey", "t.prv", "-recip", "t.crt", "-out", "c.pfx"];
    if openssl(dir.path(), &decrypt).is_none() {
        return;
    }
    for more in [&["-nomacver"][..], &[]] {
        let arguments = [&["pkcs12", "-nodes", "-password", "pass:", "-in", "c.pfx"], more].concat();
        let pem = String::from_utf8(openssl(dir.path(), &arguments).unwrap()).unwrap();
        assert!(pem.contains("BEGIN CERTIFICATE") && pem.contains("BEGIN PRIVATE KEY"), "{pem}");
        let begin = pem.find("-----BEGIN CERTIFICATE").unwrap();
        let end = pem.find("-----END CERTIFICATE-----").unwrap() + "-----END CERTIFICATE-----\n".len();
        assert_eq!(certificate_from_pem(&pem[begin..end]).unwrap(), tenant.certificate_der);
    }
}
