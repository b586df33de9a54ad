//! Touches: the places where app code meets its framework.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::place::Span;

/// One place where app code touches the framework.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Touch {
    /// What is asked of the framework.
    pub op: Op,
    /// 1-based line.
    pub line: u32,
    /// The whole expression: call, attribute chain or subscript, as far as the op goes
    /// (`request.form["title"]`, `flash(error)`, `app.config`, `"q" in request.args`); an `await`
    /// of the framework's own value is part of it (`await request.get_json()`).
    pub span: Span,
    /// The value it starts from, so that its text can be exchanged for another expression of the
    /// same kind. Of an op with [`Access`]: the mapping (`request.form`, `session`, `g`, or a local
    /// name bound to one; `await request.form` with its `await`). Of another op on a request, app,
    /// blueprint, response or upload: that object (`request`, `app`, `app.cli`, `resp`). Of a
    /// function or type of the framework: its name as written (`flash`, `flask.flash`). Of an
    /// import: the bound name. Equal to `span` where the value itself is what is meant.
    pub receiver: Span,
    /// Arguments, if the op is a call or a subscript.
    pub arguments: Vec<Argument>,
    /// Syntactic surroundings.
    pub context: Context,
    /// What happens to its value.
    pub outcome: Outcome,
    /// The value it acts on.
    pub subject: Subject,
}

/// An argument of a touch.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Argument {
    /// Position, name, or starred.
    pub passed: Passed,
    /// The value's text.
    pub value: Span,
    /// The whole argument, `name=` included.
    pub span: Span,
    /// Its value where it can be computed.
    pub constant: Option<Constant>,
}

/// How an argument is passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// By position, counted from 0.
    Position(u32),
    /// `name=value`.
    Keyword(String),
    /// `*value`
    Star,
    /// `**value`
    DoubleStar,
}

/// A constant of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Constant {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text.
    Str(String),
    /// A list or tuple.
    List(Vec<Constant>),
    /// A dict with text keys.
    Map(BTreeMap<String, Constant>),
}

/// Syntactic surroundings of a touch: what an edit may turn it into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// A statement of its own.
    Statement,
    /// The value (or part of the value) of a `return`.
    Return,
    /// The test of `if`, `while`, a conditional expression or an `assert`.
    Condition,
    /// Inside a lambda.
    Lambda,
    /// Inside a comprehension.
    Comprehension,
    /// A decorator.
    Decorator,
    /// A parameter's default value.
    Default,
    /// The left side of an assignment, or `del`.
    Target,
    /// An import statement.
    Import,
    /// An annotation.
    Annotation,
    /// A pattern of a `match`: only a dotted name can stand there.
    Pattern,
    /// Any other expression.
    Expression,
}

/// What happens to the value of a touch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing: an expression statement.
    Discarded,
    /// Bound to a local name.
    Bound(String),
    /// Returned as it is, or as the first element of a returned tuple.
    Returned,
    /// An operand, argument or part of something else.
    Used,
}

/// The value that a touch acts on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The application object; index into [`crate::Analysis::apps`] where known.
    App(Option<usize>),
    /// A blueprint; index into [`crate::Analysis::blueprints`] where known.
    Blueprint(Option<usize>),
    /// The current request.
    Request,
    /// The session.
    Session,
    /// The per-request namespace.
    Globals,
    /// A response in the making (a local name; empty when it has none: `jsonify(…).headers`).
    Response(String),
    /// An uploaded file (a local name; empty when it has none).
    Upload(String),
    /// The framework as such (a function imported from it).
    Framework,
}

/// What is asked of the framework, in neutral vocabulary.
///
/// A target lists the ops that it lowers; a function with another op is not ported natively.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    // ---- module level: imports and registration
    /// An imported name of the framework, one touch each (`flash`, `url_for`, …).
    Import {
        /// Canonical name in the framework, e.g. `Blueprint`, `abort`, `exceptions.NotFound`;
        /// `framework` for the package itself or a module of it.
        name: String,
        /// The name it is bound to here.
        bound: String,
    },
    /// The application is created.
    CreateApp,
    /// A blueprint is created.
    CreateBlueprint,
    /// A blueprint is mounted on an app or on another blueprint.
    Mount,
    /// A route is registered: by decorator or call.
    Route,
    /// A URL is named that no view of its own answers.
    NameUrl,
    /// A hook is registered.
    Hook {
        /// When it runs.
        when: HookTime,
        /// For the whole app, or for one blueprint's requests.
        scope: HookScope,
    },
    /// An error handler is registered.
    ErrorHandler {
        /// For the whole app, or for one blueprint's requests.
        scope: HookScope,
    },
    /// A template filter, test or global is registered.
    TemplateExtension {
        /// Which.
        kind: TemplateExtensionKind,
    },
    /// A command-line command is registered.
    Command,
    // ---- application
    /// The configuration, read or written.
    Config,
    /// The path of the instance folder.
    InstancePath,
    /// The path of the package.
    RootPath,
    /// The app's logger.
    Logger,
    /// The signing secret as an attribute of the app.
    SecretKey,
    /// A file of the package is opened.
    OpenResource,
    /// An app context is entered.
    AppContext,
    /// The development server is started.
    RunServer,
    /// Another attribute of the application object.
    AppAttribute {
        /// Its name.
        name: String,
    },
    /// The ambient application, passed on or bound.
    CurrentApp,
    /// The application object or a blueprint itself, passed on, returned or bound (the subject tells
    /// which).
    App,
    // ---- request
    /// Query arguments.
    Query {
        /// How they are read.
        access: Access,
    },
    /// Form fields.
    Form {
        /// How they are read.
        access: Access,
    },
    /// Uploaded files.
    Files {
        /// How they are read.
        access: Access,
    },
    /// An attribute or method of an uploaded file.
    Upload {
        /// Its name.
        name: String,
    },
    /// Query arguments and form fields together.
    Values {
        /// How they are read.
        access: Access,
    },
    /// The JSON body.
    Json,
    /// The raw body.
    RawBody,
    /// The method.
    Method,
    /// The path.
    Path,
    /// A URL of the request: `url`, `base_url`, `host`, `full_path`, ….
    Url {
        /// Which attribute.
        part: String,
    },
    /// Request headers.
    Headers {
        /// How they are read.
        access: Access,
    },
    /// Request cookies.
    Cookies {
        /// How they are read.
        access: Access,
    },
    /// The endpoint, the blueprint, the rule or the arguments that matched.
    Matched {
        /// Which attribute.
        part: String,
    },
    /// The client's address.
    RemoteAddress,
    /// Another attribute of the request.
    RequestAttribute {
        /// Its name.
        name: String,
    },
    /// The request itself, passed on or bound.
    Request,
    // ---- session and globals
    /// The session, read or written.
    Session {
        /// How.
        access: Access,
    },
    /// The per-request namespace, read or written.
    Globals {
        /// How.
        access: Access,
    },
    /// A message for the next page.
    Flash,
    /// The messages for this page.
    FlashedMessages,
    // ---- response
    /// A URL is built from an endpoint.
    UrlFor {
        /// The endpoint, where constant.
        endpoint: Option<String>,
    },
    /// A redirect response.
    Redirect,
    /// The request is ended with a status.
    Abort {
        /// The status, where constant.
        status: Option<i64>,
    },
    /// A template is rendered to text.
    Render {
        /// Its name, where constant.
        template: Option<String>,
    },
    /// A template's source is rendered.
    RenderSource,
    /// A JSON response.
    Reply,
    /// A response object is made from a value.
    MakeResponse,
    /// A response object is constructed.
    NewResponse,
    /// A file is sent.
    SendFile,
    /// A file below a folder is sent.
    SendFromDirectory,
    /// A cookie is set or deleted on a response.
    Cookie,
    /// A header, status or another part of a response in the making.
    ResponseAttribute {
        /// Its name (`status_code`, `headers`; `headers.add` for a method of a part).
        name: String,
    },
    /// A stream that keeps the request's context.
    Stream,
    /// Whether a request (else only an application) is being served.
    HasContext {
        /// Asks for a request.
        request: bool,
    },
    /// JSON text, written or read by the app's own provider.
    JsonText {
        /// `dumps`, `loads`, `dump`, `load`.
        name: String,
    },
    /// A callback after this request.
    AfterThisRequest,
    /// Text marked safe, or escaped.
    Markup,
    /// A type of the framework, named in an annotation, a base, an `except` or a type test.
    Type {
        /// Canonical name: `Response`, `exceptions.NotFound`, `views.MethodView`.
        name: String,
    },
    // ---- not understood
    /// Something of the framework that this vocabulary does not name.
    Other {
        /// Canonical dotted name.
        name: String,
    },
}

/// How a mapping is used.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// `m["k"]`, `m.k`
    Item {
        /// The key, where constant.
        key: Option<String>,
    },
    /// `m.get("k", default, type=…)`
    Get {
        /// The key, where constant.
        key: Option<String>,
    },
    /// `m.getlist("k")`
    All {
        /// The key, where constant.
        key: Option<String>,
    },
    /// `"k" in m`
    Contains {
        /// The key, where constant.
        key: Option<String>,
    },
    /// `m["k"] = v`, `m.k = v`
    Set {
        /// The key, where constant.
        key: Option<String>,
    },
    /// `del m["k"]`, `m.pop("k")`
    Delete {
        /// The key, where constant.
        key: Option<String>,
    },
    /// Another method.
    Method {
        /// Its name.
        name: String,
    },
    /// The mapping as a whole.
    Whole,
}

/// When a hook runs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HookTime {
    /// Before the view.
    Before,
    /// After the view, with the response.
    After,
    /// At the end of the request, always.
    Teardown,
    /// At the end of the app context.
    TeardownApp,
    /// Adds variables to templates.
    TemplateContext,
    /// Changes URL values before matching or building.
    UrlValues,
    /// At the start of serving.
    Startup,
    /// At the end of serving.
    Shutdown,
}

/// Whose requests a hook or handler serves.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HookScope {
    /// The whole app, registered on it.
    App,
    /// The whole app, registered on a blueprint.
    AppFromBlueprint,
    /// The blueprint's own requests.
    Blueprint,
}

/// What is added to the template environment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TemplateExtensionKind {
    /// A filter.
    Filter,
    /// A test.
    Test,
    /// A global.
    Global,
}
