//! The floor that `migrate analyze` is measured against: parse every Python file below a folder with
//! tree-sitter, and nothing else. `floor ROOT [parse|extract|count]`
//!
//! `parse` drops each tree at once; `extract` leaves facts behind, with our own parser; `count` tells what
//! the prefilter keeps.

use std::sync::atomic::{AtomicU64, Ordering};

use analyzer::python::extract::Extractor;
use rayon::prelude::*;

fn main() {
    let mut args = std::env::args().skip(1);
    let root = args.next().expect("floor ROOT [parse|extract|count]");
    let mode = args.next().unwrap_or_else(|| "parse".into());
    let root = std::path::Path::new(&root);
    if mode == "count" {
        let survey = analyzer::source::survey(root, analyzer::flask::vocabulary::OUTSIDE);
        let (mut files, mut bytes) = (0, 0);
        for (i, part) in survey.parts().enumerate() {
            let (project, _) = part.project();
            let size: usize = project.modules.iter().map(|m| m.text.len()).sum();
            println!(
                "part {i}: {} files, {size} bytes from {}",
                project.modules.len(),
                part.first()
            );
            files += project.modules.len();
            bytes += size;
        }
        println!("{files} of {} files kept, {bytes} bytes", survey.files());
        return;
    }
    let files: Vec<_> = ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build()
        .filter_map(Result::ok)
        .filter(|e| e.path().extension().is_some_and(|x| x == "py"))
        .map(ignore::DirEntry::into_path)
        .collect();
    let bytes = AtomicU64::new(0);
    let facts = AtomicU64::new(0);
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(64 << 20)
        .build()
        .expect("threads");
    let parsers = || (Extractor::new(), tree_sitter_parser());
    pool.install(|| {
        files
            .par_iter()
            .for_each_init(parsers, |(extractor, parser), path| {
                let Ok(content) = std::fs::read(path) else {
                    return;
                };
                bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
                let text = String::from_utf8_lossy(&content);
                if mode == "extract" {
                    let found = extractor.extract(&text);
                    facts.fetch_add(found.exprs.len() as u64, Ordering::Relaxed);
                } else {
                    drop(parser.parse(text.as_bytes(), None));
                }
            });
    });
    println!(
        "{} files, {} bytes, {} facts",
        files.len(),
        bytes.into_inner(),
        facts.into_inner()
    );
}

fn tree_sitter_parser() -> tree_sitter::Parser {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar fits the parser");
    parser
}
