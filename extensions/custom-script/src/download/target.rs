//! From a list of addresses to a list of file names, all of which stay in the folder they are meant for.

use percent_encoding::percent_decode_str;
use ureq::http::Uri;

use crate::codes;
use crate::failure::Failure;

/// One file to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Where it is.
    pub address: String,
    /// What it is called in the folder.
    pub name: String,
}

/// Reads every address.
///
/// # Errors
/// When one is no web address, has no file name, or two would be the same file. The message names the entry by its
/// number: an address may hold secrets.
pub(super) fn all(addresses: &[String]) -> Result<Vec<Target>, Failure> {
    let mut targets: Vec<Target> = Vec::with_capacity(addresses.len());
    for (index, address) in addresses.iter().enumerate() {
        let refused =
            |words: &str| Failure::new(codes::INVALID_FILE_URI, format!("entry {} of fileUris {words}", index + 1));
        let uri: Uri = address.parse().map_err(|_| refused("is not a web address"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
            return Err(refused("is not an http or https address"));
        }
        let segment = uri.path().rsplit('/').next().unwrap_or_default();
        let name =
            percent_decode_str(segment).decode_utf8().map_err(|_| refused("has a file name that is not UTF-8"))?;
        if name.is_empty() {
            return Err(refused("does not end in a file name"));
        }
        if name == "." || name == ".." || name.contains(['/', '\0']) || name.len() > 255 {
            return Err(refused("ends in a name that no file can have"));
        }
        if targets.iter().any(|target| target.name == name) {
            return Err(refused(&format!("has the same file name as an earlier one ({name})")));
        }
        targets.push(Target { address: address.clone(), name: name.into_owned() });
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(addresses: &[&str]) -> Result<Vec<String>, Failure> {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        all(&addresses).map(|targets| targets.into_iter().map(|target| target.name).collect())
    }

    #[test]
    fn the_last_part_of_the_path_is_the_name() {
        let found = names(&["https://a.b/c/d.sh?sig=x/y", "http://h:8080/b%20c.txt", "https://a/caf%C3%A9"]).unwrap();
        assert_eq!(found, ["d.sh", "b c.txt", "café"]);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        for (address, words) in [
            ("ftp://a/b", "http"),
            ("file:///etc/passwd", "web address"),
            ("/etc/passwd", "http"),
            ("https://a/b/", "file name"),
            ("https://a", "file name"),
            ("https://a/..", "no file"),
            ("https://a/x%2f..%2fy", "no file"),
            ("https://a/%ff", "UTF-8"),
            ("not an address", "web address"),
        ] {
            let failure = names(&[address]).unwrap_err();
            assert_eq!(failure.code, codes::INVALID_FILE_URI);
            assert!(failure.message.contains(words) && failure.message.contains("entry 1"), "{address}: {failure}");
        }
        assert!(names(&["https://a/x", "https://b/x"]).unwrap_err().message.contains("entry 2"));
    }

    proptest! {
        #[test]
        fn no_address_leads_out_of_the_folder(path in ".{0,40}") {
            if let Ok(names) = names(&[&format!("https://host/{path}")]) {
                let path = std::path::Path::new("/folder").join(&names[0]);
                prop_assert_eq!(path.parent(), Some(std::path::Path::new("/folder")));
                prop_assert!(path.file_name().is_some());
            }
        }
    }
}
