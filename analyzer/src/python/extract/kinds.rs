//! Node kinds and fields of the grammar, as small numbers looked up once.

use std::sync::OnceLock;

macro_rules! kinds {
    ($($variant:ident = $name:literal,)+) => {
        /// The node kinds that the walk knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum K { $($variant,)+ Error, Other }

        const NAMES: &[(&str, K)] = &[$(($name, K::$variant),)+];
    };
}

kinds! {
    Module = "module",
    ExpressionStatement = "expression_statement",
    Assignment = "assignment",
    AugmentedAssignment = "augmented_assignment",
    Return = "return_statement",
    If = "if_statement",
    Elif = "elif_clause",
    Else = "else_clause",
    For = "for_statement",
    While = "while_statement",
    With = "with_statement",
    WithClause = "with_clause",
    WithItem = "with_item",
    AsPattern = "as_pattern",
    AsPatternTarget = "as_pattern_target",
    Try = "try_statement",
    Except = "except_clause",
    ExceptGroup = "except_group_clause",
    Finally = "finally_clause",
    FunctionDefinition = "function_definition",
    ClassDefinition = "class_definition",
    Decorated = "decorated_definition",
    Decorator = "decorator",
    Import = "import_statement",
    ImportFrom = "import_from_statement",
    FutureImport = "future_import_statement",
    AliasedImport = "aliased_import",
    DottedName = "dotted_name",
    RelativeImport = "relative_import",
    ImportPrefix = "import_prefix",
    WildcardImport = "wildcard_import",
    Global = "global_statement",
    Nonlocal = "nonlocal_statement",
    Delete = "delete_statement",
    Assert = "assert_statement",
    Raise = "raise_statement",
    Pass = "pass_statement",
    Break = "break_statement",
    Continue = "continue_statement",
    Print = "print_statement",
    Exec = "exec_statement",
    Match = "match_statement",
    Case = "case_clause",
    TypeAlias = "type_alias_statement",
    Block = "block",
    Comment = "comment",
    LineContinuation = "line_continuation",
    Identifier = "identifier",
    Attribute = "attribute",
    Call = "call",
    ArgumentList = "argument_list",
    KeywordArgument = "keyword_argument",
    Subscript = "subscript",
    Slice = "slice",
    Str = "string",
    ConcatenatedString = "concatenated_string",
    StringStart = "string_start",
    StringContent = "string_content",
    Interpolation = "interpolation",
    FormatSpecifier = "format_specifier",
    TypeConversion = "type_conversion",
    Integer = "integer",
    Float = "float",
    True = "true",
    False = "false",
    None = "none",
    Ellipsis = "ellipsis",
    Tuple = "tuple",
    TuplePattern = "tuple_pattern",
    PatternList = "pattern_list",
    ExpressionList = "expression_list",
    List = "list",
    ListPattern = "list_pattern",
    Set = "set",
    Dictionary = "dictionary",
    Pair = "pair",
    UnaryOperator = "unary_operator",
    NotOperator = "not_operator",
    BinaryOperator = "binary_operator",
    BooleanOperator = "boolean_operator",
    Comparison = "comparison_operator",
    Conditional = "conditional_expression",
    Lambda = "lambda",
    ListComprehension = "list_comprehension",
    SetComprehension = "set_comprehension",
    DictionaryComprehension = "dictionary_comprehension",
    Generator = "generator_expression",
    ForIn = "for_in_clause",
    IfClause = "if_clause",
    ListSplat = "list_splat",
    ListSplatPattern = "list_splat_pattern",
    ParenthesizedListSplat = "parenthesized_list_splat",
    DictionarySplat = "dictionary_splat",
    DictionarySplatPattern = "dictionary_splat_pattern",
    Await = "await",
    Yield = "yield",
    Named = "named_expression",
    Parenthesized = "parenthesized_expression",
    Type = "type",
    Parameters = "parameters",
    LambdaParameters = "lambda_parameters",
    DefaultParameter = "default_parameter",
    TypedParameter = "typed_parameter",
    TypedDefaultParameter = "typed_default_parameter",
    KeywordSeparator = "keyword_separator",
    PositionalSeparator = "positional_separator",
}

/// The fields that the walk asks for.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub left: u16,
    pub right: u16,
    pub kind: u16,
    pub condition: u16,
    pub body: u16,
    pub operator: u16,
    pub name: u16,
    pub value: u16,
    pub alias: u16,
    pub module_name: u16,
    pub subject: u16,
    pub return_type: u16,
    pub superclasses: u16,
    pub object: u16,
    pub attribute: u16,
    pub function: u16,
    pub arguments: u16,
}

/// Kinds by id, and field ids.
pub(super) struct Grammar {
    kinds: Vec<K>,
    pub fields: Fields,
}

impl Grammar {
    /// The grammar's tables, made once a process.
    pub fn get() -> &'static Self {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| {
            let language: tree_sitter::Language = tree_sitter_python::LANGUAGE.into();
            let kinds = (0..language.node_kind_count())
                .map(|id| {
                    let id = id as u16;
                    if !language.node_kind_is_named(id) {
                        return K::Other;
                    }
                    let name = language.node_kind_for_id(id).unwrap_or("");
                    NAMES
                        .iter()
                        .find(|(n, _)| *n == name)
                        .map_or(K::Other, |(_, k)| *k)
                })
                .collect();
            let field = |name: &str| language.field_id_for_name(name).map_or(0, u16::from);
            Self {
                kinds,
                fields: Fields {
                    left: field("left"),
                    right: field("right"),
                    kind: field("type"),
                    condition: field("condition"),
                    body: field("body"),
                    operator: field("operator"),
                    name: field("name"),
                    value: field("value"),
                    alias: field("alias"),
                    module_name: field("module_name"),
                    subject: field("subject"),
                    return_type: field("return_type"),
                    superclasses: field("superclasses"),
                    object: field("object"),
                    attribute: field("attribute"),
                    function: field("function"),
                    arguments: field("arguments"),
                },
            }
        })
    }

    pub fn kind(&self, id: u16) -> K {
        self.kinds.get(id as usize).copied().unwrap_or(K::Error)
    }
}
