//! What is known about values on the way to a test.
//!
//! Knowledge is a tree: each answer adds a node to what was known before it was asked. Where two ways meet, what holds
//! is their last common node, which jump pointers find fast (Myers, "An Applicative Random-Access Stack", 1983).

use super::{PlaceId, type_number};

/// What is known at a place of the code: a node of the tree. The first one knows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::compile) struct State(u32);

/// Something that a test asks about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compile) enum Question {
    /// Whether it is of a built-in type.
    Type(u32),
    /// Whether it has exactly so many elements.
    Length(u32),
    /// Whether it has so many elements or more.
    AtLeast(u32),
    /// Whether it is equal to the literal with this number, which is of this type.
    Equal(u32, u32),
    /// Whether it has the key with this number.
    HasKey(u32),
    /// Whether it is an instance of the class in a local, if the flag is set, or global.
    IsA(bool, u32),
}

/// What a node adds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    /// The answer to a question.
    Answer(Question, bool),
    /// The value is in its local.
    Loaded,
    /// Code of the program has run, which may have changed lists and maps.
    Effects,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    jump: u32,
    depth: u32,
    place: PlaceId,
    known: Known,
}

#[derive(Debug)]
pub(super) struct Facts {
    nodes: Vec<Node>,
}

impl Default for Facts {
    fn default() -> Self {
        let root = Node { parent: 0, jump: 0, depth: 0, place: super::SUBJECT, known: Known::Effects };
        Facts { nodes: vec![root] }
    }
}

impl Facts {
    fn node(&self, number: u32) -> Node {
        self.nodes[number as usize]
    }

    pub(super) fn add(&mut self, state: State, place: PlaceId, known: Known) -> State {
        let parent = self.node(state.0);
        let jump = self.node(parent.jump);
        let far = parent.depth - jump.depth == jump.depth - self.node(jump.jump).depth;
        let jump = if far { jump.jump } else { state.0 };
        self.nodes.push(Node { parent: state.0, jump, depth: parent.depth + 1, place, known });
        State(self.nodes.len() as u32 - 1)
    }

    pub(super) fn join(&self, left: State, right: State) -> State {
        let (mut low, mut high) = (left.0, right.0);
        if self.node(low).depth > self.node(high).depth {
            std::mem::swap(&mut low, &mut high);
        }
        let depth = self.node(low).depth;
        while self.node(high).depth > depth {
            let node = self.node(high);
            high = if self.node(node.jump).depth >= depth { node.jump } else { node.parent };
        }
        while low != high {
            let (a, b) = (self.node(low), self.node(high));
            (low, high) = if a.jump == b.jump { (a.parent, b.parent) } else { (a.jump, b.jump) };
        }
        State(low)
    }

    /// What is known about a value, the latest first, as long as the budget lasts. With it comes whether code of the
    /// program has run since.
    fn about(&self, state: State, place: PlaceId, budget: &mut usize) -> impl Iterator<Item = (Known, bool)> {
        let (mut at, mut effects) = (state.0, false);
        std::iter::from_fn(move || {
            while at != 0 && *budget > 0 {
                *budget -= 1;
                let node = self.node(at);
                at = node.parent;
                match node.known {
                    Known::Effects => effects = true,
                    known if node.place == place => return Some((known, effects)),
                    _ => {}
                }
            }
            None
        })
    }

    /// Whether a value is in its local. `steady` says that nothing can put another one there.
    pub(super) fn has(&self, state: State, place: PlaceId, steady: bool, budget: &mut usize) -> bool {
        self.about(state, place, budget)
            .take_while(|(_, effects)| steady || !effects)
            .any(|(known, _)| matches!(known, Known::Loaded))
    }

    pub(super) fn answer(
        &self,
        state: State,
        place: PlaceId,
        steady: bool,
        question: Question,
        budget: &mut usize,
    ) -> Option<bool> {
        let tuple = type_number("tuple");
        // How long a list is can change, a tuple's length cannot. What was known of it earlier, then, counts when it
        // turns out to be a tuple.
        let (mut is_tuple, mut earlier) = (false, None);
        for (known, effects) in self.about(state, place, budget) {
            let Known::Answer(known, holds) = known else { continue };
            if effects && !steady {
                break;
            }
            is_tuple |= known == Question::Type(tuple) && holds;
            let changes = matches!(known, Question::Length(_) | Question::AtLeast(_) | Question::HasKey(_));
            match follows(known, holds, question) {
                Some(answer) if !(changes && effects) || is_tuple => return Some(answer),
                Some(answer) if !matches!(known, Question::HasKey(_)) => earlier = earlier.or(Some(answer)),
                _ => {}
            }
        }
        earlier.filter(|_| is_tuple)
    }
}

/// What the answer to one question about a value says about another one.
fn follows(known: Question, holds: bool, question: Question) -> Option<bool> {
    use Question::*;
    if known == question {
        return Some(holds);
    }
    match (known, question) {
        (Type(a), Type(b)) => types(a, holds, b),
        (Length(_), Length(_)) => holds.then_some(false),
        (Length(a), AtLeast(b)) => holds.then_some(a >= b),
        (AtLeast(a), Length(b)) if holds => (b < a).then_some(false),
        (AtLeast(a), AtLeast(b)) if holds => (b <= a).then_some(true),
        (AtLeast(a), Length(b) | AtLeast(b)) => (b >= a).then_some(false),
        // An instance may say of itself that it is equal to anything.
        (Type(a), Equal(_, b)) if holds && a != type_number("instance") => match types(a, true, b) {
            Some(false) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// What is known of a value being of a type when it is, or is not, of another type.
fn types(known: u32, holds: bool, asked: u32) -> Option<bool> {
    let number = type_number("number");
    let is_number = |of: u32| of == type_number("int") || of == type_number("float");
    match holds {
        true if asked == number && is_number(known) => Some(true),
        true if known == number && is_number(asked) => None,
        true => Some(known == asked),
        false if known == number && is_number(asked) => Some(false),
        false => (known == asked).then_some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_meet_at_what_they_have_in_common() {
        let mut facts = Facts::default();
        let mut ways = vec![State::default()];
        let mut parents = vec![0];
        for number in 1..2000_usize {
            // A bushy tree: half of the nodes go on where the last one was.
            let parent = if number % 2 == 0 { number - 1 } else { number * 7 % number };
            parents.push(parent);
            ways.push(facts.add(ways[parent], super::super::SUBJECT, Known::Loaded));
        }
        let ancestors = |mut number: usize| {
            let mut all = vec![number];
            while number != 0 {
                number = parents[number];
                all.push(number);
            }
            all
        };
        for (left, right) in (0..2000).map(|n| (n, n * 31 % 2000)) {
            let of_right = ancestors(right);
            let common = ancestors(left).into_iter().find(|node| of_right.contains(node)).unwrap_or(0);
            assert_eq!(facts.join(ways[left], ways[right]), ways[common]);
        }
    }

    #[test]
    fn answers_follow_from_answers() {
        use Question::*;
        let [int, float, number, tuple, list, atom, instance] =
            ["int", "float", "number", "tuple", "list", "atom", "instance"].map(type_number);
        for (known, holds, question, answer) in [
            (Type(int), true, Type(number), Some(true)),
            (Type(int), false, Type(number), None),
            (Type(number), true, Type(int), None),
            (Type(number), false, Type(float), Some(false)),
            (Type(tuple), true, Type(list), Some(false)),
            (Type(tuple), false, Type(list), None),
            (Length(2), true, Length(3), Some(false)),
            (Length(2), false, Length(3), None),
            (Length(2), true, AtLeast(2), Some(true)),
            (AtLeast(3), false, Length(3), Some(false)),
            (AtLeast(3), false, Length(2), None),
            (AtLeast(3), true, Length(2), Some(false)),
            (AtLeast(3), true, AtLeast(2), Some(true)),
            (Type(tuple), true, Equal(7, atom), Some(false)),
            (Type(int), true, Equal(7, number), None),
            (Type(instance), true, Equal(7, atom), None),
            (Equal(7, atom), true, Equal(8, atom), None),
            (Equal(7, atom), false, Equal(7, atom), Some(false)),
        ] {
            assert_eq!(follows(known, holds, question), answer, "{known:?} {holds} {question:?}");
        }
    }
}
