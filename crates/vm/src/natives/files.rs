//! The module `File`: what the driver is asked for, and its answers as values.

use super::general::{texts, value_error};
use super::{arity, wants};
use crate::data::{bytes, int, text, tuple};
use crate::format;
use crate::heap::{Heap, Kind};
use crate::trap::{FileAnswer, FileRequest, Request, Trap};
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

fn path(heap: &Heap, name: &str, value: Value) -> std::result::Result<String, Trap> {
    match text::view(heap, value) {
        Some(text) => Ok(text.as_str().to_owned()),
        None => Err(wants(heap, name, "a string as the path", value)),
    }
}

/// The octets of a string or of bytes.
fn content(heap: &Heap, name: &str, value: Value) -> std::result::Result<Vec<u8>, Trap> {
    match (text::view(heap, value), bytes::view(heap, value)) {
        (Some(text), _) => Ok(text.as_str().as_bytes().to_vec()),
        (None, Some(octets)) => Ok(octets.to_vec()),
        (None, None) => Err(wants(heap, name, "a string or bytes to write", value)),
    }
}

/// The number of an open port.
fn port(heap: &Heap, value: Value) -> Option<u64> {
    heap.is(value, Kind::Lines).map(|at| heap.word(at, 0))
}

pub(super) fn read(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name] = args else { return Err(arity()) };
    Err(Trap::request(Request::ReadFile(path(heap, "File.read", name)?)))
}

pub(super) fn read_bytes(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name] = args else { return Err(arity()) };
    Err(Trap::request(Request::ReadBytes(path(heap, "File.read-bytes", name)?)))
}

pub(super) fn lines(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name] = args else { return Err(arity()) };
    Err(Trap::request(Request::OpenLines(path(heap, "File.lines", name)?)))
}

pub(super) fn write(heap: &mut Heap, args: &[Value]) -> Result {
    let &[to, data] = args else { return Err(arity()) };
    let bytes = content(heap, "File.write", data)?;
    Err(Trap::request(match port(heap, to) {
        Some(port) => Request::WritePort(port, bytes),
        None => Request::File(FileRequest::Write { path: path(heap, "File.write", to)?, bytes, append: false }),
    }))
}

pub(super) fn append(heap: &mut Heap, args: &[Value]) -> Result {
    let &[to, data] = args else { return Err(arity()) };
    let (path, bytes) = (path(heap, "File.append", to)?, content(heap, "File.append", data)?);
    Err(Trap::request(Request::File(FileRequest::Write { path, bytes, append: true })))
}

/// A native that asks about a path.
macro_rules! about_a_path {
    ($($function:ident $name:literal $Request:ident;)*) => {
        $(pub(super) fn $function(heap: &mut Heap, args: &[Value]) -> Result {
            let &[name] = args else { return Err(arity()) };
            Err(Trap::request(Request::File(FileRequest::$Request(path(heap, $name, name)?))))
        })*
    };
}

about_a_path! {
    exists "File.exists?" Exists;
    delete "File.delete" Delete;
    list "File.list" List;
    make_folder "File.make-dir" MakeFolder;
    stat "File.stat" Stat;
}

pub(super) fn open(heap: &mut Heap, args: &[Value]) -> Result {
    let path = path(heap, "File.open", args[0])?;
    let mode = match args.get(1) {
        None => "read",
        Some(&mode) => match mode.as_atom() {
            Some(atom) => heap.node().atom_name(atom),
            None => return Err(wants(heap, "File.open", "an atom as the mode", mode)),
        },
    };
    Err(match mode {
        "read" => Trap::request(Request::OpenLines(path)),
        "write" => Trap::request(Request::OpenWriter(path, false)),
        "append" => Trap::request(Request::OpenWriter(path, true)),
        _ => {
            let mode = format::brief(heap, args[1]);
            value_error(format!("`File.open` knows the modes :read, :write and :append, but not {mode}"))
        }
    })
}

pub(super) fn read_line(heap: &mut Heap, args: &[Value]) -> Result {
    let &[from] = args else { return Err(arity()) };
    match port(heap, from) {
        Some(port) => Err(Trap::request(Request::NextLine(port))),
        None => Err(wants(heap, "File.read-line", "an open file", from)),
    }
}

pub(super) fn close(heap: &mut Heap, args: &[Value]) -> Result {
    let &[file] = args else { return Err(arity()) };
    match port(heap, file) {
        Some(port) => Err(Trap::request(Request::Close(port))),
        None => Err(wants(heap, "File.close", "an open file", file)),
    }
}

pub(super) fn give(heap: &mut Heap, args: &[Value]) -> Result {
    let &[given, to] = args else { return Err(arity()) };
    match (port(heap, given), to.as_pid()) {
        (Some(port), Some(pid)) => Err(Trap::request(Request::Give(port, pid))),
        (None, _) => Err(wants(heap, "give", "an open file", given)),
        (Some(_), None) => Err(wants(heap, "give", "a pid", to)),
    }
}

/// The value that an answer about files is.
pub(super) fn respond(heap: &mut Heap, answer: &FileAnswer) -> Result {
    match answer {
        FileAnswer::Done => Ok(Value::NULL),
        FileAnswer::Truth(truth) => Ok(Value::bool(*truth)),
        FileAnswer::Names(names) => {
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.sort_unstable();
            texts(heap, names.into_iter())
        }
        FileAnswer::Stat { size, folder, modified } => {
            let kind = Value::atom(heap.node().own_atom(if *folder { "folder" } else { "file" }));
            let size = int::from_i128(heap, i128::from(*size))?;
            tuple::new(heap, &[kind, size, modified.map_or(Value::NULL, Value::float)])
        }
    }
}
