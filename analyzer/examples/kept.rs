//! temp
use std::time::Instant;
fn rss() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM"))
        .collect::<Vec<_>>()
        .join(" ")
}
fn main() {
    let root = std::env::args().nth(1).unwrap();
    let t = Instant::now();
    let s = analyzer::source::load(
        std::path::Path::new(&root),
        analyzer::flask::vocabulary::OUTSIDE,
    );
    eprintln!("load {:?} {}", t.elapsed(), rss());
    let b: [usize; 13] = s
        .project
        .modules
        .iter()
        .map(|m| {
            [
                m.text.len(),
                m.facts.exprs.len() * size_of_val(&m.facts.exprs[..1.min(m.facts.exprs.len())]),
                m.facts.stmts.len() * 44,
                m.facts.args.len() * 24,
                m.facts.expr_pool.len() * 4,
                m.facts.params.len() * size_of::<analyzer::python::facts::Param>(),
                m.facts.functions.len() * size_of::<analyzer::python::facts::Function>(),
                m.line_starts.len() * 4,
                m.facts.imports.len() * 24,
                m.facts.exprs.len(),
                m.facts.stmts.len(),
                m.facts.functions.len(),
                m.facts.handlers.len(),
            ]
        })
        .fold([0; 13], |mut a, b| {
            for i in 0..13 {
                a[i] += b[i]
            }
            a
        });
    eprintln!(
        "{b:?} expr {} stmt {} arg {}",
        size_of::<analyzer::python::facts::Expr>(),
        size_of::<analyzer::python::facts::Stmt>(),
        size_of::<analyzer::python::facts::Arg>()
    );
    let t = Instant::now();
    let r = analyzer::flask::registrations(&s.project);
    eprintln!("reg {:?} {} {}", t.elapsed(), r.routes.len(), rss());
    let t = Instant::now();
    let r = analyzer::flask::functions(&s.project);
    eprintln!("functions {:?} {} {}", t.elapsed(), r.0.len(), rss());
    let t = Instant::now();
    let r = analyzer::flask::file_infos(&s.project);
    eprintln!("files {:?} {} {}", t.elapsed(), r.len(), rss());
    let t = Instant::now();
    drop(s);
    eprintln!("drop {:?}", t.elapsed());
}
