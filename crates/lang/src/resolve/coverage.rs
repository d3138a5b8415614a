//! Clauses that can never be taken, because an earlier one takes all that they would.
//!
//! Values of classes that define `equals?` are left out of account: they may be equal to a literal whatever they are.

use crate::hir::{Expr, ExprId, Hir, Literal, Pattern, PatternClause};
use iridium_isa::stack::TYPES;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Comparisons of patterns in one `match`: thousands of clauses that are all alike are not compared each with each.
const BUDGET: usize = 200_000;

/// A literal that is found without comparing.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Str(Rc<str>),
    Atom(Rc<str>),
}

/// What the clauses of a `match` take that were looked at so far.
pub(super) struct Coverage {
    /// Number of the clause that is a literal.
    literals: FxHashMap<Key, usize>,
    /// Numbers of the others.
    others: Vec<usize>,
    budget: usize,
}

impl Coverage {
    pub(super) fn new() -> Coverage {
        Coverage { literals: FxHashMap::default(), others: Vec::new(), budget: BUDGET }
    }

    /// Notes the last of the clauses. Gives the number of an earlier one that takes all that it would.
    pub(super) fn add(&mut self, hir: &Hir, clauses: &[PatternClause]) -> Option<usize> {
        let (last, before) = clauses.split_last()?;
        let key = match &last.pattern {
            Pattern::Equal(value) => hir.literal(*value).and_then(key_of),
            _ => None,
        };
        if let Some(known) = key.as_ref().and_then(|key| self.literals.get(key)) {
            return Some(*known);
        }
        // Without a budget nothing would be found, in as many steps as there are clauses.
        let others = if self.budget > 0 { &self.others[..] } else { &[] };
        let mut covers = Covers { hir, left: &mut self.budget };
        let known = others.iter().copied().find(|number| covers.covers(&before[*number].pattern, &last.pattern));
        if known.is_none() {
            match key {
                Some(key) => drop(self.literals.insert(key, before.len())),
                None => self.others.push(before.len()),
            }
        }
        known
    }
}

fn key_of(literal: &Literal) -> Option<Key> {
    match literal {
        Literal::Null => Some(Key::Null),
        Literal::Bool(truth) => Some(Key::Bool(*truth)),
        Literal::Int(int) => Some(Key::Int(*int)),
        Literal::Str(text) => Some(Key::Str(text.clone())),
        Literal::Atom(name) => Some(Key::Atom(name.clone())),
        _ => None,
    }
}

struct Covers<'a> {
    hir: &'a Hir,
    left: &'a mut usize,
}

impl Covers<'_> {
    /// Whether a pattern surely takes all that another one takes.
    fn covers(&mut self, wide: &Pattern, narrow: &Pattern) -> bool {
        if *self.left == 0 {
            return false;
        }
        *self.left -= 1;
        stacker::maybe_grow(96 << 10, 1 << 20, || self.covers_here(wide, narrow))
    }

    fn covers_here(&mut self, wide: &Pattern, narrow: &Pattern) -> bool {
        match (wide, narrow) {
            (Pattern::Any | Pattern::Bind(_), _) => true,
            (Pattern::When(..), _) => false,
            (Pattern::Both(first, second), _) => self.covers(first, narrow) && self.covers(second, narrow),
            (_, Pattern::When(inner, _)) => self.covers(wide, inner),
            (_, Pattern::Or(all)) => all.iter().all(|narrow| self.covers(wide, narrow)),
            (_, Pattern::Both(first, second)) => self.covers(wide, first) || self.covers(wide, second),
            (Pattern::Or(all), _) => all.iter().any(|wide| self.covers(wide, narrow)),
            (Pattern::Equal(a), Pattern::Equal(b)) => {
                let (a, b) = (self.hir.literal(*a), self.hir.literal(*b));
                a.is_some() && a == b
            }
            (Pattern::Sequence(a, wide, rest), Pattern::Sequence(b, narrow, more)) => {
                let lengths = match (rest, more) {
                    (Some(_), _) => wide.len() <= narrow.len(),
                    (None, None) => wide.len() == narrow.len(),
                    (None, Some(_)) => false,
                };
                a == b && lengths && wide.iter().zip(narrow).all(|(wide, narrow)| self.covers(wide, narrow))
            }
            (Pattern::Map(wide), Pattern::Map(narrow)) => wide.iter().all(|(key, wide)| {
                let same = |other: &ExprId| {
                    self.hir.literal(*key).is_some() && self.hir.literal(*key) == self.hir.literal(*other)
                };
                let found = narrow.iter().find(|(other, _)| same(other));
                found.is_some_and(|(_, narrow)| self.covers(wide, narrow))
            }),
            (Pattern::Type(a, wide), Pattern::Type(b, narrow)) if includes(*a, TYPES[*b as usize]) => {
                self.covers(wide, narrow)
            }
            (Pattern::Type(of, wide), _) => {
                let name = match narrow {
                    Pattern::Equal(value) => self.hir.literal(*value).and_then(type_of),
                    Pattern::Sequence(tuple, ..) => Some(if *tuple { "tuple" } else { "list" }),
                    Pattern::Map(_) => Some("map"),
                    _ => None,
                };
                name.is_some_and(|name| includes(*of, name)) && self.covers(wide, narrow)
            }
            (Pattern::Instance(a, wide), Pattern::Instance(b, narrow)) => {
                let same = match (self.hir.expr(*a), self.hir.expr(*b)) {
                    (Expr::Global(a), Expr::Global(b)) => {
                        let global = &self.hir.globals[*a as usize];
                        a == b && !global.assigned && global.declarations <= 1
                    }
                    (Expr::Local(a), Expr::Local(b)) => a == b && !self.hir.var(*a).assigned,
                    _ => false,
                };
                same && self.covers(wide, narrow)
            }
            _ => false,
        }
    }
}

/// Whether a built-in type, by number, is another one or has it as a part.
fn includes(number: u32, name: &str) -> bool {
    let wide = TYPES[number as usize];
    wide == name || wide == "number" && matches!(name, "int" | "float")
}

fn type_of(literal: &Literal) -> Option<&'static str> {
    Some(match literal {
        Literal::Null => "null",
        Literal::Bool(_) => "bool",
        Literal::Int(_) | Literal::Big(_) => "int",
        Literal::Float(_) => "float",
        Literal::Str(_) => "string",
        Literal::Bytes(_) => "bytes",
        Literal::Atom(_) => "atom",
        _ => return None,
    })
}
