//! Programs of Eva made up from a tape of choices. They end, by their loops or by their fuel, print much on the way, and
//! fail often but seldom at once; most of them compile.

mod grammar;

use crate::choices::Choices;
use grammar::{GRAMMAR, Productions};
use std::fmt::Write;

/// Productions within each other, at most.
const MAX_DEPTH: u32 = 7;

/// Productions of a program, about.
const MAX_SIZE: usize = 350;

/// Forms at the top of a program, besides what all have.
const MAX_FORMS: usize = 10;

/// What all programs begin with: how errors are reported, two classes, and a global of each kind.
const PREAMBLE: &str = r#"(def report (e)
  (if (is? e Error)
    (print "caught" e.kind e.message (map (lambda (frame) [(get frame :function null) (get frame :line null) (get frame :column null)]) e.stack))
    (print "caught" (repr e))))
(class C0 null
  (const K 7)
  (def constructor (self (x 0)) (set self.x x))
  (def get (self) self.x)
  (def self (self) self)
  (def add (self n) (begin (+= self.x n) self))
  (def all (self a ...rest) [a ...rest self.x])
  (def iterate (self) [self.x 2 3]))
(class C1 C0
  (def constructor (self (x 1)) (begin (super.constructor x) (set self.y x)))
  (def get (self) (+ (super.get) self.y))
  (def equals? (self other) (and (is? other C0) (== self.x (prop other x))))
  (def hash (self) 1)
  (def str (self) (str "C1:" self.x))
  (def + (self other) (new C1 (+ self.x 1)))
  (def < (self other) (< self.x (prop other x)))
  (def iterate (self) (begin (var i 0) (lambda () (if (< i 3) (++ i) :done)))))
(var g-int 5) (var g-other 2) (var g-float 0.5) (var g-text "text") (var g-list [4 5 6]) (var g-map {:a 1 "k" [2]})
(var g-tuple #[:ok 1]) (var g-function (lambda (n) (+ n g-int))) (var g-instance (new C1 3)) (var g-any null) (var g-bool true)
"#;

/// The globals of the preamble, with their kinds.
const GLOBALS: &[(&str, &str)] = &[
    ("g-int", "int"),
    ("g-other", "int"),
    ("g-float", "float"),
    ("g-text", "text"),
    ("g-list", "list"),
    ("g-map", "map"),
    ("g-tuple", "tuple"),
    ("g-function", "function"),
    ("g-instance", "instance"),
    ("g-any", "any"),
    ("g-bool", "bool"),
];

const SMALL: &[&str] = &["1", "2", "-1", "0", "127", "128", "-128", "-129", "10", "255", "-3"];

const INTEGERS: &[&str] = &[
    "32767",
    "32768",
    "-32769",
    "2147483647",
    "-2147483648",
    "140737488355327",
    "-140737488355329",
    "9007199254740993",
    "18446744073709551616",
    "-170141183460469231731687303715884105728",
    "0xff",
];

/// The methods that a made-up class may have besides its constructor.
const METHODS: &[&str] = &[
    "(def get <{function>(self) <statements> (prop self x)<}>)",
    "(def add <{function>(self <bind:int>) (+= self.x <int>) self<}>)",
    "(def + <{function>(self <bind:any>) <statements> <any><}>)",
    "(def < <{function>(self <bind:any>) <bool><}>)",
    "(def str <{function>(self) <text><}>)",
    "(def equals? <{function>(self <bind:any>) <bool><}>) (def hash <{function>(self) <digit><}>)",
    "(def iterate <{function>(self) <iterable><}>)",
    "(def iterate <{function>(self) (var <name:int> 0)<declare> (lambda () (if (< <0> 3) (++ <0>) :done))<}>)",
    "(def all <{function>(self <bind:int> ...<bind:list>) (super.all <int> ...<list>)<}>)",
    "(const K <int>)",
];

/// A module, and what uses it; its body sees nothing of the file.
const MODULE: &str = "(module <bind:module> (var y <integer>) (var z [y]) (def f (n) (+ y n))
  (def g (n ...rest) (set y (+ y n (len rest)))))
(print ((prop <0> f) 1) (try ((prop <0> g) <small> ...<list>) (catch <{><name:any><declare> (report <last>)<}>)) (prop <0> y) (prop <0> z))
";

/// The program that a tape of choices makes.
pub fn program(choices: &mut Choices) -> String {
    let mut writer = Writer { choices, out: PREAMBLE.to_owned(), scopes: vec![Scope::default()], names: 0, size: 0 };
    for (name, kind) in GLOBALS {
        writer.declare((*name).to_owned(), kind, true);
    }
    for class in ["C0", "C1"] {
        writer.declare(class.to_owned(), "class", false);
    }
    for _ in 0..MAX_FORMS {
        if writer.choices.is_empty() || writer.size > MAX_SIZE {
            break;
        }
        // What fails is mostly caught, so that the program goes on; but declarations are for what follows.
        if writer.choices.once_in(12) {
            writer.expand(MODULE, 0);
        } else if writer.choices.below(5) != 0 {
            writer.expand("(try <{><statements> <any><}> (catch <{><name:any><declare> (report <last>)<}>))\n", 0);
        } else {
            writer.expand("<statement>\n", 0);
        }
    }
    writer.expand("[<any> g-int g-list g-map]\n", 2);
    writer.out
}

/// A name that is in scope.
struct Variable {
    name: String,
    kind: &'static str,
    settable: bool,
}

/// What is declared between a `<{>` and its `<}>`, and what a jump may leave there.
#[derive(Default)]
struct Scope {
    variables: Vec<Variable>,
    in_loop: bool,
    in_function: bool,
}

/// The names that a production made, and those of them that are not in scope yet.
#[derive(Default)]
struct Names {
    made: Vec<String>,
    pending: Vec<Variable>,
}

struct Writer<'a, 'c> {
    choices: &'a mut Choices<'c>,
    out: String,
    scopes: Vec<Scope>,
    names: usize,
    size: usize,
}

impl Writer<'_, '_> {
    fn declare(&mut self, name: String, kind: &'static str, settable: bool) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.push(Variable { name, kind, settable });
        }
    }

    /// Writes a production.
    fn expand(&mut self, production: &str, depth: u32) {
        self.expand_in(production, depth, &mut Names::default());
    }

    fn expand_in(&mut self, production: &str, depth: u32, names: &mut Names) {
        let mut rest = production;
        while let Some((text, after)) = rest.split_once('<') {
            self.out.push_str(text);
            // `<` alone is an operator.
            match after.split_once('>').filter(|(inside, _)| !inside.is_empty() && !inside.contains([' ', '(', ')'])) {
                Some((inside, after)) => {
                    self.part(inside, depth, names);
                    rest = after;
                }
                None => {
                    self.out.push('<');
                    rest = after;
                }
            }
        }
        self.out.push_str(rest);
    }

    /// Writes what stands between `<` and `>`.
    fn part(&mut self, part: &str, depth: u32, names: &mut Names) {
        if let Ok(number) = part.parse::<usize>() {
            self.out.push_str(&names.made[number].clone());
            return;
        }
        if part == "last" {
            self.out.push_str(names.made.last().map_or("null", String::as_str));
            return;
        }
        if let Some((how, kind)) = part.split_once(':') {
            let kind = GRAMMAR.iter().map(|row| row.name).find(|name| *name == kind).unwrap_or("module");
            match how {
                "var" => self.variable(kind, false),
                "place" => self.variable(kind, true),
                "clauses" => self.clauses(kind, depth),
                _ => {
                    let name = self.new_name(how == "fixed");
                    self.out.push_str(&name);
                    names.made.push(name.clone());
                    let variable = Variable { name, kind, settable: how != "fixed" };
                    match how {
                        "bind" => self.declare(variable.name, kind, true),
                        _ => names.pending.push(variable),
                    }
                }
            }
            return;
        }
        match part {
            "declare" => {
                for variable in names.pending.drain(..) {
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.variables.push(variable);
                    }
                }
            }
            "{" | "{loop" | "{function" => {
                let outer = self.scopes.last().map(|scope| (scope.in_loop, scope.in_function)).unwrap_or_default();
                let (in_loop, in_function) = match part {
                    "{loop" => (true, outer.1),
                    "{function" => (false, true),
                    _ => outer,
                };
                self.scopes.push(Scope { variables: Vec::new(), in_loop, in_function });
            }
            "}" => drop(self.scopes.pop()),
            "digit" => {
                let digit = self.choices.below(7);
                let _ = write!(self.out, "{digit}");
            }
            "small" => self.out.push_str(self.choices.of::<&str>(SMALL)),
            "integer" => self.out.push_str(self.choices.of::<&str>(INTEGERS)),
            "class" => self.variable("class", false),
            "jump" => self.jump(depth),
            "nest" => self.nest(depth),
            "local-class" => self.class(depth),
            "statements" => {
                let count = if depth >= MAX_DEPTH { 0 } else { self.choices.below(4) };
                for _ in 0..count {
                    self.grow("statement", depth + 1, &mut Names::default());
                    self.out.push_str("\n  ");
                }
            }
            // What a pattern binds is the production's that it stands in.
            "refutable" | "pattern" => self.grow(part, depth + 1, names),
            kind => self.grow(kind, depth + 1, &mut Names::default()),
        }
    }

    /// Writes something of a kind.
    fn grow(&mut self, kind: &str, depth: u32, names: &mut Names) {
        self.size += 1;
        let productions: &Productions = GRAMMAR.iter().find(|row| row.name == kind).expect("a kind of the grammar");
        let is_pattern = matches!(kind, "refutable" | "pattern");
        let plain = depth >= MAX_DEPTH || self.size > MAX_SIZE || self.choices.below(3) == 0;
        let production = if plain && kind != "statement" || depth >= MAX_DEPTH {
            // The simplest one when the tape is at its end; a plain one may name another kind, but never without end.
            *self.choices.of(&productions.plain[..if depth > MAX_DEPTH + 2 { 1 } else { productions.plain.len() }])
        } else if !is_pattern && self.choices.once_in(40) {
            // Something of another kind: a mistake.
            "<any>"
        } else {
            *self.choices.of(productions.grown)
        };
        self.expand_in(production, depth, names);
    }

    /// Writes a visible name of a kind; those of inner scopes more often.
    fn variable(&mut self, kind: &str, to_set: bool) {
        let wild = self.choices.once_in(60);
        let fits = |variable: &&Variable| {
            (variable.kind == kind || (kind == "any" || wild) && !matches!(variable.kind, "class" | "module"))
                && (variable.settable || !to_set)
        };
        let mut found: Vec<&str> = Vec::new();
        for scope in self.scopes.iter().rev() {
            found.extend(scope.variables.iter().rev().filter(fits).map(|variable| variable.name.as_str()));
        }
        if found.is_empty() {
            self.out.push_str(if to_set { "g-any" } else { "null" });
            return;
        }
        let near = found.len().min(4);
        let index = if self.choices.below(3) == 0 { self.choices.below(found.len()) } else { self.choices.below(near) };
        self.out.push_str(found[index]);
    }

    /// A name that is new, or that shadows one of an outer scope.
    fn new_name(&mut self, unique: bool) -> String {
        let outer = self.scopes.split_last().map(|(_, outer)| outer).unwrap_or_default();
        if !unique && outer.len() > 1 && self.choices.once_in(12) {
            let names: Vec<&Variable> = outer.iter().flat_map(|scope| &scope.variables).collect();
            let taken = &self.scopes[self.scopes.len() - 1].variables;
            let shadowed = self.choices.of(&names);
            if shadowed.kind != "class" && !taken.iter().any(|variable| variable.name == shadowed.name) {
                return shadowed.name.clone();
            }
        }
        self.names += 1;
        format!("v{}", self.names)
    }

    fn jump(&mut self, depth: u32) {
        let (in_loop, in_function) =
            self.scopes.last().map(|scope| (scope.in_loop, scope.in_function)).unwrap_or_default();
        let choice = self.choices.below(6);
        let production = match choice {
            0 | 1 if in_loop => "(break <any>)",
            2 if in_loop => "(continue)",
            3 | 4 if in_function => "(return <any>)",
            5 => "(throw <any>)",
            4 => "(get <list> <small>)",
            _ => "(throw (error <atom> <text> <any>))",
        };
        self.expand(production, depth + 1);
    }

    /// Something deep inside of forms that have nothing else.
    fn nest(&mut self, depth: u32) {
        let (open, close) = *self.choices.of(&[
            ("(+ 1 ", ")"),
            ("(if true ", ")"),
            ("[", "]"),
            ("(begin ", ")"),
            ("(try ", " (finally 1))"),
            ("(or null ", ")"),
            ("((lambda (n) (+ n 1)) ", ")"),
        ]);
        let count = 2 + self.choices.below(40);
        self.out.push_str(&open.repeat(count));
        self.expand("<int>", depth + 2);
        self.out.push_str(&close.repeat(count));
    }

    fn clauses(&mut self, kind: &'static str, depth: u32) {
        for _ in 0..self.choices.below(4) {
            self.expand("(<{><refutable><declare> <statements>", depth + 1);
            self.grow(kind, depth + 1, &mut Names::default());
            self.expand("<}>)\n    ", depth + 1);
        }
        if !self.choices.once_in(4) {
            self.out.push_str("(_ ");
            self.grow(kind, depth + 1, &mut Names::default());
            self.out.push(')');
        }
    }

    /// A class in the present scope, with some of the methods.
    fn class(&mut self, depth: u32) {
        self.names += 1;
        let name = format!("C{}", self.names + 1);
        let _ = write!(self.out, "(class {name} ");
        let has_parent = self.choices.below(4) != 3;
        if has_parent {
            self.variable("class", false)
        } else {
            self.out.push_str("null")
        }
        self.out.push_str(" \n");
        let constructor = match (self.choices.below(3), has_parent) {
            (0, true) => {
                "(def constructor <{function>(self (<name:int> <int>)<declare>) (super.constructor <0>) (set self.w <int>)<}>)\n"
            }
            (0 | 1, _) => {
                "(def constructor <{function>(self (<name:int> <int>)<declare>) (set self.x <0>) <statements><}>)\n"
            }
            _ => "",
        };
        self.expand(constructor, depth + 1);
        let mut seen: Vec<&str> = Vec::new();
        for _ in 0..self.choices.below(5) {
            let method = *self.choices.of(METHODS);
            let key = &method[..9];
            if !seen.contains(&key) && (has_parent || !method.contains("super")) {
                seen.push(key);
                self.expand(method, depth + 2);
                self.out.push('\n');
            }
        }
        self.out.push(')');
        self.declare(name, "class", false);
    }
}
