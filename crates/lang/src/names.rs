//! Names that the language gives a meaning, and names that resemble each other.

use iridium_isa::stack::StackOp;

/// The forms: a list that begins with one of these is no call.
pub const FORMS: &[&str] = &[
    "var", "const", "set", "++", "--", "+=", "-=", "*=", "/=", "begin", "when", "unless", "if", "switch", "cond",
    "while", "for", "each", "and", "or", "not", "def", "lambda", "return", "break", "continue", "class", "new", "prop",
    ".", "super", "try", "throw", "match", "module", "import", "export", "receive",
];

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

/// The name that resembles `wanted` most, if one resembles it enough to be what was meant.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted_chars: Vec<char> = wanted.chars().take(64).collect();
    let limit = match wanted_chars.len() {
        0..=4 => 1,
        5..=7 => 2,
        more => more / 3,
    };
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let Some(distance) = distance(&wanted_chars, name, limit) else { continue };
        // In a tie the alphabet decides: the order of a hash map must not show.
        if name != wanted && best.is_none_or(|(other, known)| (distance, name) < (other, known)) {
            best = Some((distance, name));
        }
    }
    // One letter for one letter is no resemblance.
    best.filter(|(distance, name)| *distance < name.chars().count().max(wanted_chars.len())).map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours between two names, if no more than `limit`.
fn distance(a: &[char], b: &str, limit: usize) -> Option<usize> {
    let b: Vec<char> = b.chars().take(80).collect();
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let mut cost = (row[j - 1] + usize::from(a[i - 1] != b[j - 1])).min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|distance| *distance <= limit)
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

    #[test]
    fn nearest_names() {
        let names = ["print", "push", "put", "length", "x", "String"];
        let near = |wanted| nearest(wanted, names.iter().copied());
        assert_eq!(near("pritn"), Some("print"));
        assert_eq!(near("lenght"), Some("length"));
        assert_eq!(near("pus"), Some("push"));
        assert_eq!(near("Strin"), Some("String"));
        assert_eq!(near("y"), None);
        assert_eq!(near("unrelated"), None);
    }
}
