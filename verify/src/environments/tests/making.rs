//! Environments that are made, with packages from an index.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::super::*;
use super::tree;

/// What is wanted of a tree with these requirements.
fn wanted(folder: &TempDir, server: &str) -> Wanted {
    Wanted {
        name: "test".into(),
        python: None,
        requirements: declared(folder.path()).unwrap().unwrap(),
        server: vec![server.into()],
        framework: vec!["flask".into()],
    }
}

#[test]
fn what_is_added() {
    for (text, added) in [
        ("", vec!["flask", "gunicorn"]),
        ("click", vec!["gunicorn"]),
        ("Gunicorn[gevent]>=1", vec![]),
    ] {
        let folder = tree(&[("requirements.txt", text)]);
        assert_eq!(wanted(&folder, "gunicorn").added(), added, "{text}");
    }
}

#[test]
fn hashes_are_installed_apart() {
    let folder = tree(&[("requirements.txt", "--pre\na==1 --hash=sha256:1\n")]);
    let contents = install::Contents::of(&wanted(&folder, "gunicorn"));
    assert_eq!(contents.hashed, "--pre\na==1 --hash=sha256:1\n");
    assert_eq!(contents.requirements, "--pre\ngunicorn\n");
    let folder = tree(&[("requirements.txt", "--pre\na\n")]);
    assert_eq!(install::Contents::of(&wanted(&folder, "a")).hashed, "");
}

/// Runs commands and counts them.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Runner for Counted {
    fn run(&self, launch: &Launch, log: &Path) -> Result<(), Ended> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Plain.run(launch, log)
    }
}

#[test]
fn an_environment_is_made_once() {
    made_once(&Installer::Pip);
}

/// Where there is no uv, there is nothing to test.
#[test]
fn uv_makes_the_same() {
    let uv = Installer::found();
    if uv != Installer::Pip {
        made_once(&uv);
        let error = not_installed(uv);
        assert!(
            error
                .to_string()
                .ends_with("your requirements are unsatisfiable."),
            "{error}"
        );
        assert!(!error.to_string().contains('\n'));
    }
}

fn made_once(installer: &Installer) {
    let cache = tempfile::tempdir().unwrap();
    // One with a hash, one of a server without: each kind has its own call.
    let folder = tree(&[(
        "requirements.txt",
        "itsdangerous==2.2.0 \\\n --hash=sha256:c6242fc49e35958c8b15141343aa660db5fc54d4f13a1db01a3f5891b98700ef\n",
    )]);
    let log = cache.path().join("log");
    let runner = Counted::default();
    let environments = |reach| Environments {
        cache: cache.path().to_owned(),
        installer: installer.clone(),
        reach,
        runner: &runner,
    };
    let wanted = wanted(&folder, "markupsafe==3.0.3");
    let make = || environments(Reach::Index).make(&wanted, &log).unwrap();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(make);
        let other = scope.spawn(make);
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!(one, other);
    // One made it: venv, and pip twice.
    assert_eq!(runner.0.load(Ordering::SeqCst), 3);
    let imports = std::process::Command::new(&one.python)
        .args([
            "-c",
            "import markupsafe, itsdangerous, sys; print(sys.prefix)",
        ])
        .output()
        .unwrap();
    assert!(imports.status.success(), "{imports:?}");
    assert_eq!(Interpreter::at(&one.python).unwrap(), one);

    // A hit runs nothing, and the cache is all that --offline needs.
    let offline = environments(Reach::Cache);
    assert_eq!(offline.make(&wanted, &log).unwrap(), one);
    assert_eq!(runner.0.load(Ordering::SeqCst), 3);
    // Without its marker it is no environment.
    fs::remove_file(one.bin.parent().unwrap().join("complete")).unwrap();
    let error = offline.make(&wanted, &log).unwrap_err();
    assert!(error.to_string().contains("--offline forbids"), "{error}");
    assert!(error.mend().contains("without --offline"));
}

/// The error of requirements that do not exist, the log of which has an earlier line.
fn not_installed(installer: Installer) -> EnvironmentError {
    let cache = tempfile::tempdir().unwrap();
    let folder = tree(&[("requirements.txt", "markupsafe==0.0.0.1\n")]);
    let log = cache.path().join("log");
    fs::write(&log, "an earlier line: ERROR\n").unwrap();
    let environments = Environments {
        cache: cache.path().to_owned(),
        installer,
        reach: Reach::Index,
        runner: &Plain,
    };
    let error = environments
        .make(&wanted(&folder, "itsdangerous"), &log)
        .unwrap_err();
    let shown = error.to_string();
    assert!(shown.starts_with("what requirements.txt of /"), "{shown}");
    assert!(
        !error.last_lines().iter().any(|l| l.contains("earlier")),
        "{error:?}"
    );
    let mend = error.mend();
    assert!(
        mend.contains(log.to_str().unwrap()) && mend.contains("--original-python"),
        "{mend}"
    );
    error
}

#[test]
fn requirements_that_do_not_exist() {
    let shown = not_installed(Installer::Pip).to_string();
    assert!(
        shown.ends_with("requires cannot be installed: ERROR: No matching distribution found for markupsafe==0.0.0.1"),
        "{shown}"
    );
}

#[test]
fn interpreters() {
    let folder = tree(&[("text", "x")]);
    for (path, why) in [
        ("/no/such/python", "No such file or directory"),
        ("/bin/true", "it did not answer as Python does"),
        (
            folder.path().join("text").to_str().unwrap(),
            "Permission denied",
        ),
        (folder.path().to_str().unwrap(), "Permission denied"),
    ] {
        let error = Interpreter::at(Path::new(path)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{path} is no Python 3.8 or later: {why}")),
            "{error}"
        );
    }
    let found = Interpreter::at(Path::new("python3")).unwrap();
    assert!(found.python.is_absolute() && found.python.starts_with(&found.bin));

    let asked = |versions: &str| Asked {
        versions: versions.into(),
        file: "pyproject.toml".into(),
    };
    let none = interpreter::Base::find(Some(&asked("<3")), &Installer::Pip).unwrap_err();
    assert!(
        none.to_string()
            .starts_with("no Python <3 (which pyproject.toml asks for) was found; there is 3."),
        "{none}"
    );
    let broken = interpreter::Base::find(Some(&asked("three")), &Installer::Pip).unwrap_err();
    assert!(
        broken
            .to_string()
            .starts_with("pyproject.toml: `three` is no list of Python versions: "),
        "{broken}"
    );
}
