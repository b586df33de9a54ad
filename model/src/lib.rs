//! The documents that pass between the parts of `migrate`, as plain data.
//!
//! ```text
//! source tree ──analyzer──▶ Analysis ──codegen──▶ Port (files, verdicts, deviations) ──verify──▶ Proof
//! ```
//!
//! What this crate deliberately is not: it holds no syntax tree, parses nothing, reads no file, and
//! names no framework's spelling. A [`Touch`] says *what* a place of the app asks of its framework
//! ([`Op`]), never how Flask writes it; codegen decides from that alone.

pub mod analysis;
pub mod body;
pub mod extension;
pub mod finding;
pub mod function;
pub mod glob;
pub mod hook;
pub mod place;
pub mod port;
pub mod proof;
pub mod readiness;
pub mod route;
pub mod server;
pub mod template;
pub mod touch;
pub mod words;

pub use analysis::{Analysis, App, AppOption, Blueprint, FileInfo, Mount};
pub use body::Body;
pub use extension::{Extension, ExtensionOffer, ExtensionStep, ExtensionUse, OfferKind};
pub use finding::{Code, Finding, Severity};
pub use function::{Decoration, Effect, Function, Parameter, ReturnSite, Role, Shape};
pub use hook::{ErrorKey, Hook, HookKind};
pub use place::{Place, Span};
pub use port::{
    Deviation, DeviationWhen, FunctionVerdict, Lines, PortDocument, Reason, ReviewPair,
    RouteVerdict, Run, Serve, Summary, Verdict,
};
pub use proof::{
    Coverage, Difference, Occurrence, Outcome as RouteOutcome, Proof, RouteProof, SentRequest,
    SuiteCase, SuiteProof, SuiteVerdict, TestOutcome,
};
pub use readiness::{
    Blocker, Effort, EffortItem, ExtensionFate, Obstacle, Readiness, SupportModule,
};
pub use route::{Certainty, Registration, Route, ViewRef};
pub use server::{
    Bind, BindKind, CommandArgument, CommandForm, CommandLine, CommandVariable, Proxies, Recycling,
    Server, ServerOption, Task, Timeouts, Tls,
};
pub use template::{
    Edge, EdgeKind, Engine, Field, Form, Link, RenderSite, Template, TemplateError, TemplateUrl,
};
pub use touch::{Argument, Constant, Context, Op, Outcome, Passed, Subject, Touch};
pub use words::{Asked, Words};
