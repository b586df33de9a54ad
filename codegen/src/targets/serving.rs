//! What starts a port.

use super::Target;
use crate::error::PortError;

/// What starts the processes of a port, in the place of the app's own server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// An ASGI server: the app's own where it speaks that, or uvicorn.
    Asgi,
    /// The program that a port to Rust is.
    Program,
    /// `python -m flask_parity.serve`, one process.
    Alone,
    /// circus, which owns the port, starts such processes and replaces them.
    Circus,
}

impl Serving {
    /// The column of it in the table of servers (`plan::servers`), and its name for `--server`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asgi => "uvicorn",
            Self::Program => "own",
            Self::Alone => "robyn",
            Self::Circus => "circus",
        }
    }

    /// The package that a port needs for it beside those of the framework, and its version as measured.
    #[must_use]
    pub const fn package(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Asgi | Self::Program | Self::Alone => None,
            Self::Circus => Some(("circus", "==0.19.0")),
        }
    }

    /// Servers that a port has no use for once no command of theirs is left: programs with their packages.
    #[must_use]
    pub const fn replaces(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Asgi => &[("waitress", &["waitress"]), ("uwsgi", &["uwsgi"])],
            Self::Program => &[],
            Self::Alone | Self::Circus => &[
                ("granian", &["granian"]),
                ("gunicorn", &["gunicorn", "uvicorn-worker"]),
                ("hypercorn", &["hypercorn"]),
                ("uvicorn", &["uvicorn"]),
                ("uwsgi", &["uwsgi", "pyuwsgi"]),
                ("waitress", &["waitress"]),
            ],
        }
    }

    /// What `app.run(…)` of the original starts in the port.
    #[must_use]
    pub const fn development(self) -> &'static str {
        match self {
            Self::Asgi => "uvicorn",
            Self::Program => "the port's own process",
            Self::Alone => "Robyn's own server",
            Self::Circus => "Robyn's own server, one process without circus",
        }
    }
}

impl Target {
    /// What starts a port: the target's first, or what `--server` names.
    ///
    /// # Errors
    /// When the target has none of that name, or no choice.
    pub fn serving(&self, name: Option<&str>) -> Result<Serving, PortError> {
        let [first, others @ ..] = self.servings else {
            return Ok(Serving::Program);
        };
        let Some(name) = name else {
            return Ok(*first);
        };
        let found = others.iter().find(|serving| serving.name() == name);
        found.copied().ok_or_else(|| PortError::Server {
            target: self.name.into(),
            name: name.into(),
        })
    }

    /// What `--server` may name.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        self.servings.iter().skip(1).map(|s| s.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;
    use crate::plan::servers::hosts;

    #[test]
    fn the_table_has_all_of_them() {
        for target in TARGETS {
            assert!(!target.servings.is_empty(), "{}", target.name);
            for serving in target.servings {
                let name = serving.name();
                assert!(
                    hosts(target.name).contains(&name),
                    "{}: {name}",
                    target.name
                );
            }
        }
    }

    #[test]
    fn names() {
        let of = |target: &str, name| {
            let target = crate::targets::find(target).unwrap();
            target.serving(name).map_err(|e| (e.to_string(), e.mend()))
        };
        assert_eq!(of("robyn", None), Ok(Serving::Alone));
        assert_eq!(of("robyn", Some("circus")), Ok(Serving::Circus));
        assert_eq!(of("axum", None), Ok(Serving::Program));
        let (what, mend) = of("robyn", Some("nginx")).unwrap_err();
        assert_eq!(what, "no server `nginx` for a port to robyn");
        assert_eq!(mend, "`--server` takes circus here");
        let (what, mend) = of("fastapi", Some("circus")).unwrap_err();
        assert_eq!(what, "a port to fastapi takes no `--server`");
        assert_eq!(
            mend,
            "leave it out; robyn takes circus, and `migrate targets` names the servers of each"
        );
    }
}
