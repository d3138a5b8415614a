//! Reads module files. Nothing is believed: every count is held against what is left of the file before memory is
//! taken for it, and what is read must be what [`write`](super::write()) would have written.

use super::{Fault, FileError, HEADER, Identified, MAGIC, MAX_FILE, VERSION, checksum, section};
use crate::module::{
    ClassTemplate, Constant, Function, Global, Handler, LocalName, Module, Pooled, Position, PositionTable,
    RegisterCode, RegisterHandler,
};
use iridium_isa::leb::{self, LebError};
use iridium_isa::{REGISTER_VERSION, STACK_VERSION};
use num_bigint::{BigInt, Sign};

type Read<T> = Result<T, FileError>;

/// The modules of a file, each after those that it imports, the main one last. They are not verified yet.
///
/// # Errors
/// Why the octets are no module file.
pub fn read(file: &[u8]) -> Result<Vec<Identified>, FileError> {
    let mut reader = Reader { file, at: 0, end: file.len().min(HEADER) };
    if file.get(..4) != Some(&MAGIC) {
        return Err(reader.error(Fault::NotAModuleFile));
    }
    reader.at = 4;
    let version = reader.u16()?;
    if version != VERSION {
        return Err(FileError { fault: Fault::Version(version), offset: 4 });
    }
    let version = reader.u16()?;
    if version != STACK_VERSION {
        return Err(FileError { fault: Fault::StackVersion(version), offset: 6 });
    }
    let length = reader.u32()? as usize;
    let expected = reader.u32()?;
    if length > MAX_FILE - HEADER {
        return Err(FileError { fault: Fault::TooLarge, offset: 8 });
    }
    let body = &file[HEADER..];
    if body.len() < length {
        return Err(FileError { fault: Fault::Truncated, offset: file.len() });
    }
    if body.len() > length {
        return Err(FileError { fault: Fault::TrailingOctets, offset: HEADER + length });
    }
    if checksum(&file[..12], body) != expected {
        return Err(FileError { fault: Fault::Checksum, offset: 12 });
    }
    reader.end = file.len();
    let has_debug = reader.tag(1)? == 1;
    let program = reader.list(6, |reader| Ok((reader.text()?, reader.module(has_debug)?)))?;
    reader.finish()?;
    if program.is_empty() {
        return Err(reader.error(Fault::NoModule));
    }
    Ok(program)
}

/// What is left of a file, or of a section.
struct Reader<'f> {
    file: &'f [u8],
    at: usize,
    end: usize,
}

impl<'f> Reader<'f> {
    fn error(&self, fault: Fault) -> FileError {
        FileError { fault, offset: self.at }
    }

    fn take(&mut self, length: usize) -> Read<&'f [u8]> {
        if length > self.end - self.at {
            return Err(self.error(Fault::Truncated));
        }
        let taken = &self.file[self.at..self.at + length];
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn octet(&mut self) -> Read<u8> {
        self.array::<1>().map(|[octet]| octet)
    }

    fn u16(&mut self) -> Read<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn number(&mut self) -> Read<u32> {
        let from = self.at;
        leb::read(&self.file[..self.end], &mut self.at).map_err(|error| {
            let fault = match error {
                LebError::Truncated => Fault::Truncated,
                LebError::NotShortest => Fault::BadNumber,
            };
            FileError { fault, offset: from }
        })
    }

    /// A count of things that take at least `least` octets each.
    fn count(&mut self, least: usize) -> Read<usize> {
        let from = self.at;
        let count = self.number()? as usize;
        if count > (self.end - self.at) / least {
            return Err(FileError { fault: Fault::Truncated, offset: from });
        }
        Ok(count)
    }

    fn list<T>(&mut self, least: usize, mut each: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count(least)?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(each(self)?);
        }
        Ok(items)
    }

    fn octets(&mut self) -> Read<&'f [u8]> {
        let length = self.count(1)?;
        self.take(length)
    }

    fn text(&mut self) -> Read<String> {
        let from = self.at;
        let octets = self.octets()?;
        let text = std::str::from_utf8(octets).map_err(|_| FileError { fault: Fault::BadText, offset: from })?;
        Ok(text.to_owned())
    }

    /// An octet of at most `most`.
    fn tag(&mut self, most: u8) -> Read<u8> {
        let from = self.at;
        match self.octet()? {
            tag if tag <= most => Ok(tag),
            tag => Err(FileError { fault: Fault::BadTag(tag), offset: from }),
        }
    }

    fn finish(&self) -> Read<()> {
        if self.at == self.end { Ok(()) } else { Err(self.error(Fault::TrailingOctets)) }
    }

    /// The section with this number, if it comes next.
    fn section<T>(&mut self, number: u8, contents: impl FnOnce(&mut Reader<'f>) -> Read<T>) -> Read<Option<T>> {
        if self.at == self.end || self.file[self.at] != number {
            return Ok(None);
        }
        self.at += 1;
        let length = self.count(1)?;
        let mut inner = Reader { file: self.file, at: self.at, end: self.at + length };
        let contents = contents(&mut inner)?;
        inner.finish()?;
        self.at = inner.end;
        Ok(Some(contents))
    }

    /// A section that every module has.
    fn needed<T>(&mut self, number: u8, contents: impl FnOnce(&mut Reader<'f>) -> Read<T>) -> Read<T> {
        let from = self.at;
        self.section(number, contents)?.ok_or(FileError { fault: Fault::BadSection(number), offset: from })
    }

    fn module(&mut self, has_debug: bool) -> Read<Module> {
        let source = self.text()?;
        let constants = self.needed(section::CONSTANTS, |reader| reader.list(2, Reader::constant))?;
        let globals = self.needed(section::GLOBALS, |reader| reader.list(2, Reader::global))?;
        let classes = self.needed(section::CLASSES, |reader| {
            reader.list(2, |reader| Ok(ClassTemplate { name: reader.text()?, methods: reader.list(1, Reader::text)? }))
        })?;
        let mut functions = self.needed(section::FUNCTIONS, |reader| reader.list(8, Reader::function))?;
        let from = self.at;
        let written = functions.iter().any(|function| function.registers.is_some());
        let read = self.section(section::REGISTERS, |reader| {
            let version = reader.u16()?;
            if version != REGISTER_VERSION {
                return Err(FileError { fault: Fault::RegisterVersion(version), offset: reader.at - 2 });
            }
            for code in functions.iter_mut().filter_map(|function| function.registers.as_mut()) {
                *code = reader.register_code()?;
            }
            Ok(())
        })?;
        if written != read.is_some() {
            return Err(FileError { fault: Fault::BadSection(section::REGISTERS), offset: from });
        }
        if has_debug {
            self.needed(section::DEBUG, |reader| functions.iter_mut().try_for_each(|function| reader.debug(function)))?;
        } else {
            for function in &mut functions {
                function.capture_names = vec![String::new(); function.captures.len()];
            }
        }
        Ok(Module { source, constants, globals, functions, classes })
    }

    fn constant(&mut self) -> Read<Constant> {
        Ok(match self.tag(7)? {
            0 => {
                let minus = self.tag(1)? == 1;
                let from = self.at;
                let magnitude = self.octets()?;
                if magnitude.first() == Some(&0) || magnitude.is_empty() && minus {
                    return Err(FileError { fault: Fault::BadNumber, offset: from });
                }
                let sign = if minus { Sign::Minus } else { Sign::Plus };
                Constant::Int(BigInt::from_bytes_be(sign, magnitude))
            }
            1 => {
                let from = self.at;
                let value = f64::from_bits(u64::from_be_bytes(self.array()?));
                // Engines tell floats from other values by their bits.
                if value.is_nan() && value.to_bits() != f64::NAN.to_bits() {
                    return Err(FileError { fault: Fault::BadFloat, offset: from });
                }
                Constant::Float(value)
            }
            2 => Constant::Str(self.text()?),
            3 => Constant::Bytes(self.octets()?.to_vec()),
            4 => Constant::Atom(self.text()?),
            5 => Constant::Native(self.text()?),
            6 => Constant::Import { module: self.text()?, name: self.text()? },
            _ => Constant::Module {
                name: self.text()?,
                members: self.list(2, |reader| Ok((reader.text()?, reader.number()?)))?,
            },
        })
    }

    fn global(&mut self) -> Read<Global> {
        let kind = self.tag(3)?;
        let name = self.text()?;
        let import = if kind & 2 != 0 { Some(self.text()?) } else { None };
        Ok(Global { name, constant: kind & 1 != 0, import })
    }

    fn function(&mut self) -> Read<Function> {
        let name = self.text()?;
        let (required, optional) = (self.number()?, self.number()?);
        let kind = self.tag(7)?;
        let locals = self.octet()?;
        let captures = self.list(1, |reader| Ok(reader.tag(1)? == 1))?;
        let code = self.octets()?.to_vec();
        let handlers = self.list(4, |reader| {
            let [start, end, target] = [reader.number()?, reader.number()?, reader.number()?];
            Ok(Handler { start, end, target, finally: reader.tag(1)? == 1 })
        })?;
        let registers = (kind & 2 != 0).then(RegisterCode::default);
        Ok(Function {
            name,
            required,
            optional,
            rest: kind & 1 != 0,
            packed: kind & 4 != 0,
            locals,
            captures,
            code,
            handlers,
            registers,
            ..Function::default()
        })
    }

    fn register_code(&mut self) -> Read<RegisterCode> {
        let frame = self.octet()?;
        let pool = self.list(1, |reader| {
            Ok(match reader.tag(5)? {
                0 => Pooled::Const(reader.number()?),
                1 => Pooled::Func(reader.number()?),
                2 => {
                    let zigzag = reader.number()?;
                    Pooled::Int((zigzag >> 1 ^ (zigzag & 1).wrapping_neg()) as i32)
                }
                3 => Pooled::Null,
                truth => Pooled::Bool(truth == 5),
            })
        })?;
        let words = self.list(4, Reader::u32)?;
        let handlers = self.list(5, |reader| {
            let [start, end, target] = [reader.number()?, reader.number()?, reader.number()?];
            Ok(RegisterHandler { start, end, target, register: reader.octet()?, finally: reader.tag(1)? == 1 })
        })?;
        Ok(RegisterCode { words, pool, handlers, frame })
    }

    fn debug(&mut self, function: &mut Function) -> Read<()> {
        let mut positions = PositionTable::default();
        let mut before = 0u32;
        let count = self.count(4)?;
        for index in 0..count {
            let from = self.at;
            let distance = self.number()?;
            let position = Position { line: self.number()?, column: self.number()?, length: self.number()? };
            let offset = before.checked_add(distance);
            // Each entry says something new: else it would not be written.
            let (Some(offset), true) = (offset, index == 0 || distance > 0) else {
                return Err(FileError { fault: Fault::BadNumber, offset: from });
            };
            before = offset;
            positions.push(offset, position);
            if positions.entries().len() != index + 1 {
                return Err(FileError { fault: Fault::BadNumber, offset: from });
            }
        }
        function.positions = positions;
        function.local_names = self.list(4, |reader| {
            Ok(LocalName {
                local: reader.octet()?,
                name: reader.text()?.into(),
                start: reader.number()?,
                end: reader.number()?,
            })
        })?;
        function.capture_names = self.list(1, Reader::text)?;
        Ok(())
    }
}
