//! A reader and evaluator for tests: literals, collections, calls of natives, `(let name e body)` and `(prop e n)`.

use crate::data::{bytes, int, list, map, text, tuple};
use crate::format;
use crate::heap::Heap;
use crate::natives::TABLE;
use crate::node::Node;
use crate::ops;
use crate::task::at_once;
use crate::trap::{Trap, TrapKind};
use crate::value::Value;

/// Checks a table of expressions and what they give: the `repr`, or kind and message of the error.
pub(crate) fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let mut eval = Eval::new();
        let expected = if expected.starts_with("(int") {
            let result = eval.value(expected);
            eval.show(result)
        } else {
            (*expected).to_owned()
        };
        let result = eval.value(source);
        assert_eq!(eval.show(result), expected, "{source}");
        eval.heap.check();
    }
}

pub(crate) struct Eval {
    pub(crate) heap: Heap,
    names: Vec<(String, Value)>,
}

impl Eval {
    pub(crate) fn new() -> Eval {
        Eval::with_limit(1 << 26)
    }

    pub(crate) fn with_limit(bytes: usize) -> Eval {
        Eval { heap: Heap::new(Node::new(), bytes), names: Vec::new() }
    }

    /// Evaluates one expression.
    pub(crate) fn value(&mut self, source: &str) -> Result<Value, Trap> {
        let mut rest = source;
        let value = self.expression(&mut rest)?;
        assert_eq!(rest.trim(), "", "{source}");
        Ok(value)
    }

    pub(crate) fn show(&self, result: Result<Value, Trap>) -> String {
        self.show_text(result.and_then(|value| format::repr(&self.heap, value)))
    }

    pub(crate) fn show_text(&self, result: Result<String, Trap>) -> String {
        match result.map_err(Trap::into_kind) {
            Ok(text) => text,
            Err(TrapKind::Error(kind, message)) => format!(":{} {message}", kind.name()),
            Err(TrapKind::Request(request)) => format!("request {request:?}"),
            Err(TrapKind::NoMemory) => "no memory".into(),
            Err(other) => format!("{other:?}"),
        }
    }

    fn sequence(&mut self, rest: &mut &str, end: char) -> Result<Vec<Value>, Trap> {
        let mut values = Vec::new();
        loop {
            *rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix(end) {
                *rest = after;
                return Ok(values);
            }
            values.push(self.expression(rest)?);
        }
    }

    fn expression(&mut self, rest: &mut &str) -> Result<Value, Trap> {
        *rest = rest.trim_start();
        let source = *rest;
        if let Some(after) = source.strip_prefix('[') {
            *rest = after;
            let values = self.sequence(rest, ']')?;
            return list::new(&mut self.heap, &values);
        }
        if let Some(after) = source.strip_prefix("#[") {
            *rest = after;
            let values = self.sequence(rest, ']')?;
            return tuple::new(&mut self.heap, &values);
        }
        if let Some(after) = source.strip_prefix('{') {
            *rest = after;
            let values = self.sequence(rest, '}')?;
            let entries: Vec<_> = values.chunks(2).map(|entry| (entry[0], entry[1])).collect();
            return map::from_entries(&mut self.heap, &entries);
        }
        if let Some(after) = source.strip_prefix("#b\"") {
            *rest = after;
            let octets = octets(rest);
            return bytes::make(&mut self.heap, &octets);
        }
        if let Some(after) = source.strip_prefix('"') {
            *rest = after;
            let octets = octets(rest);
            return text::make(&mut self.heap, &String::from_utf8(octets).unwrap());
        }
        if let Some(after) = source.strip_prefix(":\"") {
            *rest = after;
            let name = String::from_utf8(octets(rest)).unwrap();
            return Ok(Value::atom(self.heap.node().atom(&name).unwrap()));
        }
        if let Some(after) = source.strip_prefix('(') {
            *rest = after;
            return self.call(rest);
        }
        let word = word(rest);
        self.word(word)
    }

    fn word(&mut self, word: &str) -> Result<Value, Trap> {
        match word {
            "null" => return Ok(Value::NULL),
            "true" => return Ok(Value::TRUE),
            "false" => return Ok(Value::FALSE),
            _ => {}
        }
        if let Some(name) = word.strip_prefix(':') {
            return Ok(Value::atom(self.heap.node().atom(name).unwrap()));
        }
        if let Some((_, value)) = self.names.iter().rev().find(|(name, _)| name == word) {
            return Ok(*value);
        }
        if let Ok(int) = word.parse() {
            return int::from_big(&mut self.heap, &int);
        }
        Ok(Value::float(word.parse().unwrap_or_else(|_| panic!("{word} is no value"))))
    }

    fn call(&mut self, rest: &mut &str) -> Result<Value, Trap> {
        let name = word(rest);
        match name {
            "let" => {
                let variable = word(rest).to_owned();
                let value = self.expression(rest)?;
                self.names.push((variable, value));
                let body = self.sequence(rest, ')')?;
                self.names.pop();
                return Ok(body[0]);
            }
            "prop" => {
                let object = self.expression(rest)?;
                let atom = self.heap.node().atom(word(rest)).unwrap();
                *rest = rest.trim_start().strip_prefix(')').unwrap();
                return ops::prop_get(&mut self.heap, object, atom);
            }
            _ => {}
        }
        let native = TABLE.iter().find(|native| native.name == name).unwrap_or_else(|| panic!("no native {name}"));
        let args = self.sequence(rest, ')')?;
        assert!(args.len() >= native.min as usize && native.max.is_none_or(|max| args.len() <= max as usize));
        at_once(&mut self.heap, |heap| (native.run)(heap, &args))
    }
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let source = rest.trim_start();
    let end = source.find(|char: char| char.is_whitespace() || "()[]{}\"".contains(char)).unwrap_or(source.len());
    *rest = &source[end..];
    &source[..end]
}

/// The text or bytes up to the closing quote.
fn octets(rest: &mut &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chars = rest.char_indices();
    let mut buffer = [0; 4];
    while let Some((at, char)) = chars.next() {
        if char == '"' {
            *rest = &rest[at + 1..];
            return out;
        }
        if char != '\\' {
            out.extend(char.encode_utf8(&mut buffer).bytes());
            continue;
        }
        match chars.next().unwrap().1 {
            'n' => out.push(b'\n'),
            't' => out.push(b'\t'),
            'r' => out.push(b'\r'),
            '0' => out.push(0),
            'x' => {
                let digits: String = chars.by_ref().take(2).map(|(_, digit)| digit).collect();
                out.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            'u' => {
                let digits: String =
                    chars.by_ref().skip(1).map(|(_, digit)| digit).take_while(|&digit| digit != '}').collect();
                let char = char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap();
                out.extend(char.encode_utf8(&mut buffer).bytes());
            }
            other => out.push(other as u8),
        }
    }
    panic!("no closing quote");
}
