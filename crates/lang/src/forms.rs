//! The special forms for those who look one up: how each is written, and what it does in a line.

/// A special form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormSyntax {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! forms {
    ($($name:literal $syntax:literal $doc:literal;)*) => {
        &[$(FormSyntax { name: $name, syntax: $syntax, doc: $doc }),*]
    };
}

/// All special forms, in the order of the language's description.
pub const SYNTAX: &[FormSyntax] = forms! {
    "var" "(var name value)" "Declares a variable, or those of a pattern. The value is that of the initialiser, or null.";
    "const" "(const name value)" "Declares names that `set` can't change.";
    "set" "(set place value)" "Changes a name, `o.field`, `(get c k)`, or a list or tuple of places. The value is the new one.";
    "++" "(++ place)" "Adds 1 to a place. The value is the new one.";
    "--" "(-- place)" "Takes 1 from a place. The value is the new one.";
    "+=" "(+= place value)" "Adds to a place; `(+= (get m k 0) 1)` starts from a default.";
    "-=" "(-= place value)" "Subtracts from a place.";
    "*=" "(*= place value)" "Multiplies a place.";
    "/=" "(/= place value)" "Divides a place.";
    "begin" "(begin body…)" "Expressions in a scope of their own. The value is that of the last one.";
    "when" "(when condition body…)" "The body if the condition is truthy, else null.";
    "unless" "(unless condition body…)" "The body if the condition is falsy, else null.";
    "if" "(if condition then else)" "One of two branches; null without the second.";
    "switch" "(switch (condition body…)… (else body…))" "The first clause whose condition is truthy; null if there is none.";
    "cond" "(cond (condition body…)… (else body…))" "The same as `switch`.";
    "while" "(while condition body…)" "Repeats the body as long as the condition is truthy. The value is null, or that of `break`.";
    "for" "(for init condition step body…)" "A loop with a variable: `(for (var i 0) (< i 3) (++ i) (print i))`.";
    "each" "(each (pattern collection) body…)" "Does the body for each element; `(each (k v m) …)` with key or index as well.";
    "and" "(and value…)" "The first falsy operand, or the last one; those after it are not evaluated.";
    "or" "(or value…)" "The first truthy operand, or the last one; those after it are not evaluated.";
    "not" "(not value)" "True of `null` and `false`, else false. Also a function.";
    "def" "(def name (parameter…) body…)" "Defines a function. `(n value)` is a parameter with a default, `...rest` takes what is left.";
    "lambda" "(lambda (parameter…) body…)" "A function without a name.";
    "return" "(return value)" "Leaves the nearest function; with null if there is no value.";
    "break" "(break value)" "Leaves the nearest loop, whose value it gives, or null.";
    "continue" "(continue)" "Goes on with the next turn of the nearest loop.";
    "class" "(class Name Parent members…)" "Defines a class by `def`s and `const`s. Parent is a class, or null.";
    "new" "(new Class argument…)" "Makes an instance and calls its `constructor`.";
    "prop" "(prop object name)" "A field, method, member, or key `:name` of a map; the same as `object.name`.";
    "." "(. object name argument…)" "Calls a method of any expression; more links may follow: `(. e (at w) (add v))`.";
    "super" "(super.method argument…)" "Calls the method of the parent class; `(super Class)` is the parent.";
    "try" "(try body… (catch pattern body…)… (finally body…))" "Catches what the body throws; `finally` runs on every way out.";
    "throw" "(throw value)" "Throws a value, such as `(error :kind \"message\")`.";
    "match" "(match value (pattern body…)…)" "The first clause whose pattern matches; none is a `:match-error`.";
    "module" "(module Name body…)" "A module value whose members are the names that its body defines.";
    "import" "(import Name)" "Also `(import M.N)`, `(import \"./path.eva\" as m)` and `(import (a b) M)`.";
    "export" "(export name…)" "Limits what a file or module shows to those who import it.";
    "receive" "(receive (pattern body…)… (after ms body…))" "Waits for a message that matches.";
};

/// The special form of this name.
pub fn form(name: &str) -> Option<&'static FormSyntax> {
    SYNTAX.iter().find(|form| form.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::FORMS;
    use crate::reader::read;
    use crate::source::Source;

    #[test]
    fn every_form_can_be_looked_up() {
        let known: Vec<&str> = SYNTAX.iter().map(|form| form.name).collect();
        assert_eq!(known, FORMS, "the two tables name the same forms in the same order");
        for form in SYNTAX {
            assert!(form.syntax.starts_with(&format!("({}", form.name)), "{}", form.syntax);
            let reading = read(&Source::new("", form.syntax));
            assert!(reading.diagnostics.is_empty() && reading.tree.top.len() == 1, "{}", form.syntax);
            assert!(form.doc.ends_with('.'), "{}", form.doc);
        }
    }
}
