//! A small machine for portable code, to see that programs do what they should. It knows what control needs: ints,
//! atoms, texts, lists, tuples, functions, cells, handlers, a mailbox. A program that needs more is left out.

use super::modules::program;
use iridium_bytecode::{Constant, Module};
use iridium_isa::stack::{self, StackOp as S, TYPES};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

type Shared<T> = Rc<RefCell<T>>;

#[derive(Clone)]
enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Atom(String),
    Text(String),
    List(Shared<Vec<Value>>),
    Tuple(Rc<Vec<Value>>),
    Func(usize, Rc<Vec<Value>>),
    Native(String),
    Cell(Shared<Option<Value>>),
    Iterator(Shared<(Value, usize)>),
    Mailbox(Shared<Search>),
}

/// A search of the mailbox, which is an iterator of its messages and of itself.
struct Search {
    /// Whether it ends when no message is left.
    ends: bool,
    /// The number of the message that comes next.
    at: usize,
}

enum Stop {
    Thrown(Value),
    /// It waits for a message that never comes.
    Waits,
    /// The machine lacks something.
    Unknown,
}

type Outcome<T> = Result<T, Stop>;

fn kind(kind: &str) -> Stop {
    Stop::Thrown(Value::Atom(kind.to_string()))
}

fn unknown<T>() -> Outcome<T> {
    Err(Stop::Unknown)
}

fn show(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(show).collect::<Vec<_>>().join(" ");
    match value {
        Value::Null => "null".to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Atom(name) => format!(":{name}"),
        Value::Text(text) => format!("{text:?}"),
        Value::List(values) => format!("[{}]", all(&values.borrow())),
        Value::Tuple(values) => format!("#[{}]", all(values)),
        _ => "?".to_string(),
    }
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

struct Machine<'m> {
    module: &'m Module,
    globals: Vec<Option<Value>>,
    /// The messages in order; none in the place of one that was taken.
    mailbox: Vec<Option<Value>>,
    steps: u32,
    depth: u32,
}

impl Machine<'_> {
    fn call(&mut self, callee: &Value, mut args: Vec<Value>) -> Outcome<Value> {
        match callee {
            Value::Native(name) => self.native(name, &args),
            Value::Func(number, captures) => {
                let function = &self.module.functions[*number];
                if args.len() != function.required as usize || function.optional > 0 || function.rest {
                    return unknown();
                }
                args.resize(usize::from(function.locals), Value::Null);
                self.depth += 1;
                let result = if self.depth > 50 { unknown() } else { self.run(*number, args, captures) };
                self.depth -= 1;
                result
            }
            _ => Err(kind("type-error")),
        }
    }

    fn native(&mut self, name: &str, args: &[Value]) -> Outcome<Value> {
        match (name, args) {
            ("%mailbox", [timeout @ (Value::Null | Value::Int(_))]) => {
                let ends = matches!(timeout, Value::Int(_));
                Ok(Value::Mailbox(Rc::new(RefCell::new(Search { ends, at: 0 }))))
            }
            ("%mailbox", _) => Err(kind("type-error")),
            ("%take", [Value::Mailbox(search)]) => {
                let last = search.borrow().at - 1;
                assert!(self.mailbox[last].take().is_some(), "the message is there");
                Ok(Value::Null)
            }
            _ => unknown(),
        }
    }

    /// The next message of a search, or none if it ends.
    fn message(&mut self, search: &mut Search) -> Outcome<Option<Value>> {
        while search.at < self.mailbox.len() {
            search.at += 1;
            if let Some(message) = self.mailbox[search.at - 1].clone() {
                return Ok(Some(message));
            }
        }
        if search.ends { Ok(None) } else { Err(Stop::Waits) }
    }

    fn run(&mut self, number: usize, mut locals: Vec<Value>, captures: &[Value]) -> Outcome<Value> {
        let function = &self.module.functions[number];
        let mut stack: Vec<Value> = Vec::new();
        // Operands where a region begins, as they were when control came by last.
        let mut depths = vec![0; function.handlers.len()];
        let mut at = 0;
        loop {
            self.steps += 1;
            if self.steps > 200_000 {
                return unknown();
            }
            for (depth, handler) in depths.iter_mut().zip(&function.handlers) {
                if handler.start as usize == at {
                    *depth = stack.len();
                }
            }
            match self.step(number, &mut at, &mut stack, &mut locals, captures) {
                Ok(None) => {}
                Ok(Some(value)) => return Ok(value),
                Err(Stop::Thrown(value)) => {
                    let covers = |h: &iridium_bytecode::Handler| (h.start..h.end).contains(&(at as u32));
                    let Some(index) = function.handlers.iter().position(covers) else {
                        return Err(Stop::Thrown(value));
                    };
                    stack.truncate(depths[index]);
                    assert_eq!(stack.len(), depths[index], "a region keeps what was below it");
                    stack.push(value);
                    at = function.handlers[index].target as usize;
                }
                Err(other) => return Err(other),
            }
        }
    }

    fn step(
        &mut self,
        number: usize,
        at: &mut usize,
        stack: &mut Vec<Value>,
        locals: &mut [Value],
        captures: &[Value],
    ) -> Outcome<Option<Value>> {
        let module = self.module;
        let code = &module.functions[number].code;
        let instruction = stack::decode(code, *at).expect("is checked");
        let (first, count) = (instruction.operands[0] as usize, instruction.count());
        let mut next = instruction.end;
        let target = instruction.target().unwrap_or(0);
        let cell = |value: &Value| match value {
            Value::Cell(cell) => cell.clone(),
            _ => panic!("no cell"),
        };
        let read = |cell: Shared<Option<Value>>| cell.borrow().clone().ok_or_else(|| kind("reference-error"));
        macro_rules! pop {
            () => {
                stack.pop().expect("an operand")
            };
        }
        macro_rules! window {
            ($count:expr) => {
                stack.split_off(stack.len() - $count)
            };
        }
        match instruction.op {
            S::Push => stack.push(Value::Int(i64::from(instruction.operands[0] as i32))),
            S::PushConst => stack.push(match &module.constants[first] {
                Constant::Atom(name) => Value::Atom(name.clone()),
                Constant::Str(text) => Value::Text(text.clone()),
                Constant::Native(name) => Value::Native(name.clone()),
                _ => return unknown(),
            }),
            S::PushNull => stack.push(Value::Null),
            S::PushTrue => stack.push(Value::Bool(true)),
            S::PushFalse => stack.push(Value::Bool(false)),
            S::Pop => drop(pop!()),
            S::Dup => stack.push(stack.last().expect("an operand").clone()),
            S::PushFunc => stack.push(Value::Func(first, Rc::default())),
            S::PushSelf => stack.push(Value::Func(number, Rc::new(captures.to_vec()))),
            S::LocalGet | S::CellLoad => stack.push(locals[first].clone()),
            S::LocalSet => locals[first] = pop!(),
            S::LocalTee => locals[first] = stack.last().expect("an operand").clone(),
            S::CellNew => locals[first] = Value::Cell(Rc::new(RefCell::new(Some(pop!())))),
            S::CellNewEmpty => locals[first] = Value::Cell(Rc::default()),
            S::CellGet => stack.push(read(cell(&locals[first]))?),
            S::CellSet | S::CellInit => *cell(&locals[first]).borrow_mut() = Some(pop!()),
            S::CaptureGet | S::CaptureLoad => stack.push(captures[first].clone()),
            S::CaptureCellGet => stack.push(read(cell(&captures[first]))?),
            S::CaptureCellSet => *cell(&captures[first]).borrow_mut() = Some(pop!()),
            S::GlobalGet if module.globals[first].import.is_some() => return unknown(),
            S::GlobalGet => stack.push(self.globals[first].clone().ok_or_else(|| kind("reference-error"))?),
            S::GlobalSet | S::GlobalInit => self.globals[first] = Some(pop!()),
            S::Closure => {
                let captured = window!(count);
                stack.push(Value::Func(first, Rc::new(captured)));
            }
            S::Add | S::Sub | S::Mul | S::Mod | S::IntDiv | S::Div | S::Lt | S::Gt | S::Le | S::Ge => {
                let (right, left) = (pop!(), pop!());
                let (a, b) = match (left, right) {
                    (Value::Int(a), Value::Int(b)) => (a, b),
                    (Value::Text(_) | Value::List(_), Value::Text(_) | Value::List(_)) => return unknown(),
                    _ => return Err(kind("type-error")),
                };
                if b == 0 && matches!(instruction.op, S::Mod | S::IntDiv | S::Div) {
                    return Err(kind("arithmetic-error"));
                }
                let int = |int: Option<i64>| int.map(Value::Int).ok_or(Stop::Unknown);
                stack.push(match instruction.op {
                    S::Add => int(a.checked_add(b))?,
                    S::Sub => int(a.checked_sub(b))?,
                    S::Mul => int(a.checked_mul(b))?,
                    S::Mod => Value::Int(a.rem_euclid(b)),
                    S::IntDiv => Value::Int(a.div_euclid(b)),
                    S::Lt => Value::Bool(a < b),
                    S::Gt => Value::Bool(a > b),
                    S::Le => Value::Bool(a <= b),
                    S::Ge => Value::Bool(a >= b),
                    _ => return unknown(),
                });
            }
            S::Eq | S::Ne => {
                let (right, left) = (show(&pop!()), show(&pop!()));
                if left.contains('?') {
                    return unknown();
                }
                let same = left == right;
                stack.push(Value::Bool(same == (instruction.op == S::Eq)));
            }
            S::Neg => match pop!() {
                Value::Int(int) => stack.push(Value::Int(-int)),
                _ => return unknown(),
            },
            S::Not => {
                let truth = truthy(&pop!());
                stack.push(Value::Bool(!truth));
            }
            S::Jump => next = target,
            S::JumpIf | S::JumpIfNot => {
                if truthy(&pop!()) == (instruction.op == S::JumpIf) {
                    next = target;
                }
            }
            S::JumpIfKeep | S::JumpIfNotKeep => {
                if truthy(stack.last().expect("an operand")) == (instruction.op == S::JumpIfKeep) {
                    next = target;
                } else {
                    stack.pop();
                }
            }
            S::Call | S::TailCall => {
                let args = window!(count);
                let callee = pop!();
                let value = self.call(&callee, args)?;
                if instruction.op == S::TailCall {
                    return Ok(Some(value));
                }
                stack.push(value);
            }
            S::Return => return Ok(Some(pop!())),
            S::Throw => return Err(Stop::Thrown(pop!())),
            S::NoMatch => return Err(kind("match-error")),
            S::Unready => return Err(kind("reference-error")),
            S::List => {
                let values = window!(count);
                stack.push(Value::List(Rc::new(RefCell::new(values))));
            }
            S::Tuple => {
                let values = window!(count);
                stack.push(Value::Tuple(Rc::new(values)));
            }
            S::ListAppend => {
                let values = window!(count);
                let Some(Value::List(list)) = stack.last() else { return unknown() };
                list.borrow_mut().extend(values);
            }
            S::IndexGet | S::IndexSet => {
                let value = (instruction.op == S::IndexSet).then(|| pop!());
                let (Value::Int(index), Value::List(list)) = (pop!(), pop!()) else { return unknown() };
                let mut list = list.borrow_mut();
                let Some(place) = usize::try_from(index).ok().and_then(|index| list.get_mut(index)) else {
                    return unknown();
                };
                if let Some(value) = value {
                    *place = value;
                }
                stack.push(place.clone());
            }
            S::CallPush => {
                let (value, list) = (pop!(), pop!());
                let Value::List(list) = list else { return Err(kind("type-error")) };
                list.borrow_mut().push(value);
                stack.push(Value::List(list));
            }
            S::Unpack => {
                let Value::List(list) = pop!() else { return Err(kind("match-error")) };
                let list = list.borrow();
                if list.len() != count {
                    return Err(kind("match-error"));
                }
                stack.extend(list.iter().cloned());
            }
            S::Iterate => {
                let values = pop!();
                stack.push(match values {
                    Value::List(_) => Value::Iterator(Rc::new(RefCell::new((values, 0)))),
                    Value::Mailbox(_) => values,
                    _ => return unknown(),
                });
            }
            S::Next if matches!(stack.last(), Some(Value::Mailbox(_))) => {
                let Some(Value::Mailbox(search)) = stack.last().cloned() else { panic!("a mailbox") };
                if let Some(message) = self.message(&mut search.borrow_mut())? {
                    stack.push(message);
                    next = target;
                }
            }
            S::Next => {
                let Some(Value::Iterator(iterator)) = stack.last().cloned() else { panic!("no iterator") };
                let mut iterator = iterator.borrow_mut();
                let Value::List(list) = iterator.0.clone() else { return unknown() };
                if let Some(value) = list.borrow().get(iterator.1) {
                    stack.push(value.clone());
                    iterator.1 += 1;
                    next = target;
                }
            }
            S::IsType => {
                let value = pop!();
                let name = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "bool",
                    Value::Int(_) if TYPES[first] == "number" => "number",
                    Value::Int(_) => "int",
                    Value::Atom(_) => "atom",
                    Value::Text(_) => "string",
                    Value::List(_) => "list",
                    Value::Tuple(_) => "tuple",
                    _ => "function",
                };
                stack.push(Value::Bool(name == TYPES[first]));
            }
            // An iterator is a value here, and is known to be one.
            S::PackIterator | S::UnpackIterator => {}
            S::HasLength | S::HasAtLeast | S::Element | S::Rest => {
                let (values, tuple) = match pop!() {
                    Value::List(list) => (list.borrow().clone(), false),
                    Value::Tuple(tuple) => (tuple.to_vec(), true),
                    _ => panic!("a test of the type comes first"),
                };
                stack.push(match instruction.op {
                    S::HasLength => Value::Bool(values.len() == count),
                    S::HasAtLeast => Value::Bool(values.len() >= count),
                    S::Element => values[count].clone(),
                    _ if tuple => Value::Tuple(Rc::new(values[count..].to_vec())),
                    _ => Value::List(Rc::new(RefCell::new(values[count..].to_vec()))),
                });
            }
            _ => return unknown(),
        }
        *at = next;
        Ok(None)
    }
}

/// Runs a program with messages in its mailbox. Gives its outcome, and what is in the mailbox afterwards.
fn outcome(text: &str, mailbox: Vec<Value>) -> (Outcome<Value>, Vec<Value>) {
    let program = program(&[], text);
    let Some((_, module)) = program.modules.last() else { return (unknown(), mailbox) };
    let (globals, mailbox) = (vec![None; module.globals.len()], mailbox.into_iter().map(Some).collect());
    let mut machine = Machine { module, globals, mailbox, steps: 0, depth: 0 };
    let locals = vec![Value::Null; usize::from(module.functions[0].locals)];
    let outcome = machine.run(0, locals, &[]);
    (outcome, machine.mailbox.into_iter().flatten().collect())
}

/// What a program gives, or throws; nothing if the machine cannot say.
fn run(text: &str) -> Option<String> {
    shown(outcome(text, Vec::new()).0)
}

fn shown(outcome: Outcome<Value>) -> Option<String> {
    match outcome {
        Ok(value) => Some(show(&value)),
        Err(Stop::Thrown(value)) => Some(format!("throws {}", show(&value))),
        Err(Stop::Waits) => Some("waits".to_string()),
        Err(Stop::Unknown) => None,
    }
}

/// What a program gives, throws or waits for that finds the elements of a list in its mailbox; and those that it leaves.
pub(super) fn run_with(messages: &str, text: &str) -> (String, String) {
    let (list, _) = outcome(messages, Vec::new());
    let Ok(Value::List(list)) = list else { panic!("{messages} is no list") };
    let (outcome, left) = outcome(text, list.borrow().clone());
    let shown = shown(outcome).unwrap_or_else(|| panic!("this is too much for the machine: {text}"));
    (shown, format!("[{}]", left.iter().map(show).collect::<Vec<_>>().join(" ")))
}

#[test]
fn ways_through_finally() {
    let log = |body: &str| format!("(var log []) (def f (x) {body}) [(f 1) log]");
    for (body, gives) in [
        ("(try 5 (finally (push log x)))", "[5 [1]]"),
        ("(try (return 5) (finally (push log x)))", "[5 [1]]"),
        ("(try (throw 5) (catch e (push log e) 6) (finally (push log x)))", "[6 [5 1]]"),
        ("(try (try (throw 5) (finally (push log 2))) (catch e (push log e) 6))", "[6 [2 5]]"),
        ("(try (try (throw 5) (catch 6 7) (finally (push log 2))) (catch e (push log e) 8))", "[8 [2 5]]"),
        ("(try (try (throw 5) (catch e (throw 6)) (finally (push log 2))) (catch e (push log e) 8))", "[8 [2 6]]"),
        ("(try (return 1) (finally (return 2)))", "[2 []]"),
        ("(try (throw 1) (finally (return 2)))", "[2 []]"),
        ("(try (try (return 1) (finally (throw 2))) (catch e (+ e 10)))", "[12 []]"),
        ("(+ 1 (while true (try (break 5) (finally (push log 1)))))", "[6 [1]]"),
        ("(while true (try (break 5) (finally (break 6))))", "[6 []]"),
        ("(while true (try (throw 5) (finally (break 6))))", "[6 []]"),
        ("(+ 1 (each (y [1 2 3]) (try (if (== y 2) (break (* y 10))) (finally (push log y)))))", "[21 [1 2]]"),
        ("(each (y [1 2 3]) (try (if (== y 2) (return (* y 10))) (finally (push log y))))", "[20 [1 2]]"),
        (
            "(each (y [1 2 3]) (try (if (== y 2) (continue)) (push log y) (finally (push log (- y)))))",
            "[null [1 -1 -2 3 -3]]",
        ),
        (
            "(each (y [1 2]) (each (z [3 4]) (try (try (if (== z 4) (break z)) (finally (push log y))) (finally (push log z)))))",
            "[null [1 3 1 4 2 3 2 4]]",
        ),
        ("(try (each (y [1 2 3]) (try (return y) (finally (push log y)))) (finally (push log :out)))", "[1 [1 :out]]"),
        ("(try (try (return 5) (finally (push log 1))) (finally (push log 2)))", "[5 [1 2]]"),
        ("(each (y [1 2]) (try (return y) (finally (continue))))", "[null []]"),
        ("(+ 1 2 (try (throw 1) (catch e (+ e (try (throw 2) (catch e (* e 10)))))))", "[24 []]"),
        (
            "(try (throw [1 [2]]) (catch [a] 1) (catch [a [b c]] 2) (catch [a [b ...c]] (push log c) (+ a b)))",
            "[3 [[]]]",
        ),
        ("(try (+ 1 (try (throw 1) (finally (push log 1)))) (catch e (push log 2) e))", "[1 [1 2]]"),
        (
            "(for (var i 0) (< i 4) (++ i) (try (if (== i 1) (continue)) (if (== i 3) (break)) (finally (push log i))))",
            "[null [0 1 2 3]]",
        ),
        ("(begin (var fs 0) (try (throw 3) (catch n (set fs (lambda () n)))) (fs))", "[3 []]"),
    ] {
        assert_eq!(run(&log(body)).as_deref(), Some(gives), "{body}");
    }
}

/// What of the conformance suite this machine can run.
#[test]
fn conformance() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let (mut right, mut wrong) = (0, Vec::new());
    for file in files.flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        let Ok(serde_json::Value::Array(cases)) = serde_json::from_str(&text) else { continue };
        for case in cases {
            let (Some(source), true) = (case["src"].as_str(), case["files"].is_null()) else { continue };
            let wanted = match (case["value"].as_str(), case["error"].as_str()) {
                (Some(value), _) => value.to_string(),
                (None, Some(error)) if error.starts_with(':') => format!("throws {error}"),
                _ => continue,
            };
            match run(source) {
                Some(given) if given == wanted => right += 1,
                Some(given) => wrong.push(format!("{}: {given}, not {wanted}", case["name"])),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right > 200, "{right}");
}
