//! Who may know whom inside this crate.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn transports_do_not_know_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let transports = ["web", "agent_gateway", "login", "rest"];
    for one in transports.iter().filter(|t| root.join(t).is_dir()) {
        for file in sources(&root.join(one)) {
            let text = fs::read_to_string(&file).unwrap();
            for other in transports.iter().filter(|t| *t != one) {
                assert!(!text.contains(&format!("crate::{other}")), "{} uses {other}", file.display());
            }
        }
    }
}

#[test]
fn the_only_sql_is_in_the_store() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&root) {
        let text = fs::read_to_string(&file).unwrap().to_lowercase();
        for sql in ["sqlx", "select * ", "insert into ", "delete from ", "update set "] {
            assert!(!text.contains(sql), "{} speaks SQL: {sql:?}", file.display());
        }
    }
}
