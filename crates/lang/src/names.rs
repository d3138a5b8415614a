//! Names that the language gives a meaning, and names that resemble each other.

pub use iridium_bytecode::nearest::nearest;
use iridium_isa::stack::StackOp;

/// The forms: a list that begins with one of these is no call.
pub const FORMS: &[&str] = &[
    "var", "const", "set", "++", "--", "+=", "-=", "*=", "/=", "begin", "when", "unless", "if", "switch", "cond",
    "while", "for", "each", "and", "or", "not", "def", "lambda", "return", "break", "continue", "class", "new", "prop",
    ".", "super", "try", "throw", "match", "module", "import", "export", "receive",
];

/// The native that gives the messages of the mailbox, until a time has passed. No program can name it.
pub(crate) const MAILBOX: &str = "%mailbox";

/// The native that removes a message from the mailbox. No program can name it.
pub(crate) const TAKE: &str = "%take";

/// Names that are values, and no variables.
const LITERALS: &[&str] = &["null", "true", "false", "inf", "-inf", "nan"];

/// Names that begin the clauses of forms.
const CLAUSES: &[&str] = &["else", "catch", "finally", "after"];

/// Whether no variable may have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    FORMS.contains(&name) || LITERALS.contains(&name) || CLAUSES.contains(&name)
}

/// Whether this name is a value, as a number is.
pub(crate) fn is_literal(name: &str) -> bool {
    LITERALS.contains(&name)
}

/// How Eva writes what has this name in other languages: a form, in brackets, or a name.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "let" | "let*" | "local" | "defvar" | "setq" => "(var name value)",
        "define" | "defn" | "defun" | "function" | "fun" => "(def name (parameter…) body…)",
        "fn" | "func" | "λ" => "(lambda (parameter…) body…)",
        "do" | "progn" => "(begin e…)",
        "foreach" | "for-each" | "doseq" | "dolist" => "(each (element collection) body…)",
        "case" => "(match value (pattern body…)…)",
        "raise" => "(throw value)",
        "require" | "use" | "include" => "(import M)",
        "nil" | "None" | "undefined" => "null",
        "True" | "#t" => "true",
        "False" | "#f" => "false",
        "NaN" => "nan",
        "Infinity" => "inf",
        "&&" => "and",
        "||" => "or",
        "!" => "not",
        "===" => "==",
        "!==" | "<>" => "!=",
        "mod" => "%",
        "println" | "puts" | "echo" => "print",
        "length" | "size" => "len",
        "append" => "push",
        "nth" => "get",
        "fold" | "foldl" => "reduce",
        "str-concat" | "string-append" => "str",
        _ => return None,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_languages_are_no_names_here() {
        for name in FORMS.iter().chain(LITERALS).chain(CLAUSES).chain(OPERATORS) {
            assert_eq!(elsewhere(name), None, "{name}");
        }
    }
}
