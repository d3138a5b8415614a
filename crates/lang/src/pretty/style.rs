//! How each form is laid out when it does not stand on one line.

/// The layout of a form that takes several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// The first parts, the name of the form included, stay on the first line; each that follows gets a line of its
    /// own, indented by two.
    Body(usize),
    /// Arguments under the first one, or indented by two if that has a line of its own.
    Call,
    /// Name and place on the first line, the value there too or indented by two.
    Assign,
    /// Elements under the first one.
    Data,
    /// Pairs under the first one.
    Map,
    /// `...` and what it spreads.
    Spread,
    /// The forms of a file.
    File,
}

/// What a form is to the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An expression, a pattern, a name.
    Plain,
    /// A clause: a condition or pattern, then expressions.
    Clause,
    /// A parameter list.
    Parameters,
    /// What an `each` goes over, and the names before it.
    Binding,
}

/// The style of a `(…)` with this first word, if it begins with one.
pub(super) fn style(role: Role, head: Option<&str>) -> Style {
    match (role, head) {
        (Role::Parameters, _) => Style::Data,
        (Role::Binding, _) => Style::Body(usize::MAX),
        (Role::Clause, Some("after")) => Style::Body(2),
        (Role::Clause, _) => Style::Body(1),
        (Role::Plain, None) => Style::Data,
        (Role::Plain, Some(head)) => match head {
            "def" | "class" => Style::Body(3),
            "lambda" | "module" | "if" | "when" | "unless" | "while" | "match" | "each" | "catch" => Style::Body(2),
            "for" => Style::Body(4),
            "begin" | "switch" | "cond" | "try" | "finally" | "receive" => Style::Body(1),
            "var" | "const" | "set" | "+=" | "-=" | "*=" | "/=" => Style::Assign,
            _ => Style::Call,
        },
    }
}

/// What the part with a number is to a `(…)` with this first word.
pub(super) fn part(role: Role, head: Option<&str>, number: usize) -> Role {
    match (role, head, number) {
        (Role::Plain, Some("def"), 2) | (Role::Plain, Some("lambda"), 1) => Role::Parameters,
        (Role::Plain, Some("each"), 1) => Role::Binding,
        (Role::Plain, Some("switch" | "cond" | "receive"), 1..) | (Role::Plain, Some("match"), 2..) => Role::Clause,
        _ => Role::Plain,
    }
}
