//! What `analyzer::templates::jinja` says of the files that are named on standard input, a line
//! each: path, line of the mistake (0 for none), names from outside, message. See `bench/templates`.

use std::io::Read as _;

fn main() {
    let mut names = String::new();
    if std::io::stdin().read_to_string(&mut names).is_err() {
        return;
    }
    let start = std::time::Instant::now();
    let mut bytes = 0;
    for path in names.lines() {
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        bytes += text.len();
        let template = analyzer::templates::jinja::read(path, path, &text);
        let (line, message) = template
            .error
            .map_or((0, String::new()), |e| (e.line, e.message));
        let message = message.replace(['\n', '\t'], " ");
        println!("{path}\t{line}\t{}\t{message}", template.free.join(","));
    }
    eprintln!("{bytes} bytes in {:?}", start.elapsed());
}
