//! Writes module files.

use super::{HEADER, Identified, MAGIC, VERSION, checksum, section};
use crate::module::{Constant, Function, Module, Pooled, RegisterCode};
use iridium_isa::{REGISTER_VERSION, STACK_VERSION, leb};
use num_bigint::Sign;

/// The file of a program: modules by identity, each after those that it imports, the main one last. With `strip` it
/// has no debug tables. `None` if that would be more than [`MAX_FILE`](super::MAX_FILE).
pub fn write(program: &[Identified], strip: bool) -> Option<Vec<u8>> {
    let mut body = Writer::default();
    body.octet(u8::from(!strip));
    body.list(program, |out, (id, module)| {
        out.text(id);
        out.module(module, strip);
    });
    if HEADER + body.0.len() > super::MAX_FILE {
        return None;
    }
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_be_bytes());
    file.extend(STACK_VERSION.to_be_bytes());
    file.extend((body.0.len() as u32).to_be_bytes());
    file.extend(checksum(&file, &body.0).to_be_bytes());
    file.extend(body.0);
    Some(file)
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn octet(&mut self, octet: u8) {
        self.0.push(octet);
    }

    fn number(&mut self, number: u32) {
        leb::write(&mut self.0, number);
    }

    fn octets(&mut self, octets: &[u8]) {
        self.number(octets.len() as u32);
        self.0.extend_from_slice(octets);
    }

    fn text(&mut self, text: &str) {
        self.octets(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Writer, &T)) {
        self.number(items.len() as u32);
        for item in items {
            each(self, item);
        }
    }

    fn section(&mut self, number: u8, contents: impl FnOnce(&mut Writer)) {
        let mut inner = Writer::default();
        contents(&mut inner);
        self.octet(number);
        self.octets(&inner.0);
    }

    fn module(&mut self, module: &Module, strip: bool) {
        self.text(&module.source);
        self.section(section::CONSTANTS, |out| out.list(&module.constants, Writer::constant));
        self.section(section::GLOBALS, |out| {
            out.list(&module.globals, |out, global| {
                out.octet(u8::from(global.constant) | u8::from(global.import.is_some()) << 1);
                out.text(&global.name);
                if let Some(module) = &global.import {
                    out.text(module);
                }
            });
        });
        self.section(section::CLASSES, |out| {
            out.list(&module.classes, |out, class| {
                out.text(&class.name);
                out.list(&class.methods, |out, method| out.text(method));
            });
        });
        self.section(section::FUNCTIONS, |out| out.list(&module.functions, Writer::function));
        let mut registers = module.functions.iter().filter_map(|function| function.registers.as_ref()).peekable();
        if registers.peek().is_some() {
            self.section(section::REGISTERS, |out| {
                out.0.extend(REGISTER_VERSION.to_be_bytes());
                registers.for_each(|code| out.register_code(code));
            });
        }
        if !strip {
            self.section(section::DEBUG, |out| module.functions.iter().for_each(|function| out.debug(function)));
        }
    }

    fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::Int(value) => {
                let (sign, magnitude) = value.to_bytes_be();
                self.octet(0);
                self.octet(u8::from(sign == Sign::Minus));
                self.octets(if sign == Sign::NoSign { &[] } else { &magnitude });
            }
            Constant::Float(value) => {
                self.octet(1);
                self.0.extend(value.to_bits().to_be_bytes());
            }
            Constant::Str(text) => {
                self.octet(2);
                self.text(text);
            }
            Constant::Bytes(octets) => {
                self.octet(3);
                self.octets(octets);
            }
            Constant::Atom(name) => {
                self.octet(4);
                self.text(name);
            }
            Constant::Native(name) => {
                self.octet(5);
                self.text(name);
            }
            Constant::Import { module, name } => {
                self.octet(6);
                self.text(module);
                self.text(name);
            }
            Constant::Module { name, members } => {
                self.octet(7);
                self.text(name);
                self.list(members, |out, (member, global)| {
                    out.text(member);
                    out.number(*global);
                });
            }
        }
    }

    fn function(&mut self, function: &Function) {
        self.text(&function.name);
        self.number(function.required);
        self.number(function.optional);
        let flags = [function.rest, function.registers.is_some(), function.packed];
        self.octet(flags.iter().enumerate().map(|(bit, flag)| u8::from(*flag) << bit).sum());
        self.octet(function.locals);
        self.list(&function.captures, |out, cell| out.octet(u8::from(*cell)));
        self.octets(&function.code);
        self.list(&function.handlers, |out, handler| {
            for offset in [handler.start, handler.end, handler.target] {
                out.number(offset);
            }
            out.octet(u8::from(handler.finally));
        });
    }

    fn register_code(&mut self, code: &RegisterCode) {
        self.octet(code.frame);
        self.list(&code.pool, |out, pooled| match *pooled {
            Pooled::Const(index) => {
                out.octet(0);
                out.number(index);
            }
            Pooled::Func(index) => {
                out.octet(1);
                out.number(index);
            }
            Pooled::Int(value) => {
                out.octet(2);
                out.number((value << 1 ^ value >> 31) as u32);
            }
            Pooled::Null => out.octet(3),
            Pooled::Bool(value) => out.octet(4 + u8::from(value)),
        });
        self.list(&code.words, |out, word| out.0.extend(word.to_be_bytes()));
        self.list(&code.handlers, |out, handler| {
            for offset in [handler.start, handler.end, handler.target] {
                out.number(offset);
            }
            out.octet(handler.register);
            out.octet(u8::from(handler.finally));
        });
    }

    fn debug(&mut self, function: &Function) {
        let mut before = 0;
        self.list(function.positions.entries(), |out, (offset, position)| {
            out.number(offset - before);
            before = *offset;
            for number in [position.line, position.column, position.length] {
                out.number(number);
            }
        });
        self.list(&function.local_names, |out, local| {
            out.octet(local.local);
            out.text(&local.name);
            out.number(local.start);
            out.number(local.end);
        });
        self.list(&function.capture_names, |out, name| out.text(name));
    }
}
