//! Configuration files in Python: module-level names of gunicorn's and hypercorn's settings.

use model::Constant;

use super::options::Program;
use super::settings::Setting;
use crate::python::extract::{Extractor, STACK};
use crate::python::facts::{ExprId, ExprKind, StmtKind};
use crate::python::project::{Module, ModuleId, Project};
use crate::python::scopes::Scopes;

/// Settings without a field: any other name is the file's own.
const OTHERS: &[&str] = &[
    "accesslog",
    "access_log_format",
    "backlog",
    "capture_output",
    "chdir",
    "daemon",
    "errorlog",
    "group",
    "limit_request_field_size",
    "limit_request_fields",
    "limit_request_line",
    "logconfig",
    "logconfig_dict",
    "logger_class",
    "loglevel",
    "pidfile",
    "proc_name",
    "pythonpath",
    "raw_env",
    "reload_extra_files",
    "reuse_port",
    "root_path",
    "secure_scheme_headers",
    "sendfile",
    "statsd_host",
    "statsd_prefix",
    "tmp_upload_dir",
    "umask",
    "user",
    "worker_connections",
    "worker_tmp_dir",
];

/// Functions that gunicorn calls.
const HOOKS: &[&str] = &[
    "child_exit",
    "nworkers_changed",
    "on_exit",
    "on_reload",
    "on_starting",
    "post_fork",
    "post_request",
    "post_worker_init",
    "pre_exec",
    "pre_fork",
    "pre_request",
    "ssl_context",
    "when_ready",
    "worker_abort",
    "worker_exit",
    "worker_int",
];

/// Longer expressions are cut: they are shown, never read.
const SHOWN: usize = 120;

/// What the file sets.
#[must_use]
pub fn settings(program: &Program, text: &str) -> Vec<Setting> {
    let owned = text.to_owned();
    // The parser wants a stack of its own size; where none can be had, the file says nothing.
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || Extractor::new().extract(&owned));
    let Ok(Ok(facts)) = thread.map(std::thread::JoinHandle::join) else {
        return Vec::new();
    };
    let module = Module {
        path: "config.py".into(),
        name: "config".into(),
        is_package: false,
        text: text.to_owned(),
        facts,
        line_starts: vec![0],
        verbatim: true,
    };
    let project = Project::new(vec![module], &[]);
    let scopes = Scopes::new(&project);
    let facts = &project.module(ModuleId(0)).facts;
    let mut out: Vec<Setting> = Vec::new();
    let mut set = |name: &str, value: Option<String>| {
        let field = program.setting(name);
        if field.is_some() || OTHERS.contains(&name) {
            // The last assignment counts.
            out.retain(|s| s.name != name);
            out.extend(value.map(|v| Setting::new(field, name, Some(v))));
        }
    };
    for &id in facts.stmts_of(facts.body) {
        match &facts.stmt(id).kind {
            StmtKind::Assign { targets, value } => {
                for &target in facts.exprs_of(*targets) {
                    if matches!(facts.expr(target).kind, ExprKind::Name) {
                        set(
                            facts.expr(target).span.of(text),
                            shown(&scopes, *value, text),
                        );
                    }
                }
            }
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                set(
                    facts.expr(*target).span.of(text),
                    shown(&scopes, *value, text),
                );
            }
            _ => {}
        }
    }
    for &id in facts.stmts_of(facts.body) {
        if let StmtKind::FunctionDef(f) = facts.stmt(id).kind {
            let name = facts.function(f).name.of(text);
            if HOOKS.contains(&name) {
                out.push(Setting::new(None, name, None));
            }
        }
    }
    out
}

/// A value as text: what it is worth where that is plain, else how it is written.
fn shown(scopes: &Scopes<'_>, value: ExprId, text: &str) -> Option<String> {
    match scopes.constant(ModuleId(0), value) {
        Some(Constant::None) => None,
        Some(constant) if is_flat(&constant) => Some(plain(&constant)),
        _ => {
            let facts = &scopes.module(ModuleId(0)).facts;
            let written = facts.expr(value).span.of(text);
            let joined = written.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(joined.chars().take(SHOWN).collect())
        }
    }
}

fn is_flat(constant: &Constant) -> bool {
    match constant {
        Constant::List(items) => items.iter().all(|i| matches!(i, Constant::Str(_))),
        Constant::Map(_) => false,
        _ => true,
    }
}

fn plain(constant: &Constant) -> String {
    match constant {
        Constant::Str(text) => text.clone(),
        Constant::Bool(b) => b.to_string(),
        Constant::Int(n) => n.to_string(),
        Constant::Float(n) => n.to_string(),
        Constant::List(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        _ => String::new(),
    }
}
