//! `pack-extension <package folder> <program> <out.zip>`: makes a handler package and prints its SHA-256.

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use handler_sdk::{exit, pack};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, program, target] = arguments.as_slice() else {
        let _ = writeln!(std::io::stderr(), "usage: pack-extension <package folder> <program> <out.zip>");
        return ExitCode::from(exit::USAGE);
    };
    match pack::pack(Path::new(folder), Path::new(program), Path::new(target)) {
        Ok(packed) => {
            let line = format!("{}  {}  {} bytes", packed.sha256, packed.path.display(), packed.bytes);
            let _ = writeln!(std::io::stdout(), "{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "pack-extension: {error}");
            ExitCode::from(exit::FAILED)
        }
    }
}
