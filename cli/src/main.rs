//! The `migrate` command.
fn main() {
    let path = std::env::args().nth(2).unwrap_or_default();
    match analyzer::analyze(std::path::Path::new(&path)) {
        Ok(a) => println!("{}", serde_json::to_string(&a).unwrap()),
        Err(e) => { eprintln!("error: {e} ({})", e.mend()); std::process::exit(2) }
    }
}
