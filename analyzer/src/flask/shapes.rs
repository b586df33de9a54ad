//! What a function returns, as far as the form of its return statements tells.

use std::collections::HashMap;

use model::{Constant, Op, Shape};

use crate::python::facts::{
    BinaryOp, ComprehensionKind, ExprId, ExprKind, FunctionId, Run, StmtKind,
};
use crate::python::names::Binding;
use crate::python::project::ModuleId;

use super::meaning::{Kind, Meaning, Reader};
use super::touches::{Site, span};
use super::vocabulary;

/// Ids of the functions that are in the model.
pub type Ids = HashMap<(ModuleId, FunctionId), String>;

const DEPTH: u32 = 10;

/// Steps for one return: what needs more is no form that tells anything.
const FUEL: u32 = 200;

/// The shape of the expression `e`, standing in `f`.
pub fn shape(
    reader: &mut Reader<'_, '_>,
    ids: &Ids,
    m: ModuleId,
    f: Option<FunctionId>,
    e: ExprId,
) -> Shape {
    Shapes {
        reader,
        ids,
        f,
        fuel: FUEL,
    }
    .of(m, e, 0)
}

struct Shapes<'r, 's, 'p, 'i> {
    reader: &'r mut Reader<'s, 'p>,
    ids: &'i Ids,
    f: Option<FunctionId>,
    fuel: u32,
}

impl Shapes<'_, '_, '_, '_> {
    fn of(&mut self, m: ModuleId, e: ExprId, depth: u32) -> Shape {
        if depth > DEPTH || self.fuel == 0 {
            return Shape::Unknown;
        }
        self.fuel -= 1;
        let site = Site::new(self.reader.scopes, m);
        let depth = depth + 1;
        match site.facts.expr(e).kind {
            ExprKind::Str | ExprKind::FString(_) => Shape::Text,
            ExprKind::Bytes => Shape::Bytes,
            ExprKind::Dict(_)
            | ExprKind::List(_)
            | ExprKind::Comprehension {
                kind: ComprehensionKind::List | ComprehensionKind::Dict,
                ..
            } => Shape::Json,
            ExprKind::None => Shape::Nothing,
            ExprKind::Tuple(run) => self.tuple(m, run, depth),
            ExprKind::Await(inner) | ExprKind::Named { value: inner, .. } => {
                self.of(m, inner, depth)
            }
            ExprKind::Conditional { body, orelse, .. } => {
                let (a, b) = (self.of(m, body, depth), self.of(m, orelse, depth));
                join(a, &b)
            }
            ExprKind::Bool { left, right, .. } => {
                let (a, b) = (self.of(m, left, depth), self.of(m, right, depth));
                join(a, &b)
            }
            ExprKind::Binary {
                op: BinaryOp::Add,
                left,
                right,
            } => {
                let sides = (self.of(m, left, depth), self.of(m, right, depth));
                match sides {
                    (Shape::Text, _) | (_, Shape::Text) => Shape::Text,
                    (Shape::Bytes, _) | (_, Shape::Bytes) => Shape::Bytes,
                    (Shape::Json, _) | (_, Shape::Json) => Shape::Json,
                    _ => Shape::Unknown,
                }
            }
            ExprKind::Binary {
                op: BinaryOp::Mod | BinaryOp::Mul,
                left,
                ..
            } => match self.of(m, left, depth) {
                found @ (Shape::Text | Shape::Bytes) => found,
                _ => Shape::Unknown,
            },
            ExprKind::Call { callee, .. } => self.call(m, e, callee, depth),
            ExprKind::Name => self.name(m, e, depth),
            ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => self.value(m, e),
            _ => Shape::Unknown,
        }
    }

    fn value(&mut self, m: ModuleId, e: ExprId) -> Shape {
        match self.reader.meaning(m, e) {
            Meaning::Value(Kind::Response) => Shape::Response,
            _ => Shape::Unknown,
        }
    }

    fn name(&mut self, m: ModuleId, e: ExprId, depth: u32) -> Shape {
        match self.reader.scopes.name(m, e) {
            Binding::Value(at, values) | Binding::Reassigned(at, _, _, values) => {
                let mut found: Option<Shape> = None;
                for &value in values.iter() {
                    let next = self.of(at, value, depth);
                    found = Some(match found {
                        None => next,
                        Some(before) => join(before, &next),
                    });
                }
                match found {
                    // A tuple held in a variable: its elements stand elsewhere.
                    Some(Shape::Tuple { .. }) | None => Shape::Unknown,
                    Some(found) => found,
                }
            }
            _ => self.value(m, e),
        }
    }

    fn tuple(&mut self, m: ModuleId, run: Run, depth: u32) -> Shape {
        let site = Site::new(self.reader.scopes, m);
        let elements = site.facts.exprs_of(run);
        let body = elements
            .first()
            .map_or(Shape::Unknown, |&e| self.of(m, e, depth));
        let second = elements.get(1).copied();
        let status = second.and_then(|e| self.status(m, e));
        let second_is_status = second.and_then(|e| match site.facts.expr(e).kind {
            _ if status.is_some() => Some(true),
            ExprKind::Dict(_) | ExprKind::List(_) => Some(false),
            ExprKind::Str => Some(true),
            _ => match self.reader.scopes.constant(m, e) {
                Some(Constant::Map(_) | Constant::List(_)) => Some(false),
                Some(Constant::Str(_)) => Some(true),
                // `body, status, headers` has its status in the middle.
                _ if elements.len() == 3 => Some(true),
                _ if self.is_status_name(m, e) => Some(true),
                _ => None,
            },
        });
        Shape::Tuple {
            elements: elements
                .iter()
                .map(|&e| span(site.facts.expr(e).span))
                .collect(),
            body: Box::new(body),
            status,
            second_is_status,
        }
    }

    /// A status written out, named by a constant, or of `http.HTTPStatus`.
    fn status(&mut self, m: ModuleId, e: ExprId) -> Option<i64> {
        if let Some(Constant::Int(n)) = self.reader.scopes.constant(m, e) {
            return Some(n);
        }
        let mut path = self.reader.dotted(m, e)?;
        if let Some(stripped) = path.strip_suffix(".value") {
            path = stripped.to_owned();
        }
        let name = path
            .strip_prefix("http.HTTPStatus.")
            .or_else(|| path.strip_prefix("http.client."))?;
        http_status(name)
    }

    fn is_status_name(&mut self, m: ModuleId, e: ExprId) -> bool {
        self.reader
            .dotted(m, e)
            .is_some_and(|p| p.starts_with("http.HTTPStatus") || p.starts_with("http.client."))
    }

    fn call(&mut self, m: ModuleId, e: ExprId, callee: ExprId, depth: u32) -> Shape {
        let site = Site::new(self.reader.scopes, m);
        match self.reader.meaning(m, callee) {
            Meaning::Framework(name) => framework(&name),
            Meaning::Function(at, f) => match self.ids.get(&(at, f)) {
                Some(id) => Shape::Call(id.clone()),
                None => self.returned(at, f, depth),
            },
            // The function that a decorator was given.
            Meaning::Parameter(pm, pf, _) if pm == m && Some(pf) != self.f => {
                Shape::Call("<wrapped>".into())
            }
            Meaning::Builtin => match site.source(callee) {
                "str" | "repr" | "format" | "chr" | "ascii" | "hex" => Shape::Text,
                "dict" | "list" | "sorted" => Shape::Json,
                "bytes" => Shape::Bytes,
                _ => Shape::Unknown,
            },
            _ => {
                if let Shape::Response = self.value(m, e) {
                    return Shape::Response;
                }
                self.method(m, callee, depth)
            }
        }
    }

    fn method(&mut self, m: ModuleId, callee: ExprId, depth: u32) -> Shape {
        let site = Site::new(self.reader.scopes, m);
        let kind = site.facts.expr(callee).kind;
        // `current_app.ensure_sync(view)(**kwargs)`
        if let ExprKind::Call {
            callee: inner,
            args,
        } = kind
            && let ExprKind::Attribute { name, .. } = site.facts.expr(inner).kind
            && site.text(name) == "ensure_sync"
            && let [one] = site.facts.args_of(args)
            && matches!(self.reader.meaning(m, one.value), Meaning::Parameter(..))
        {
            return Shape::Call("<wrapped>".into());
        }
        let ExprKind::Attribute { value, name } = kind else {
            return Shape::Unknown;
        };
        let name = site.text(name);
        match name {
            "isoformat" | "strftime" | "hexdigest" | "decode" => return Shape::Text,
            "encode" => return Shape::Bytes,
            _ => {}
        }
        match self.of(m, value, depth) {
            Shape::Text => match name {
                "split" | "splitlines" | "rsplit" => Shape::Json,
                "join" | "format" | "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "title"
                | "capitalize" | "replace" | "format_map" | "translate" | "zfill" | "ljust"
                | "rjust" | "center" | "swapcase" | "expandtabs" | "casefold" | "removeprefix"
                | "removesuffix" => Shape::Text,
                _ => Shape::Unknown,
            },
            Shape::Bytes if matches!(name, "join" | "strip" | "replace") => Shape::Bytes,
            Shape::Json if name == "copy" => Shape::Json,
            _ => match self.reader.dotted(m, callee).as_deref() {
                Some("json.dumps" | "html.escape" | "urllib.parse.urlencode" | "os.path.join") => {
                    Shape::Text
                }
                _ => Shape::Unknown,
            },
        }
    }

    /// A function that is not in the model: what all its returns are.
    fn returned(&mut self, m: ModuleId, f: FunctionId, depth: u32) -> Shape {
        let site = Site::new(self.reader.scopes, m);
        if site.facts.function(f).is_generator {
            return Shape::Unknown;
        }
        let mut found: Option<Shape> = None;
        for stmt in site.tree.returns(f) {
            let StmtKind::Return(value) = site.facts.stmt(stmt).kind else {
                continue;
            };
            let next = value.map_or(Shape::Nothing, |v| self.of(m, v, depth + 2));
            found = Some(match found {
                None => next,
                Some(before) => join(before, &next),
            });
        }
        match found {
            // The spans of such a tuple are of another function.
            Some(Shape::Tuple { .. }) | None => Shape::Unknown,
            Some(found) => found,
        }
    }
}

fn join(a: Shape, b: &Shape) -> Shape {
    if a == *b {
        a
    } else if a == Shape::Unknown || *b == Shape::Unknown {
        Shape::Unknown
    } else {
        Shape::Mixed
    }
}

fn framework(name: &str) -> Shape {
    if name.starts_with("exceptions.") {
        return Shape::Response;
    }
    match vocabulary::function_op(name) {
        Some(Op::Render { .. } | Op::RenderSource | Op::UrlFor { .. } | Op::Markup) => Shape::Text,
        Some(
            Op::Reply
            | Op::Redirect
            | Op::MakeResponse
            | Op::NewResponse
            | Op::SendFile
            | Op::SendFromDirectory,
        ) => Shape::Response,
        Some(Op::Abort { .. } | Op::Flash) => Shape::Nothing,
        Some(Op::FlashedMessages) => Shape::Json,
        Some(Op::JsonText { name }) if name == "dumps" => Shape::Text,
        _ => Shape::Unknown,
    }
}

/// The number of a name of `http.HTTPStatus`.
pub(super) fn http_status(name: &str) -> Option<i64> {
    Some(match name {
        "OK" => 200,
        "CREATED" => 201,
        "ACCEPTED" => 202,
        "NON_AUTHORITATIVE_INFORMATION" => 203,
        "NO_CONTENT" => 204,
        "RESET_CONTENT" => 205,
        "PARTIAL_CONTENT" => 206,
        "MULTI_STATUS" => 207,
        "MULTIPLE_CHOICES" => 300,
        "MOVED_PERMANENTLY" => 301,
        "FOUND" => 302,
        "SEE_OTHER" => 303,
        "NOT_MODIFIED" => 304,
        "TEMPORARY_REDIRECT" => 307,
        "PERMANENT_REDIRECT" => 308,
        "BAD_REQUEST" => 400,
        "UNAUTHORIZED" => 401,
        "PAYMENT_REQUIRED" => 402,
        "FORBIDDEN" => 403,
        "NOT_FOUND" => 404,
        "METHOD_NOT_ALLOWED" => 405,
        "NOT_ACCEPTABLE" => 406,
        "REQUEST_TIMEOUT" => 408,
        "CONFLICT" => 409,
        "GONE" => 410,
        "LENGTH_REQUIRED" => 411,
        "PRECONDITION_FAILED" => 412,
        "REQUEST_ENTITY_TOO_LARGE" => 413,
        "REQUEST_URI_TOO_LONG" => 414,
        "UNSUPPORTED_MEDIA_TYPE" => 415,
        "REQUESTED_RANGE_NOT_SATISFIABLE" => 416,
        "EXPECTATION_FAILED" => 417,
        "IM_A_TEAPOT" => 418,
        "UNPROCESSABLE_ENTITY" => 422,
        "LOCKED" => 423,
        "FAILED_DEPENDENCY" => 424,
        "PRECONDITION_REQUIRED" => 428,
        "TOO_MANY_REQUESTS" => 429,
        "REQUEST_HEADER_FIELDS_TOO_LARGE" => 431,
        "UNAVAILABLE_FOR_LEGAL_REASONS" => 451,
        "INTERNAL_SERVER_ERROR" => 500,
        "NOT_IMPLEMENTED" => 501,
        "BAD_GATEWAY" => 502,
        "SERVICE_UNAVAILABLE" => 503,
        "GATEWAY_TIMEOUT" => 504,
        "HTTP_VERSION_NOT_SUPPORTED" => 505,
        _ => return None,
    })
}
