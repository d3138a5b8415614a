//! The reach of a function: the variables of modules that its code can touch, and that of the functions which it mentions
//! or finds in globals that nothing changes. It is found once, when a process is first spawned that needs it.

use crate::code::Entry;
use crate::node::{Literal, Node};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Variables that the reaches which a node keeps have together at most; further ones are found anew each time.
const MAX_KEPT: usize = 1 << 20;

/// Walks over code that start anew, for one spawn: the functions of later ones are looked at only once for all of them,
/// and not kept.
const WALKS: usize = 8;

/// What the functions that one spawn meets can reach.
pub(crate) struct Reaches<'n> {
    node: &'n Node,
    entries: &'n [Entry],
    /// Functions whose reach was asked for.
    known: FxHashSet<u32>,
    walks: usize,
}

impl<'n> Reaches<'n> {
    /// Nothing was met yet.
    pub(crate) fn new(node: &'n Node, entries: &'n [Entry]) -> Reaches<'n> {
        Reaches { node, entries, known: FxHashSet::default(), walks: 0 }
    }

    /// The variables that a function can touch, in ascending order, without those of functions that were asked for before.
    pub(crate) fn of(&mut self, function: u32) -> Arc<[u32]> {
        let Some(code) = self.entries.get(function as usize).and_then(Entry::eva) else { return Arc::default() };
        if self.known.contains(&function) {
            return Arc::default();
        }
        if let Some(known) = code.reach.get() {
            self.known.insert(function);
            return Arc::clone(known);
        }
        self.walks += 1;
        if self.walks > WALKS {
            let mut seen = std::mem::take(&mut self.known);
            let found = self.walk(vec![function], &mut seen);
            self.known = seen;
            return found;
        }
        let found = self.whole(&[function]);
        self.known.insert(function);
        let kept = self.node.reach_kept.fetch_add(found.len() + 1, Ordering::Relaxed);
        if kept < MAX_KEPT {
            // Somebody else may have found the same meanwhile.
            return Arc::clone(code.reach.get_or_init(|| found));
        }
        found
    }

    /// All variables that some functions can touch, in ascending order.
    pub(crate) fn whole(&self, functions: &[u32]) -> Arc<[u32]> {
        self.walk(functions.to_vec(), &mut FxHashSet::default())
    }

    /// The variables that functions not yet seen can touch, from these ones on.
    fn walk(&self, mut functions: Vec<u32>, seen: &mut FxHashSet<u32>) -> Arc<[u32]> {
        self.node.examine();
        let mut found = FxHashSet::default();
        while let Some(function) = functions.pop() {
            if !seen.insert(function) {
                continue;
            }
            let Some(entry) = self.entries.get(function as usize) else { continue };
            let Some(code) = entry.eva() else { continue };
            functions.extend(entry.mentioned_functions());
            let modules = entry.pool_values().filter_map(|value| value.as_literal());
            let members = modules.flat_map(|literal| match self.node.literal(literal) {
                Literal::Module(_, members) => members.as_slice(),
                _ => &[],
            });
            for global in code.named.iter().copied().chain(members.map(|&(_, global)| global)) {
                match self.node.constant(global).and_then(|value| value.as_function()) {
                    Some(function) => functions.push(function),
                    None => {
                        found.insert(global);
                    }
                }
            }
        }
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        found.into()
    }
}

/// How many variables all reaches have that a node keeps.
pub(crate) type Kept = AtomicUsize;
