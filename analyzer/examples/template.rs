//! What `chameleon::read` says of templates, as one JSON document a line: `template FILE…`

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("readable file");
        let text = String::from_utf8_lossy(&bytes);
        let template = analyzer::templates::chameleon::read(&path, &path, &text);
        println!("{}", serde_json::to_string(&template).expect("plain data"));
    }
}
