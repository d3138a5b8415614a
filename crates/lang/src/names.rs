//! Names that the language gives a meaning, and names that resemble each other.

pub use iridium_bytecode::nearest::nearest;
use iridium_isa::stack::StackOp;

/// The forms: a list that begins with one of these is no call.
pub const FORMS: &[&str] = &[
    "var", "const", "set", "++", "--", "+=", "-=", "*=", "/=", "begin", "when", "unless", "if", "switch", "cond",
    "while", "for", "each", "and", "or", "not", "def", "lambda", "return", "break", "continue", "class", "new", "prop",
    ".", "super", "try", "throw", "match", "module", "import", "export", "receive",
];

/// Names that are no variables although they are no forms.
const RESERVED: &[&str] = &["null", "true", "false", "inf", "-inf", "nan", "else", "catch", "finally", "after"];

/// Whether no variable may have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    FORMS.contains(&name) || RESERVED.contains(&name)
}

/// Whether a list that begins with this name is a special form.
pub(crate) fn is_form(name: &str) -> bool {
    FORMS.contains(&name)
}

/// The operators, which are forms unless an own name shadows them.
pub const OPERATORS: &[&str] =
    &["+", "-", "*", "/", "div", "%", "**", "&", "|", "^", "~", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "="];

/// The instruction of an operator with two operands, or with one for `~`.
pub(crate) fn operator(name: &str) -> Option<StackOp> {
    Some(match name {
        "+" => StackOp::Add,
        "-" => StackOp::Sub,
        "*" => StackOp::Mul,
        "/" => StackOp::Div,
        "div" => StackOp::IntDiv,
        "%" => StackOp::Mod,
        "**" => StackOp::Pow,
        "&" => StackOp::BitAnd,
        "|" => StackOp::BitOr,
        "^" => StackOp::BitXor,
        "~" => StackOp::BitNot,
        "<<" => StackOp::Shl,
        ">>" => StackOp::Shr,
        "==" | "=" => StackOp::Eq,
        "!=" => StackOp::Ne,
        "<" => StackOp::Lt,
        "<=" => StackOp::Le,
        ">" => StackOp::Gt,
        ">=" => StackOp::Ge,
        _ => return None,
    })
}

/// The instruction of a prelude function that has one, for a number of arguments.
pub(crate) fn intrinsic(name: &str, arguments: usize) -> Option<StackOp> {
    Some(match (name, arguments) {
        ("len", 1) => StackOp::CallLen,
        ("get", 2) => StackOp::CallGet,
        ("get", 3) => StackOp::CallGetOr,
        ("push", 2) => StackOp::CallPush,
        ("put", 3) => StackOp::CallPut,
        _ => return None,
    })
}
