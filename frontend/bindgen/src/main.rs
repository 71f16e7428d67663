//! `annex-bindgen <module.wasm> <folder> <name>`: what the browser gets of a compiled module.
//!
//! ```text
//!  <module.wasm> ─► split ─► main part ─► wasm-bindgen ─► <name>.js, <name>_bg.wasm
//!                     ├─► split_<part>.wasm, chunk_<n>.wasm    fetched when a page needs them
//!                     ├─► __wasm_split.js                      fetches and links them
//!                     └─► __wasm_split_manifest.json           which files a part needs: {"home":["chunk_1","split_home"]}
//! ```

use std::{collections::BTreeMap, error::Error, fs, path::Path, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

/// The loader, and what Leptos calls the list of parts.
const LOADER: &str = "__wasm_split.js";
const MANIFEST: &str = "__wasm_split_manifest.json";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder, name] = arguments.as_slice() else {
        eprintln!("usage: annex-bindgen <module.wasm> <folder> <name>");
        return ExitCode::from(2);
    };
    match generate(Path::new(module), Path::new(folder), name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("annex-bindgen: {module}: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn generate(module: &Path, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let main = folder.join("main.wasm");
    split(module, &main, folder, name)?;
    // parts of the module are linked by names that wasm-bindgen would otherwise drop or change
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&main).out_name(name).web(true)?.typescript(false).keep_lld_exports(true).demangle(false);
    bindgen.generate(folder)?;
    fs::remove_file(main)?;
    Ok(())
}

/// Takes the parts out of `module` and leaves the rest in `main`.
fn split(module: &Path, main: &Path, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let input = fs::read(module)?;
    let (link_name, main_module) = (format!("./{LOADER}"), format!("./{name}.js"));
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = main;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let parts: BTreeMap<_, _> = wasm_split_cli_support::transform(options)?.prefetch_map.into_iter().collect();
    fs::write(folder.join(MANIFEST), serde_json::to_vec(&parts)?)?;
    Ok(())
}
