//! The model's touches against a second counter (`touch_oracle/count.py`, which needs Python 3.11).
//!
//! What counts is defined in `docs/touches.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Touches by file and line.
type Places = BTreeMap<(String, u32), usize>;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/touch_oracle")
}

/// What the second counter finds; `None` where there is no Python for it.
fn counted(root: &Path) -> Option<Places> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let out = Command::new(python)
        .arg("-B")
        .arg(here().join("count.py"))
        .arg("--list")
        .arg(root)
        .output()
        .ok()?;
    assert!(
        out.status.success() && out.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let mut places = Places::new();
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(file), Some(at)) = (parts.next(), parts.next()) else {
            panic!("a touch: {line}");
        };
        let at = at.parse().expect("a line number");
        *places.entry((file.to_owned(), at)).or_default() += 1;
    }
    Some(places)
}

/// What the model has, by the line on which the touched value starts.
fn modelled(root: &Path) -> Places {
    let analysis = analyzer::analyze(root).expect("a folder");
    let mut places = Places::new();
    let mut texts: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for function in &analysis.functions {
        let text = texts.entry(&function.file).or_insert_with(|| {
            let bytes = std::fs::read(root.join(&function.file)).expect("the file");
            match bytes.strip_prefix("\u{feff}".as_bytes()) {
                Some(rest) => rest.to_vec(),
                None => bytes,
            }
        });
        for touch in &function.touches {
            let before = &text[..touch.receiver.start as usize];
            let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u32;
            *places.entry((function.file.clone(), line)).or_default() += 1;
        }
    }
    places
}

/// How many more `a` has than `b`, line by line.
fn surplus(a: &Places, b: &Places) -> usize {
    a.iter()
        .map(|(at, n)| n.saturating_sub(b.get(at).copied().unwrap_or(0)))
        .sum()
}

#[test]
fn fixtures_agree_line_by_line() {
    let fixtures = here().join("fixtures");
    let Some(counted) = counted(&fixtures) else {
        eprintln!("no python3: not compared");
        return;
    };
    let modelled = modelled(&fixtures);
    // `# N` at the end of a line says how many touches start on it.
    let mut expected = Places::new();
    for file in walk(&fixtures) {
        let text = std::fs::read_to_string(&file).expect("a fixture");
        let name = file
            .strip_prefix(&fixtures)
            .expect("below")
            .to_string_lossy();
        for (i, line) in text.lines().enumerate() {
            if let Some((_, n)) = line.rsplit_once("# ")
                && let Ok(n) = n.parse::<usize>()
                && n > 0
            {
                expected.insert((name.replace('\\', "/"), i as u32 + 1), n);
            }
        }
    }
    assert_eq!(counted, expected, "the second counter");
    assert_eq!(modelled, expected, "the model");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.extension().is_some_and(|e| e == "py") {
            files.push(path);
        }
    }
    files
}

/// The folder that `MIGRATE_EVAL` names holds one folder an app.
#[test]
#[ignore = "needs apps: MIGRATE_EVAL"]
fn apps_agree() {
    let Ok(folder) = std::env::var("MIGRATE_EVAL") else {
        eprintln!("MIGRATE_EVAL is not set: nothing compared");
        return;
    };
    let mut apps: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of apps")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    apps.sort();
    println!("| app | oracle | model | difference | only oracle | only model |");
    println!("|---|---:|---:|---:|---:|---:|");
    let mut apart = Vec::new();
    for app in &apps {
        let counted = counted(app).expect("python3");
        let modelled = modelled(app);
        let (oracle, model) = (counted.values().sum(), modelled.values().sum());
        let difference = 100.0 * (f64::from(count(model)) - f64::from(count(oracle)))
            / f64::from(count(oracle).max(1));
        let name = app.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "| {name} | {oracle} | {model} | {difference:+.2} % | {} | {} |",
            surplus(&counted, &modelled),
            surplus(&modelled, &counted),
        );
        if difference.abs() > 2.0 {
            apart.push(name.into_owned());
        }
    }
    assert!(apart.is_empty(), "more than 2 % apart: {apart:?}");
}

fn count(n: usize) -> u32 {
    u32::try_from(n).expect("a small number")
}
