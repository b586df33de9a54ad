//! What an op needs of the framework.

use model::{Effect, Op, Role};

/// The effects of one op.
#[must_use]
pub fn of(op: &Op) -> &'static [Effect] {
    match op {
        Op::Query { .. }
        | Op::Method
        | Op::Path
        | Op::Url { .. }
        | Op::Headers { .. }
        | Op::Cookies { .. }
        | Op::Matched { .. }
        | Op::RemoteAddress
        | Op::RequestAttribute { .. }
        | Op::Request
        | Op::HasContext { request: true }
        | Op::Stream => &[Effect::Request],
        Op::Form { .. }
        | Op::Files { .. }
        | Op::Values { .. }
        | Op::Json
        | Op::RawBody
        | Op::Upload { .. } => &[Effect::Request, Effect::Body],
        Op::Session { .. } | Op::Flash | Op::FlashedMessages => &[Effect::Session],
        Op::Globals { .. } => &[Effect::Globals],
        Op::UrlFor { .. } => &[Effect::UrlMap],
        Op::Render { .. } | Op::RenderSource => &[Effect::Templates],
        Op::Cookie | Op::ResponseAttribute { .. } | Op::AfterThisRequest => &[Effect::Response],
        Op::Abort { .. } => &[Effect::Abort],
        Op::Mount
        | Op::Route
        | Op::NameUrl
        | Op::Hook { .. }
        | Op::ErrorHandler { .. }
        | Op::TemplateExtension { .. }
        | Op::Command
        | Op::Config
        | Op::InstancePath
        | Op::RootPath
        | Op::Logger
        | Op::SecretKey
        | Op::OpenResource
        | Op::AppContext
        | Op::RunServer
        | Op::AppAttribute { .. }
        | Op::CurrentApp
        | Op::HasContext { request: false }
        | Op::JsonText { .. }
        | Op::App => &[Effect::App],
        Op::Import { .. }
        | Op::CreateApp
        | Op::CreateBlueprint
        | Op::Redirect
        | Op::Reply
        | Op::MakeResponse
        | Op::NewResponse
        | Op::SendFile
        | Op::SendFromDirectory
        | Op::Markup
        | Op::Type { .. }
        | Op::Other { .. } => &[],
    }
}

/// Of several roles, the one that says most.
#[must_use]
pub const fn rank(role: Role) -> u8 {
    match role {
        Role::View => 0,
        Role::ErrorHandler => 1,
        Role::Hook => 2,
        Role::ContextProcessor => 3,
        Role::TemplateFilter => 4,
        Role::Command => 5,
        Role::Decorator => 6,
        Role::Factory => 7,
        Role::Method => 8,
        Role::Module => 9,
        Role::Helper => 10,
    }
}
