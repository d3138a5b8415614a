//! Random patterns and values: the clause that a program takes, and what it binds, is what a plain matcher says that
//! tries each clause from its beginning.

use iridium_tests::random::{Random, cases};
use iridium_tests::run::{World, engines, run};
use std::fmt::Write;

/// A value of a program, as far as patterns can tell.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Int(i64),
    /// A float that is a half: equal to no int.
    Half(i64),
    Atom(u8),
    Text(u8),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    /// Atoms and what is under them.
    Map(Vec<(u8, Value)>),
    /// An instance of `Base`, or of `Heir` that extends it.
    Instance(bool),
}

/// A pattern. Names are numbers, given out in the order in which they stand.
#[derive(Clone, Debug)]
enum Pattern {
    Any,
    Bind(usize),
    Literal(Value),
    /// Equal to the global `pinned`.
    Pin,
    Sequence(bool, Vec<Pattern>, Option<usize>),
    Map(Vec<(u8, Pattern)>),
    Type(&'static str, Box<Pattern>),
    Class(bool, Box<Pattern>),
    Or(Vec<Pattern>),
    As(Box<Pattern>, usize),
    /// If the number of the guard's turn is odd: guards are counted, so that their order shows.
    When(Box<Pattern>),
}

const PINNED: Value = Value::Int(2);

fn atom(number: u8) -> char {
    (b'a' + number) as char
}

impl Value {
    fn random(random: &mut Random, depth: u32) -> Value {
        let many = |random: &mut Random| {
            let count = random.below(4);
            (0..count).map(|_| Value::random(random, depth - 1)).collect()
        };
        match random.below(if depth == 0 { 6 } else { 11 }) {
            0 => Value::Null,
            1 | 2 => Value::Int(random.between(0, 3)),
            3 => Value::Half(random.between(0, 1)),
            4 => Value::Atom(random.below(3) as u8),
            5 => Value::Text(random.below(2) as u8),
            6 | 7 => Value::Tuple(many(random)),
            8 => Value::List(many(random)),
            9 => {
                let keys = (0..3).filter(|_| random.below(2) == 0).collect::<Vec<u8>>();
                Value::Map(keys.into_iter().map(|key| (key, Value::random(random, depth - 1))).collect())
            }
            _ => Value::Instance(random.below(2) == 0),
        }
    }

    fn write(&self, out: &mut String) {
        let all = |out: &mut String, open, values: &[Value]| {
            out.push_str(open);
            values.iter().for_each(|value| {
                value.write(out);
                out.push(' ');
            });
            out.push(']');
        };
        let _ = match self {
            Value::Null => write!(out, "null"),
            Value::Int(int) => write!(out, "{int}"),
            Value::Half(whole) => write!(out, "{whole}.5"),
            Value::Atom(number) => write!(out, ":{}", atom(*number)),
            Value::Text(number) => write!(out, "\"{}\"", atom(*number)),
            Value::List(values) => return all(out, "[", values),
            Value::Tuple(values) => return all(out, "#[", values),
            Value::Map(entries) => {
                out.push('{');
                for (key, value) in entries {
                    let _ = write!(out, ":{} ", atom(*key));
                    value.write(out);
                    out.push(' ');
                }
                out.push('}');
                Ok(())
            }
            Value::Instance(heir) => write!(out, "{}", if *heir { "heir" } else { "base" }),
        };
    }

    fn is_of(&self, type_name: &str) -> bool {
        match self {
            Value::Null => type_name == "null",
            Value::Int(_) => matches!(type_name, "int" | "number"),
            Value::Half(_) => matches!(type_name, "float" | "number"),
            Value::Atom(_) => type_name == "atom",
            Value::Text(_) => type_name == "string",
            Value::List(_) => type_name == "list",
            Value::Tuple(_) => type_name == "tuple",
            Value::Map(_) => type_name == "map",
            Value::Instance(_) => type_name == "instance",
        }
    }
}

impl Pattern {
    fn random(random: &mut Random, depth: u32, names: &mut usize) -> Pattern {
        let name = |names: &mut usize| {
            *names += 1;
            *names - 1
        };
        let inner = |random: &mut Random, names: &mut usize| Box::new(Pattern::random(random, depth - 1, names));
        match random.below(if depth == 0 { 6 } else { 17 }) {
            0 => Pattern::Any,
            1 => Pattern::Bind(name(names)),
            2..=4 => Pattern::Literal(Value::random(random, 0)),
            5 => Pattern::Pin,
            6..=9 => {
                let tuple = random.below(3) > 0;
                let count = random.below(4);
                let items = (0..count).map(|_| *inner(random, names)).collect();
                let rest = (random.below(4) == 0).then(|| name(names));
                Pattern::Sequence(tuple, items, rest)
            }
            10 => {
                let keys = (0..3).filter(|_| random.below(2) == 0).collect::<Vec<u8>>();
                Pattern::Map(keys.into_iter().map(|key| (key, *inner(random, names))).collect())
            }
            11 | 12 => {
                let types = ["int", "number", "float", "atom", "string", "list", "tuple", "map", "instance", "null"];
                Pattern::Type(types[random.below(types.len() as u64) as usize], inner(random, names))
            }
            13 => Pattern::Class(random.below(2) == 0, inner(random, names)),
            14 => {
                // All alternatives bind the same names: these bind none.
                let count = random.between(1, 3);
                let alternatives = (0..count).map(|_| {
                    let mut own = 0;
                    let pattern = Pattern::random(random, depth - 1, &mut own);
                    if own == 0 { pattern } else { Pattern::Literal(Value::random(random, 0)) }
                });
                Pattern::Or(alternatives.filter(|pattern| !pattern.takes_all()).collect::<Vec<_>>()).or_literal()
            }
            15 => {
                let inner = inner(random, names);
                Pattern::As(inner, name(names))
            }
            _ => Pattern::When(inner(random, names)),
        }
    }

    /// An `or` needs an alternative.
    fn or_literal(self) -> Pattern {
        match self {
            Pattern::Or(alternatives) if alternatives.is_empty() => Pattern::Literal(Value::Null),
            other => other,
        }
    }

    fn takes_all(&self) -> bool {
        match self {
            Pattern::Any | Pattern::Bind(_) => true,
            Pattern::As(inner, _) => inner.takes_all(),
            Pattern::Or(alternatives) => alternatives.iter().any(Pattern::takes_all),
            _ => false,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Pattern::Any => out.push('_'),
            Pattern::Bind(name) => out.push_str(&format!("v{name}")),
            Pattern::Literal(value) => value.write(out),
            Pattern::Pin => out.push_str("(pin pinned)"),
            Pattern::Sequence(tuple, items, rest) => {
                out.push_str(if *tuple { "#[" } else { "[" });
                items.iter().for_each(|item| {
                    item.write(out);
                    out.push(' ');
                });
                if let Some(rest) = rest {
                    let _ = write!(out, "...v{rest}");
                }
                out.push(']');
            }
            Pattern::Map(entries) => {
                out.push('{');
                for (key, pattern) in entries {
                    let _ = write!(out, ":{} ", atom(*key));
                    pattern.write(out);
                    out.push(' ');
                }
                out.push('}');
            }
            Pattern::Type(name, inner) => {
                let _ = write!(out, "(is :{name} ");
                inner.write(out);
                out.push(')');
            }
            Pattern::Class(heir, inner) => {
                out.push_str(if *heir { "(is Heir " } else { "(is Base " });
                inner.write(out);
                out.push(')');
            }
            Pattern::Or(alternatives) => {
                out.push_str("(or");
                alternatives.iter().for_each(|pattern| {
                    out.push(' ');
                    pattern.write(out);
                });
                out.push(')');
            }
            Pattern::As(inner, name) => {
                out.push_str("(as ");
                inner.write(out);
                let _ = write!(out, " v{name})");
            }
            Pattern::When(inner) => {
                out.push_str("(when ");
                inner.write(out);
                out.push_str(" (turn))");
            }
        }
    }

    /// Whether the pattern takes a value; what it binds, and how many guards have been asked by then.
    fn takes(&self, value: &Value, bound: &mut Vec<Option<Value>>, turns: &mut u64) -> bool {
        let bind = |bound: &mut Vec<Option<Value>>, name: usize, value: Value| {
            bound.resize(bound.len().max(name + 1), None);
            bound[name] = Some(value);
            true
        };
        match (self, value) {
            (Pattern::Any, _) => true,
            (Pattern::Bind(name), value) => bind(bound, *name, value.clone()),
            (Pattern::Literal(literal), value) => literal == value,
            (Pattern::Pin, value) => *value == PINNED,
            (Pattern::Sequence(tuple, items, rest), value) => {
                let values = match value {
                    Value::Tuple(values) if *tuple => values,
                    Value::List(values) if !*tuple => values,
                    _ => return false,
                };
                if values.len() < items.len() || (rest.is_none() && values.len() > items.len()) {
                    return false;
                }
                let (taken, left) = values.split_at(items.len());
                items.iter().zip(taken).all(|(item, value)| item.takes(value, bound, turns))
                    && rest.is_none_or(|name| {
                        let left = left.to_vec();
                        bind(bound, name, if *tuple { Value::Tuple(left) } else { Value::List(left) })
                    })
            }
            (Pattern::Map(entries), Value::Map(values)) => entries.iter().all(|(key, pattern)| {
                let found = values.iter().find(|(other, _)| other == key);
                found.is_some_and(|(_, value)| pattern.takes(value, bound, turns))
            }),
            (Pattern::Map(_), _) => false,
            (Pattern::Type(name, inner), value) => value.is_of(name) && inner.takes(value, bound, turns),
            (Pattern::Class(heir, inner), Value::Instance(is_heir)) => {
                (!heir || *is_heir) && inner.takes(value, bound, turns)
            }
            (Pattern::Class(..), _) => false,
            (Pattern::Or(alternatives), value) => alternatives.iter().any(|pattern| pattern.takes(value, bound, turns)),
            (Pattern::As(inner, name), value) => inner.takes(value, bound, turns) && bind(bound, *name, value.clone()),
            (Pattern::When(inner), value) => {
                inner.takes(value, bound, turns) && {
                    *turns += 1;
                    *turns % 2 == 1
                }
            }
        }
    }
}

/// What the program says of each value: the clause, the values of its names, and how many guards were asked.
fn expected(clauses: &[(Pattern, usize)], values: &[Value]) -> String {
    let mut turns = 0;
    let mut out = String::new();
    for value in values {
        let taken = clauses.iter().enumerate().find_map(|(number, (pattern, names))| {
            let mut bound = vec![None; *names];
            pattern.takes(value, &mut bound, &mut turns).then_some((number, bound))
        });
        let (number, bound) = taken.map_or((-1, Vec::new()), |(number, bound)| (number as i64, bound));
        let _ = write!(out, "[{number} {turns}");
        for value in bound.into_iter().flatten() {
            out.push(' ');
            let mut text = String::new();
            value.write(&mut text);
            // As `repr` prints it.
            out.push_str(
                &text.replace(" ]", "]").replace(" }", "}").replace("base", "<Base>").replace("heir", "<Heir>"),
            );
        }
        out.push_str("]\n");
    }
    out
}

#[test]
fn random_patterns_take_what_a_plain_matcher_takes() {
    let mut random = Random::new(Random::seed_of_this_run());
    let engines = engines();
    for _ in 0..cases(150) {
        let count = random.between(1, 12);
        let mut clauses: Vec<(Pattern, usize)> = Vec::new();
        for _ in 0..count {
            let mut names = 0;
            let pattern = Pattern::random(&mut random, 3, &mut names);
            // A clause behind one that takes everything is a mistake.
            if !pattern.takes_all() {
                clauses.push((pattern, names));
            }
        }
        let values: Vec<Value> = (0..40).map(|_| Value::random(&mut random, 3)).collect();
        let mut source = String::from(
            "(class Base null) (class Heir Base) (var base (new Base)) (var heir (new Heir)) (var pinned 2)\n\
             (var turns 0) (def turn () (begin (++ turns) (== (% turns 2) 1)))\n(def f (value) (match value\n",
        );
        for (number, (pattern, names)) in clauses.iter().enumerate() {
            source.push_str("  (");
            pattern.write(&mut source);
            let _ = write!(source, " [{number} turns");
            (0..*names).for_each(|name| source.push_str(&format!(" v{name}")));
            source.push_str("])\n");
        }
        source.push_str("  (_ [-1 turns])))\n");
        for value in &values {
            source.push_str("(print (repr (f ");
            value.write(&mut source);
            source.push_str(")))\n");
        }
        let expected = expected(&clauses, &values);
        for (name, engine) in &engines {
            let outcome = run(engine, &source, &World::default());
            assert!(
                outcome.stdout == expected,
                "{name}: {}\n{source}\n{}",
                outcome.message,
                difference(&outcome.stdout, &expected)
            );
        }
    }
}

fn difference(got: &str, expected: &str) -> String {
    let lines = got.lines().zip(expected.lines()).enumerate();
    lines.filter(|(_, (got, expected))| got != expected).map(|(n, (g, e))| format!("{n}: {g} for {e}\n")).collect()
}

/// `==` of a class is asked in the order of the clauses, left first, and a guard may change what is matched.
#[test]
fn classes_and_guards_are_asked_in_the_order_of_the_clauses() {
    for (source, value) in [
        (
            "(var asked []) (class C null (def equals? (self other) (begin (push asked other) (== other :c))))
             [(match (new C) (:a 1) (7 2) (#[] 3) (:c 4) (:d 5)) asked]",
            "[4 [:a 7 :c]]",
        ),
        (
            "(var xs [1]) [(match xs ((when [a] (begin (push xs 2) false)) :one) ([a] :again) ([a b] :two)) xs]",
            "[:two [1 2]]",
        ),
        (
            "(var m {:a 1}) (match #[m] ((when #[{:a x}] (begin (put m :a 2) false)) :one) (#[{:a 1}] :old) (#[{:a x}] x))",
            "2",
        ),
        ("(def f (v) (match v (#[a (pin a)] :same) (#[a b] b))) [(f #[1 1]) (f #[1 2])]", "[:same 2]"),
        (
            "(def f (v) (match v ([(or :a :b) x] x) ([(or :b :c) x y] y) (_ 0))) [(f [:b 1]) (f [:c 1 2]) (f [:d 1])]",
            "[1 2 0]",
        ),
        (
            "(def f (v) (match v ((as (or [x 1] [1 x]) y) [x y]) (_ 0))) [(f [1 2]) (f [3 1]) (f [2 2])]",
            "[[2 [1 2]] [3 [3 1]] 0]",
        ),
        ("(def f (v) (match v (nan 1) (0.0 2) (_ 3))) [(f nan) (f -0.0) (f 0)]", "[3 2 2]"),
        ("(def f (v) (match v ((is :int 1) :int) ((is :float 1) :float) (_ 0))) [(f 1) (f 1.0)]", "[:int :float]"),
    ] {
        for (name, engine) in engines() {
            let outcome = run(&engine, source, &World::default());
            assert_eq!(outcome.result, Ok(value.to_owned()), "{name}: {source}\n{}", outcome.message);
        }
    }
}
