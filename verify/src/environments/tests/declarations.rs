//! What trees declare.

use std::fs;

use proptest::prelude::*;

use super::super::*;
use super::tree;

/// What a tree declares, one thing a line, the tree's own path written `ROOT`.
fn shown(files: &[(&str, &str)]) -> String {
    let folder = tree(files);
    let declared = match declared(folder.path()) {
        Ok(Some(declared)) => declared,
        Ok(None) => return "no Python".into(),
        Err(error) => {
            return error
                .to_string()
                .replace(folder.path().to_str().unwrap(), "ROOT");
        }
    };
    let mut out = declared.lines.clone();
    out.extend(declared.options.iter().map(|o| format!("option {o}")));
    out.extend(
        declared
            .constraints
            .iter()
            .map(|c| format!("constraint {c}")),
    );
    out.extend(
        declared
            .python
            .map(|p| format!("python {} ({})", p.versions, p.file.display())),
    );
    out.extend(
        declared
            .remark
            .iter()
            .map(|r| r.split(' ').take(4).collect::<Vec<_>>().join(" ")),
    );
    out.join("\n")
        .replace(folder.path().to_str().unwrap(), "ROOT")
}

fn check(cases: &[(&[(&str, &str)], &str)]) {
    for (files, expected) in cases {
        assert_eq!(shown(files), *expected, "{files:?}");
    }
}

#[test]
fn requirements_files() {
    check(&[
        (
            &[(
                "requirements.txt",
                "# web\nFlask==3.1  # pinned\n\nx @ https://h/x#sha256=1\n",
            )],
            "Flask==3.1\nx @ https://h/x#sha256=1",
        ),
        (
            &[
                ("requirements.txt", "-r req/base.txt\n-c limits.txt\nb\n"),
                (
                    "req/base.txt",
                    "-rmore.txt\n--requirement=../requirements.txt\na",
                ),
                ("req/more.txt", "c\n"),
                ("limits.txt", "d<2\n-r req/other.txt\n"),
                ("req/other.txt", "e<1"),
            ],
            "c\na\nb\nconstraint d<2\nconstraint e<1",
        ),
        (
            &[(
                "requirements.txt",
                "a==1 \\\n  --hash=sha256:1 \\\n  --hash=sha256:2\n# end \\\nb==1 --hash=sha256:3\n--require-hashes\n",
            )],
            "a==1   --hash=sha256:1   --hash=sha256:2\nb==1 --hash=sha256:3",
        ),
        (
            &[
                (
                    "requirements.txt",
                    "--index-url https://h/\n-f wheels\n--pre\na\n",
                ),
                ("wheels/x", ""),
            ],
            "a\noption --index-url https://h/\noption --find-links ROOT/wheels\noption --pre",
        ),
        (
            &[("requirements.txt", "a\n-r gone.txt\n")],
            "ROOT/requirements.txt: `-r gone.txt` names no file",
        ),
        (
            &[
                (
                    "requirements.txt",
                    "-e ./lib\n./lib[x] ; python_version > '3'\n-e git+https://h/r#egg=Egg_Name\n",
                ),
                ("lib/setup.py", ""),
            ],
            "ROOT/lib\nROOT/lib[x] ; python_version > '3'\n-e git+https://h/r#egg=Egg_Name",
        ),
    ]);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("flask\r\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let folder = tree(&[]);
    fs::write(folder.path().join("requirements.txt"), utf16).unwrap();
    assert_eq!(declared(folder.path()).unwrap().unwrap().lines, ["flask"]);
}

#[test]
fn the_app_itself_is_not_installed() {
    let project = "[project]\nname='x'\ndependencies=['flask']\n[project.optional-dependencies]\nDB_x=['psycopg']\ndev=['pytest']\n";
    check(&[
        (
            &[
                ("requirements.txt", "-e .\nclick\n"),
                ("pyproject.toml", project),
            ],
            "click\nflask",
        ),
        (
            &[
                ("requirements.txt", ".[db-x]\n"),
                ("pyproject.toml", project),
            ],
            "flask\npsycopg",
        ),
        (
            &[
                ("requirements.txt", "-e file:.\n"),
                ("setup.cfg", "[options]\ninstall_requires =\n  a\n"),
            ],
            "a",
        ),
    ]);
}

#[test]
fn which_files_count() {
    let project = (
        "pyproject.toml",
        "[project]\ndependencies = ['Flask>=2', 'requests']\nrequires-python = '>=3.9'\n",
    );
    check(&[
        // The earlier file's line wins; what only the later one names is added.
        (
            &[("requirements.txt", "flask==3.0.1\n"), project],
            "flask==3.0.1\nrequests\npython >=3.9 (pyproject.toml)",
        ),
        (
            &[
                ("requirements/dev.txt", "pytest"),
                ("requirements/docs.txt", "sphinx"),
                ("requirements-test.txt", "tox"),
                project,
            ],
            "Flask>=2\nrequests\npython >=3.9 (pyproject.toml)",
        ),
        (
            &[
                ("requirements/base.txt", "a"),
                ("requirements/prod.txt", "-r base.txt\nb"),
                ("requirements/dev.txt", "c"),
            ],
            "a\nb",
        ),
        (&[("requirements-production.txt", "a")], "a"),
        (
            &[
                ("Pipfile", "[packages]\nb='*'"),
                ("setup.cfg", "[options]\ninstall_requires=a\n"),
            ],
            "a",
        ),
        (&[("app.py", "")], ""),
        (&[("setup.py", "")], "setup.py is not run"),
        (&[("Cargo.toml", ""), ("templates/x.html", "")], "no Python"),
        (
            &[("Cargo.toml", ""), ("requirements.txt", "maturin")],
            "maturin",
        ),
        (
            &[("pyproject.toml", "[project\n")],
            "ROOT/pyproject.toml: line 1: unclosed table, expected `]`",
        ),
    ]);
    let folder = tree(&[("app.py", ""), ("requirements.txt", "a")]);
    let beside = declared(&folder.path().join("app.py")).unwrap().unwrap();
    assert_eq!(beside.lines, ["a"]);
    assert!(beside.origin().starts_with("requirements.txt of "));
    let folder = tree(&[("requirements.txt", "-r a.txt"), ("a.txt", "a")]);
    let origin = declared(folder.path()).unwrap().unwrap().origin();
    assert!(
        origin.starts_with("requirements.txt and 1 more file of "),
        "{origin}"
    );
}

#[test]
fn manifests() {
    check(&[
        (
            &[
                (
                    "pyproject.toml",
                    "[project]\ndynamic=['dependencies']\n[tool.setuptools.dynamic]\ndependencies={file=['reqs.in']}\n",
                ),
                ("reqs.in", "-r more.in\na"),
                ("more.in", "b"),
            ],
            "b\na",
        ),
        (
            &[(
                "setup.cfg",
                "[metadata]\nname = x\n[options]\npython_requires = >=3.8, <4\ninstall_requires =\n    flask>=2\n    # no\n    click ; python_version < \"3.9\"\npackages = find:\n[options.extras_require]\ndev = pytest\n",
            )],
            "flask>=2\nclick ; python_version < \"3.9\"\npython >=3.8, <4 (setup.cfg)",
        ),
        (
            &[("setup.cfg", "[options]\ninstall-requires = a>1; b\n")],
            "a>1\nb",
        ),
        (
            &[
                (
                    "setup.cfg",
                    "[options]\ninstall_requires = file: a.txt, b.txt\n",
                ),
                ("a.txt", "a"),
                ("b.txt", "b"),
            ],
            "a\nb",
        ),
        (
            &[(
                "Pipfile",
                "[requires]\npython_version='3.11'\n[packages]\nflask='==3.0'\nx={version='*', extras=['a','b'], sys_platform=\"== 'win32'\"}\nme={path='.', editable=true}\n[dev-packages]\npytest='*'\n",
            )],
            "flask==3.0\nx[a,b] ; sys_platform == 'win32'\npython ==3.11.* (Pipfile)",
        ),
        (
            &[(
                "pyproject.toml",
                "[tool.poetry.dependencies]\npython='^3.8'\na='^1.2'\nb={version='~2.0.1', extras=['x'], python='>=3.9,<4'}\nc={git='https://h/c.git', tag='v1'}\nd={version='1', optional=true}\ne=[{version='1', markers=\"os_name=='nt'\"},{version='2'}]\nf={git='git@h:o/f.git'}\n[tool.poetry.group.dev.dependencies]\npytest='*'\n",
            )],
            "a>=1.2,<2\nb[x]>=2.0.1,<2.1 ; python_version >= \"3.9\" and python_version < \"4\"\nc @ git+https://h/c.git@v1\ne==1 ; (os_name=='nt')\ne==2\nf @ git+ssh://git@h/o/f.git\npython >=3.8,<4 (pyproject.toml)",
        ),
    ]);
}

#[test]
fn poetry_constraints() {
    // The table of python-poetry.org, "Dependency specification".
    for (constraint, expected) in [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.*", "==1.*"),
        ("1.2", "==1.2"),
        ("=1.2", "==1.2"),
        (">= 1.2, < 1.5", ">=1.2,<1.5"),
        (">=1.2 !=1.3", ">=1.2,!=1.3"),
        ("~=1.4", "~=1.4"),
        ("^1.2 || ^2.0", ">=2.0,<3"),
        ("^1.0b1", ">=1.0b1,<2"),
        ("^nonsense", ""),
        ("", ""),
    ] {
        assert_eq!(poetry::specifiers(constraint), expected, "{constraint}");
    }
}

#[test]
fn names_of_packages() {
    for (requirement, name) in [
        ("Flask_SQLAlchemy.x>=1", Some("flask-sqlalchemy-x")),
        ("uvicorn[standard] ; x", Some("uvicorn")),
        ("x @ https://h", Some("x")),
        ("git+https://h/r#egg=A_b&subdirectory=c", Some("a-b")),
        ("https://h/x.whl", None),
        ("/a/b", None),
        ("--pre", None),
        ("", None),
    ] {
        assert_eq!(
            requirements::package(requirement).as_deref(),
            name,
            "{requirement}"
        );
    }
}

proptest! {
    /// Whatever stands in a file, reading it does not panic.
    #[test]
    fn any_text_is_read(text in "[\\[a-z0-9.^~<>=!|*#@:;,/ \\]é\\\\\n-]{0,60}", name in "\\PC*") {
        let own = format!("[options]\ninstall_requires ={text}");
        let folder = tree(&[("requirements.txt", &text), ("setup.cfg", &own)]);
        let _ = declared(folder.path());
        poetry::specifiers(&text);
        requirements::package(&name);
        let normal = requirements::normal(&name);
        prop_assert_eq!(requirements::normal(&normal), normal.clone());
    }
}
