//! `annex-bindgen <module.wasm> <folder> <name>`: writes `<name>.js` and `<name>_bg.wasm` for the browser.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder, name] = arguments.as_slice() else {
        eprintln!("usage: annex-bindgen <module.wasm> <folder> <name>");
        return ExitCode::from(2);
    };
    match generate(module, folder, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("annex-bindgen: {module}: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// The same choices as `wasm-bindgen --target web --no-typescript` makes.
fn generate(module: &str, folder: &str, name: &str) -> Result<(), Box<dyn std::error::Error>> {
    Bindgen::new().input_path(module).out_name(name).web(true)?.typescript(false).generate(folder)?;
    Ok(())
}
