//! Assembles the instructions of both forms, each by its row in the table.

use super::AssemblyError;
use super::assembler::{FunctionAssembler, Step, label_use, span};
use super::constants;
use super::lexer::Token;
use crate::module::{Constant, Pooled};
use crate::nearest::nearest;
use iridium_isa::register::{self, Flag as RegisterFlag, Operand as Field, RegisterOp, Word};
use iridium_isa::stack::{self, Operand, StackOp};
use num_traits::ToPrimitive;

impl FunctionAssembler<'_> {
    // ---- Portable code ----

    pub(super) fn stack_instruction(&mut self, tokens: &[Token]) -> Step {
        let (name, mut operands) = (&tokens[0], &tokens[1..]);
        let mnemonic = name.word().unwrap_or_default();
        let mut op = StackOp::from_mnemonic(mnemonic).ok_or_else(|| {
            let other = RegisterOp::from_mnemonic(mnemonic).map(|_| "register code: leave the `stack` of `.func` away");
            unknown(name, "portable", other, stack::ROWS.iter().map(|row| row.mnemonic))
        })?;
        if let (StackOp::Push, [value]) = (op, operands) {
            op = match value.word() {
                Some("null") => StackOp::PushNull,
                Some("true") => StackOp::PushTrue,
                Some("false") => StackOp::PushFalse,
                Some(word) if constants::number(word).is_some_and(|number| number.to_i32().is_some()) => op,
                _ => return self.push_constant(value),
            };
            if op != StackOp::Push {
                operands = &[];
            }
        }
        let row = op.row();
        if operands.len() != row.operands.len() {
            return Err(count_differs(
                tokens,
                row.mnemonic,
                row.operands.iter().map(|operand| stack_operand(*operand)),
            ));
        }
        let mut values = Vec::with_capacity(operands.len());
        let mut label = None;
        for (&kind, token) in row.operands.iter().zip(operands) {
            values.push(match kind {
                Operand::Int => self.signed(token)? as u32,
                Operand::Const => self.constant_index(token)?,
                Operand::Local => {
                    let local = self.number(token)?;
                    self.used = self.used.max((local as usize).saturating_add(1));
                    local
                }
                Operand::Capture => self.capture(token)?,
                Operand::Global => self.tables.globals.index(token, "global")?,
                Operand::Func => self.tables.functions.index(token, "function")?,
                Operand::Class => self.tables.classes.index(token, "class")?,
                Operand::Type => built_in_type(token)?,
                Operand::Count => self.number(token)?,
                Operand::Label => {
                    label = Some(label_use(token)?);
                    0
                }
            });
        }
        stack::encode(&mut self.function.code, op, &values);
        if let Some(label) = label {
            // The label is the last operand of each row that has one.
            let end = self.function.code.len();
            self.jumps.push((end - 4, end, label));
        }
        Ok(())
    }

    /// `push` of what is no small int.
    fn push_constant(&mut self, token: &Token) -> Step {
        let constant = match token.word().and_then(constants::number) {
            Some(value) => Constant::Int(value),
            None => self.constant(token)?,
        };
        let index = self.pool.index_of(constant);
        stack::encode(&mut self.function.code, StackOp::PushConst, &[index]);
        Ok(())
    }

    /// The index of a constant of the module: written as that, or as the constant.
    fn constant_index(&mut self, token: &Token) -> Step<u32> {
        if token.word().and_then(constants::number).is_some() {
            return self.number(token);
        }
        let constant = self.constant(token)?;
        Ok(self.pool.index_of(constant))
    }

    fn constant(&self, token: &Token) -> Step<Constant> {
        constants::operand(token).unwrap_or_else(|| {
            Err(AssemblyError::new(token.span.clone(), "a constant stands here").help(
                "its index, or the constant: `\"text\"`, `#b\"octets\"`, `:atom`, `1.5`, `int:5`, `native:print`, `import:prelude.map`",
            ))
        })
    }

    fn capture(&self, token: &Token) -> Step<u32> {
        let names = &self.function.capture_names;
        match token.name().and_then(|name| names.iter().position(|known| known == name)) {
            Some(index) => Ok(index as u32),
            None => self.number(token),
        }
    }

    fn signed(&self, token: &Token) -> Step<i32> {
        let number = token.word().and_then(constants::number);
        let number =
            number.ok_or_else(|| AssemblyError::new(token.span.clone(), "a number stands here, like `5` or `#-5`"))?;
        number.to_i32().ok_or_else(|| AssemblyError::new(token.span.clone(), format!("{number} has more than 32 bits")))
    }

    // ---- Register code ----

    pub(super) fn register_instruction(&mut self, tokens: &[Token]) -> Step {
        let (name, operands) = (&tokens[0], &tokens[1..]);
        let mnemonic = name.word().unwrap_or_default();
        let op = RegisterOp::from_mnemonic(mnemonic).ok_or_else(|| {
            let other = StackOp::from_mnemonic(mnemonic).map(|_| "portable code: begin it with `.func main stack`");
            unknown(name, "register", other, register::ROWS.iter().map(|row| row.mnemonic))
        })?;
        let row = op.row();
        if row.has(RegisterFlag::DATA) {
            let error = AssemblyError::new(name.span.clone(), "`ext` is a part of the instruction before");
            return Err(error.help("write all operands of that instruction on its line"));
        }
        if let (RegisterOp::Load, [to, value]) = (op, operands) {
            return self.load(to, value);
        }
        let mut rest = operands;
        let mut next = |what: &'static str| {
            let (first, more) = rest.split_first().ok_or(what)?;
            rest = more;
            Ok(first)
        };
        let short = |_| count_differs(tokens, row.mnemonic, register_operands(row).into_iter());
        let mut values = Vec::with_capacity(row.operands.len());
        let mut label = None;
        for &kind in row.operands {
            if kind == Field::G16 {
                // The high bits of the global that the extension word names.
                values.push(0);
                continue;
            }
            let token = next("operand").map_err(short)?;
            let value = match kind {
                kind if kind.is_register() => i64::from(self.register(token)?),
                Field::K8 | Field::K16 => i64::from(self.pooled_index(token)?),
                Field::Off24 => {
                    label = Some(label_use(token)?);
                    0
                }
                Field::U8 if op == RegisterOp::IsType => i64::from(built_in_type(token)?),
                Field::U16 => i64::from(self.capture(token)?),
                _ => i64::from(self.signed(token)?),
            };
            if !register::fits(kind, value) {
                return Err(out_of_range(token, kind));
            }
            values.push(value);
        }
        let mut extensions = Vec::with_capacity(row.extensions.len());
        for &kind in row.extensions {
            extensions.push(match kind {
                Field::U24 => match next("cache").ok().map(|token| self.number(token)) {
                    Some(index) => index?,
                    None => self.caches,
                },
                Field::C24 => self.tables.classes.index(next("class").map_err(short)?, "class")?,
                Field::G24 => self.tables.globals.index(next("global").map_err(short)?, "global")?,
                _ => {
                    let token = next("constant").map_err(short)?;
                    self.pooled_index(token)?
                }
            });
            if kind == Field::U24 {
                self.caches += register::CACHE_WORDS;
            }
        }
        let jump = if row.has(RegisterFlag::TESTS) { next("label").ok().map(label_use).transpose()? } else { None };
        if !rest.is_empty() {
            return Err(short("operand"));
        }
        self.note_registers(row, &values);
        let word = register::encode(op, &values).expect("each operand fits");
        self.registers.words.push(word.0);
        for (&kind, bits) in row.extensions.iter().zip(extensions) {
            if bits >= 1 << 24 {
                return Err(out_of_range(tokens.last().unwrap_or(name), kind));
            }
            self.registers.words.push(Word::long(RegisterOp::Ext, bits).0);
        }
        let end = self.registers.words.len();
        if let Some(label) = label {
            self.jumps.push((end - 1, end, label));
        }
        if let Some(label) = jump {
            self.registers.words.push(Word::long(RegisterOp::Jmp, 0).0);
            self.jumps.push((end, end + 1, label));
        }
        Ok(())
    }

    /// `load`, and the instructions that load what it cannot.
    fn load(&mut self, to: &Token, value: &Token) -> Step {
        let register = self.register(to)?;
        self.used = self.used.max(usize::from(register) + 1);
        let small = value.word().and_then(constants::number).map(|number| (number.to_i16(), number));
        let word = match (small, value.word()) {
            (Some((Some(small), _)), _) => Word::wide(RegisterOp::Load, register, small as u16),
            (None, Some("null")) => Word::abc(RegisterOp::LoadNull, register, 0, 0),
            (None, Some(truth @ ("true" | "false"))) => {
                Word::abc(RegisterOp::LoadBool, register, u8::from(truth == "true"), 0)
            }
            (number, _) => {
                let pooled = match number {
                    Some((_, number)) => self.pooled_int(number),
                    None => self.pooled(value)?,
                };
                let index = self.own_index(pooled);
                match u16::try_from(index) {
                    Ok(index) => Word::wide(RegisterOp::LoadK, register, index),
                    Err(_) => {
                        self.registers.words.push(Word::abc(RegisterOp::LoadKWide, register, 0, 0).0);
                        Word::long(RegisterOp::Ext, index)
                    }
                }
            }
        };
        self.registers.words.push(word.0);
        Ok(())
    }

    /// Counts the registers that an instruction names.
    fn note_registers(&mut self, row: &register::Row, values: &[i64]) {
        let count = row.count(values);
        for (&kind, &value) in row.operands.iter().zip(values) {
            if kind.is_register() {
                self.used = self.used.max(value as usize + kind.width(count));
            }
        }
        if row.op == RegisterOp::Hlt {
            self.used = self.used.max(1);
        }
    }

    fn pooled_int(&mut self, number: num_bigint::BigInt) -> Pooled {
        match number.to_i32() {
            Some(small) => Pooled::Int(small),
            None => Pooled::Const(self.pool.index_of(Constant::Int(number))),
        }
    }

    /// A constant of register code that is written as itself.
    pub(super) fn pooled(&mut self, token: &Token) -> Step<Pooled> {
        match token.word() {
            Some("null") => return Ok(Pooled::Null),
            Some("true") => return Ok(Pooled::Bool(true)),
            Some("false") => return Ok(Pooled::Bool(false)),
            _ => {}
        }
        if let Some(name) = function_name(token) {
            return Ok(Pooled::Func(self.tables.functions.index(&name, "function")?));
        }
        match self.constant(token)? {
            Constant::Int(number) => Ok(self.pooled_int(number)),
            constant => Ok(Pooled::Const(self.pool.index_of(constant))),
        }
    }

    fn pooled_index(&mut self, token: &Token) -> Step<u32> {
        if token.word().and_then(constants::number).is_some() {
            return self.number(token);
        }
        let pooled = self.pooled(token)?;
        Ok(self.own_index(pooled))
    }

    fn own_index(&mut self, pooled: Pooled) -> u32 {
        if let Some(&index) = self.own.get(&pooled) {
            return index;
        }
        self.append_pooled(pooled)
    }

    /// Adds to the function's own pool.
    pub(super) fn append_pooled(&mut self, pooled: Pooled) -> u32 {
        let index = self.registers.pool.len() as u32;
        self.registers.pool.push(pooled);
        self.own.entry(pooled).or_insert(index);
        index
    }
}

/// The name in `func:name`, as a token of its own.
fn function_name(token: &Token) -> Option<Token> {
    use super::lexer::TokenKind;
    let kind = match &token.kind {
        TokenKind::Word(word) => {
            TokenKind::Word(word.strip_prefix("func:").filter(|name| !name.is_empty())?.to_owned())
        }
        TokenKind::Quoted(prefix, text) if prefix == "func:" => TokenKind::Quoted(String::new(), text.clone()),
        _ => return None,
    };
    Some(Token { kind, span: token.span.clone() })
}

fn unknown(name: &Token, form: &str, other: Option<&str>, names: impl Iterator<Item = &'static str>) -> AssemblyError {
    let mnemonic = name.word().unwrap_or_default();
    let error = AssemblyError::new(name.span.clone(), format!("there is no instruction `{mnemonic}` in {form} code"));
    match (other, nearest(&mnemonic.to_lowercase(), names)) {
        (Some(other), _) => error.help(format!("`{mnemonic}` is {other}")),
        (None, Some(near)) => error.help(format!("did you mean `{near}`?")),
        (None, None) => error,
    }
}

fn count_differs<'n>(tokens: &[Token], mnemonic: &'n str, operands: impl Iterator<Item = &'n str>) -> AssemblyError {
    let form = std::iter::once(mnemonic).chain(operands).collect::<Vec<_>>().join(" ");
    let found = tokens.len() - 1;
    let error = AssemblyError::new(
        span(tokens),
        format!("`{mnemonic}` does not have {found} operand{}", if found == 1 { "" } else { "s" }),
    );
    error.help(format!("it is written `{form}`"))
}

fn stack_operand(operand: Operand) -> &'static str {
    match operand {
        Operand::Int => "NUMBER",
        Operand::Const => "CONSTANT",
        Operand::Local => "LOCAL",
        Operand::Capture => "CAPTURE",
        Operand::Global => "GLOBAL",
        Operand::Func => "FUNCTION",
        Operand::Class => "CLASS",
        Operand::Type => "TYPE",
        Operand::Count => "COUNT",
        Operand::Label => "@LABEL",
    }
}

/// How a register instruction is written.
fn register_operands(row: &register::Row) -> Vec<&'static str> {
    let mut written: Vec<&'static str> = (row.operands.iter().chain(row.extensions))
        .filter_map(|operand| match operand {
            operand if operand.is_register() => Some("$REGISTER"),
            Field::K8 | Field::K16 | Field::K24 => Some("CONSTANT"),
            Field::C24 => Some("CLASS"),
            Field::G24 => Some("GLOBAL"),
            Field::Off24 => Some("@LABEL"),
            Field::G16 => None,
            Field::U24 => Some("[CACHE]"),
            Field::U8 if row.op == RegisterOp::IsType => Some("TYPE"),
            _ => Some("#NUMBER"),
        })
        .collect();
    if row.has(RegisterFlag::TESTS) {
        written.push("[@LABEL]");
    }
    written
}

fn out_of_range(token: &Token, kind: Field) -> AssemblyError {
    let range = register::range(kind);
    let error =
        AssemblyError::new(token.span.clone(), format!("this operand is from {} to {}", range.start(), range.end()));
    match kind {
        Field::Imm8 | Field::Imm16 => {
            error.help("`load` the number into a register, and use the instruction for registers")
        }
        Field::K8 | Field::K16 => error.help("`load` the constant into a register first"),
        _ => error,
    }
}

fn built_in_type(token: &Token) -> Step<u32> {
    let word = token.word().unwrap_or_default().trim_start_matches('#');
    if let Some(index) = stack::TYPES.iter().position(|name| *name == word) {
        return Ok(index as u32);
    }
    if let Ok(index) = word.parse() {
        return Ok(index);
    }
    let error = AssemblyError::new(token.span.clone(), format!("there is no built-in type `{word}`"));
    Err(match nearest(word, stack::TYPES.into_iter()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(stack::TYPES.join(", ")),
    })
}
