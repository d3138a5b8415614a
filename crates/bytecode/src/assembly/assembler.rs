//! Assembles a text: the modules' tables first, then their functions, which may name anything in them.

use super::constants::{self, Pool};
use super::lexer::{Token, TokenKind, tokens};
use super::{Assembled, AssemblyError, MAX_ERRORS, Origins};
use crate::file::Identified;
use crate::module::{
    ClassTemplate, Constant, Function, Global, Handler, LocalName, Module, Pooled, Position, RegisterCode,
    RegisterHandler,
};
use crate::nearest::nearest;
use std::collections::HashMap;
use std::ops::Range;

/// How parameters are written.
const PARAMS: &str = ".params REQUIRED [OPTIONAL] [rest] [packed]";

/// The directives, each with its dot.
pub const DIRECTIVES: [&str; 16] = [
    ".octets",
    ".words",
    ".module",
    ".const",
    ".global",
    ".class",
    ".func",
    ".params",
    ".locals",
    ".registers",
    ".capture",
    ".pool",
    ".handler",
    ".finally",
    ".line",
    ".local",
];

pub(super) type Step<T = ()> = Result<T, AssemblyError>;

/// Assembles a text of any number of modules.
pub(super) fn run(text: &str, name: &str) -> Result<Assembled, Vec<AssemblyError>> {
    let mut outline = Outline { modules: Vec::new(), errors: Vec::new() };
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if let Err(error) = outline.line(line.trim_end_matches(['\n', '\r']), offset, name) {
            outline.errors.push(error);
        }
        if outline.errors.len() >= MAX_ERRORS {
            return Err(outline.errors);
        }
        offset += line.len();
    }
    let Outline { modules, mut errors } = outline;
    if modules.is_empty() && errors.is_empty() {
        let error = AssemblyError::new(0..text.len().min(1), "there is no instruction in this text");
        return Err(vec![error.help("a program of register code ends in `hlt`, one of portable code in `halt`")]);
    }
    let mut assembled = Assembled::default();
    for module in modules {
        let (module, origins) = module.assemble(&mut errors);
        assembled.program.push(module);
        assembled.origins.push(origins);
    }
    errors.sort_by_key(|error| error.span.start);
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() { Ok(assembled) } else { Err(errors) }
}

/// A line without its comment.
struct Line {
    labels: Vec<Token>,
    tokens: Vec<Token>,
}

/// What a text consists of, before anything in it is assembled.
struct Outline {
    modules: Vec<ModuleText>,
    errors: Vec<AssemblyError>,
}

impl Outline {
    fn line(&mut self, text: &str, offset: usize, name: &str) -> Step {
        let mut tokens = tokens(text, offset)?;
        let is_label = |token: &Token| token.word().is_some_and(|word| word.len() > 1 && word.ends_with(':'));
        let labels: Vec<Token> = {
            let count = tokens.iter().take_while(|token| is_label(token)).count();
            tokens.drain(..count).collect()
        };
        if labels.is_empty() && tokens.is_empty() {
            return Ok(());
        }
        let directive = tokens.first().and_then(Token::word).map(str::to_lowercase).unwrap_or_default();
        if directive == ".module" {
            let [id, source] = match &tokens[1..] {
                [id] => [id, id],
                [id, source] => [id, source],
                _ => return Err(usage(&tokens, ".module ID [SOURCE]")),
            };
            let (Some(id), Some(source)) = (id.name(), source.name()) else {
                return Err(usage(&tokens, ".module ID [SOURCE]"));
            };
            self.modules.push(ModuleText::new(id, source));
            return Ok(());
        }
        if self.modules.is_empty() {
            self.modules.push(ModuleText::new(name, name));
        }
        let module = self.modules.last_mut().expect("just added");
        match directive.as_str() {
            ".const" => module.constants.push(tokens),
            ".global" => module.global(&tokens)?,
            ".class" => {
                let names = tokens[1..].iter().map(|token| token.name().map(str::to_owned)).collect::<Option<Vec<_>>>();
                let Some([name, methods @ ..]) = names.as_deref() else {
                    return Err(usage(&tokens, ".class NAME METHOD…"));
                };
                module.classes.push(ClassTemplate { name: name.clone(), methods: methods.to_vec() });
            }
            ".func" => {
                let (name, stack) = match &tokens[1..] {
                    [name] => (name.name(), false),
                    [name, form] if form.word().is_some_and(|word| word.eq_ignore_ascii_case("stack")) => {
                        (name.name(), true)
                    }
                    _ => (None, false),
                };
                let name = name.ok_or_else(|| usage(&tokens, ".func NAME [stack]"))?;
                module.functions.push(FunctionText { name: name.to_owned(), stack, lines: Vec::new() });
            }
            ".data" | ".code" => {
                let error = AssemblyError::new(tokens[0].span.clone(), format!("there are no sections: `{directive}`"));
                return Err(
                    error.help("constants are written with `.const`, or stand in the instructions that use them")
                );
            }
            _ => {
                if module.functions.is_empty() {
                    module.functions.push(FunctionText { name: "main".into(), stack: false, lines: Vec::new() });
                }
                module.functions.last_mut().expect("just added").lines.push(Line { labels, tokens });
                return Ok(());
            }
        }
        match labels.first() {
            Some(label) => Err(AssemblyError::new(label.span.clone(), "a label names an instruction of a function")),
            None => Ok(()),
        }
    }
}

/// A directive that is not written as it should be.
pub(super) fn usage(tokens: &[Token], form: &str) -> AssemblyError {
    let name = form.split(' ').next().unwrap_or(form);
    AssemblyError::new(span(tokens), format!("`{name}` is written `{form}`"))
}

/// The place of a whole line.
pub(super) fn span(tokens: &[Token]) -> Range<usize> {
    match tokens {
        [first, .., last] => first.span.start..last.span.end,
        [only] => only.span.clone(),
        [] => 0..0,
    }
}

struct FunctionText {
    name: String,
    stack: bool,
    lines: Vec<Line>,
}

struct ModuleText {
    id: String,
    source: String,
    constants: Vec<Vec<Token>>,
    globals: Vec<Global>,
    classes: Vec<ClassTemplate>,
    functions: Vec<FunctionText>,
}

impl ModuleText {
    fn new(id: &str, source: &str) -> ModuleText {
        ModuleText {
            id: id.to_owned(),
            source: source.to_owned(),
            constants: Vec::new(),
            globals: Vec::new(),
            classes: Vec::new(),
            functions: Vec::new(),
        }
    }

    fn global(&mut self, tokens: &[Token]) -> Step {
        let words: Vec<Option<&str>> = tokens[1..].iter().map(Token::name).collect();
        let (constant, import) = match &words[..] {
            [Some(_)] => (false, None),
            [Some(_), Some("const")] => (true, None),
            [Some(_), Some("from"), Some(module)] => (false, Some((*module).to_owned())),
            [Some(_), Some("const"), Some("from"), Some(module)] => (true, Some((*module).to_owned())),
            _ => return Err(usage(tokens, ".global NAME [const] [from MODULE]")),
        };
        let name = words[0].unwrap_or_default().to_owned();
        self.globals.push(Global { name, constant, import });
        Ok(())
    }

    fn assemble(self, errors: &mut Vec<AssemblyError>) -> (Identified, Vec<Origins>) {
        let tables = Tables {
            globals: Names::new(self.globals.iter().map(|global| global.name.as_str())),
            classes: Names::new(self.classes.iter().map(|class| class.name.as_str())),
            functions: Names::new(self.functions.iter().map(|function| function.name.as_str())),
        };
        let mut pool = Pool::default();
        for tokens in &self.constants {
            match module_constant(tokens, &tables) {
                Ok(constant) => pool.append(constant),
                Err(error) => errors.push(error),
            }
        }
        let assembled = self.functions.iter();
        let (functions, origins) =
            assembled.map(|text| FunctionAssembler::new(text, &tables, &mut pool).run(&text.lines, errors)).unzip();
        let module = Module {
            source: self.source,
            constants: pool.constants,
            globals: self.globals,
            functions,
            classes: self.classes,
        };
        ((self.id, module), origins)
    }
}

/// A constant of the directive `.const`.
fn module_constant(tokens: &[Token], tables: &Tables) -> Step<Constant> {
    let wrong = || {
        usage(tokens, ".const CONSTANT").help(
            "a constant is an int, a float, `\"text\"`, `#b\"octets\"`, `:atom`, `native:print`, `import:prelude.map`",
        )
    };
    match &tokens[1..] {
        [kind, name, members @ ..] if kind.word() == Some("module") && members.len().is_multiple_of(2) => {
            let name = name.name().ok_or_else(|| usage(tokens, ".const module NAME (MEMBER GLOBAL)…"))?;
            let mut linked = Vec::with_capacity(members.len() / 2);
            for pair in members.chunks_exact(2) {
                let member = pair[0].name().ok_or_else(|| usage(tokens, ".const module NAME (MEMBER GLOBAL)…"))?;
                linked.push((member.to_owned(), tables.globals.index(&pair[1], "global")?));
            }
            Ok(Constant::Module { name: name.to_owned(), members: linked })
        }
        [kind, module, member] if kind.word() == Some("import") => match (module.name(), member.name()) {
            (Some(module), Some(name)) => Ok(Constant::Import { module: module.to_owned(), name: name.to_owned() }),
            _ => Err(usage(tokens, ".const import MODULE NAME")),
        },
        [constant] => match constants::operand(constant) {
            Some(constant) => constant,
            None => {
                let value = constant.word().and_then(constants::number).ok_or_else(wrong)?;
                Ok(Constant::Int(value))
            }
        },
        _ => Err(wrong()),
    }
}

/// The names of a table, with their indices.
pub(super) struct Names {
    /// Nothing for a name that several have.
    index: HashMap<String, Option<u32>>,
    length: u32,
}

impl Names {
    fn new<'n>(names: impl Iterator<Item = &'n str>) -> Names {
        let mut table = Names { index: HashMap::new(), length: 0 };
        for name in names {
            let index = Some(table.length);
            table.index.entry(name.to_owned()).and_modify(|known| *known = None).or_insert(index);
            table.length += 1;
        }
        table
    }

    /// The index that a token means: by name, or by number.
    pub(super) fn index(&self, token: &Token, what: &str) -> Step<u32> {
        let error = |message: String| AssemblyError::new(token.span.clone(), message);
        let is_word = matches!(token.kind, TokenKind::Word(_));
        let Some(name) = token.name() else { return Err(error(format!("a {what} is named by its name or its index"))) };
        if let Some(known) = self.index.get(name) {
            return known.ok_or_else(|| {
                error(format!("several {what}s have the name `{name}`"))
                    .help("write the index of the one that you mean")
            });
        }
        if let Some(number) = constants::number(name).filter(|_| is_word) {
            return u32::try_from(&number)
                .ok()
                .filter(|index| *index < self.length)
                .ok_or_else(|| error(format!("there is no {what} {number}: the module has {}", self.length)));
        }
        let near = nearest(name, self.index.keys().map(String::as_str));
        let error = error(format!("there is no {what} `{name}`"));
        Err(match near {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        })
    }
}

/// What the functions of a module can name.
pub(super) struct Tables {
    pub(super) globals: Names,
    pub(super) classes: Names,
    pub(super) functions: Names,
}

/// A use of a label that may not be known yet.
pub(super) struct Use {
    pub(super) label: String,
    pub(super) span: Range<usize>,
}

/// A function while its lines are assembled.
pub(super) struct FunctionAssembler<'a> {
    pub(super) tables: &'a Tables,
    pub(super) pool: &'a mut Pool,
    pub(super) function: Function,
    pub(super) registers: RegisterCode,
    /// Indices of the function's own pool.
    pub(super) own: HashMap<Pooled, u32>,
    pub(super) stack: bool,
    labels: HashMap<String, u32>,
    /// Jumps: where the distance goes, where it is counted from, and the label.
    pub(super) jumps: Vec<(usize, usize, Use)>,
    handlers: Vec<([Use; 3], u8, bool)>,
    local_names: Vec<(u8, String, [Use; 2])>,
    line: Option<Position>,
    origins: Origins,
    /// Inline caches so far.
    pub(super) caches: u32,
    /// Locals, or registers, that the instructions name, and that a directive says.
    pub(super) used: usize,
    declared: Option<u8>,
}

impl<'a> FunctionAssembler<'a> {
    fn new(text: &FunctionText, tables: &'a Tables, pool: &'a mut Pool) -> FunctionAssembler<'a> {
        FunctionAssembler {
            tables,
            pool,
            function: Function { name: text.name.clone(), ..Function::default() },
            registers: RegisterCode::default(),
            own: HashMap::new(),
            stack: text.stack,
            labels: HashMap::new(),
            jumps: Vec::new(),
            handlers: Vec::new(),
            local_names: Vec::new(),
            line: None,
            origins: Origins::new(),
            caches: 0,
            used: 0,
            declared: None,
        }
    }

    fn run(mut self, lines: &[Line], errors: &mut Vec<AssemblyError>) -> (Function, Origins) {
        for line in lines {
            if errors.len() >= MAX_ERRORS {
                break;
            }
            for label in &line.labels {
                if let Err(error) = self.label(label) {
                    errors.push(error);
                }
            }
            if !line.tokens.is_empty()
                && let Err(error) = self.line(&line.tokens)
            {
                errors.push(error);
            }
        }
        if let Err(error) = self.finish() {
            errors.push(error);
        }
        (self.function, self.origins)
    }

    /// Where the next instruction stands: an octet, or a word.
    pub(super) fn offset(&self) -> usize {
        if self.stack { self.function.code.len() } else { self.registers.words.len() }
    }

    fn label(&mut self, token: &Token) -> Step {
        let name = token.word().unwrap_or_default().trim_end_matches(':').to_owned();
        let offset = self.offset() as u32;
        match self.labels.insert(name.clone(), offset) {
            None => Ok(()),
            Some(_) => Err(AssemblyError::new(token.span.clone(), format!("the label `{name}` stands here twice"))
                .help("labels belong to their function; another function may use the same ones")),
        }
    }

    fn line(&mut self, tokens: &[Token]) -> Step {
        let Some(first) = tokens[0].word() else {
            return Err(AssemblyError::new(
                tokens[0].span.clone(),
                "a line begins with an instruction, a directive or a label",
            ));
        };
        if first.starts_with('.') {
            return self.directive(&first.to_lowercase(), tokens);
        }
        let offset = self.offset() as u32;
        self.origins.push((offset, span(tokens)));
        if let Some(position) = self.line {
            self.function.positions.push(offset, position);
        }
        if self.stack { self.stack_instruction(tokens) } else { self.register_instruction(tokens) }
    }

    fn directive(&mut self, name: &str, tokens: &[Token]) -> Step {
        match (name, &tokens[1..]) {
            (".params", [required, more @ ..]) => {
                self.function.required = self.number(required)?;
                for (index, token) in more.iter().enumerate() {
                    match token.word() {
                        Some("rest") => self.function.rest = true,
                        Some("packed") => self.function.packed = true,
                        _ if index == 0 => self.function.optional = self.number(token)?,
                        _ => return Err(usage(tokens, PARAMS)),
                    }
                }
            }
            (".locals", [count]) if self.stack => self.declared = Some(self.small(count)?),
            (".registers", [count]) if !self.stack => self.declared = Some(self.small(count)?),
            (".locals", [_]) => {
                return Err(AssemblyError::new(span(tokens), "a function of register code has no locals")
                    .help("`.registers N` says how many registers it has; `.func NAME stack` begins portable code"));
            }
            (".registers", [_]) => {
                return Err(AssemblyError::new(span(tokens), "a function of portable code has no registers")
                    .help("`.locals N` says how many locals it has; `.func NAME` begins register code"));
            }
            (".capture", [name, cell @ ..])
                if cell.len() <= 1 && cell.iter().all(|word| word.word() == Some("cell")) =>
            {
                let name = name.name().ok_or_else(|| usage(tokens, ".capture NAME [cell]"))?;
                self.function.capture_names.push(name.to_owned());
                self.function.captures.push(!cell.is_empty());
            }
            (".pool", [kind, index]) if !self.stack && kind.word() == Some("const") => {
                let index = self.number(index)?;
                self.append_pooled(Pooled::Const(index));
            }
            (".pool", [constant]) if !self.stack => {
                let pooled = self.pooled(constant)?;
                self.append_pooled(pooled);
            }
            (".handler" | ".finally", [start, end, target, register @ ..])
                if register.len() == usize::from(!self.stack) =>
            {
                let uses = [label_use(start)?, label_use(end)?, label_use(target)?];
                let register = register.first().map_or(Ok(0), |token| self.register(token))?;
                self.handlers.push((uses, register, name == ".finally"));
            }
            (".handler" | ".finally", _) => {
                let register = if self.stack { "" } else { " $REGISTER" };
                return Err(usage(tokens, &format!("{name} @START @END @TARGET{register}")));
            }
            (".octets", octets) if self.stack && !octets.is_empty() => {
                for token in octets {
                    let octet = u8::try_from(self.number(token)?)
                        .map_err(|_| AssemblyError::new(token.span.clone(), "an octet is from 0 to 255"))?;
                    self.function.code.push(octet);
                }
            }
            (".words", words) if !self.stack && !words.is_empty() => {
                for token in words {
                    let word = self.number(token)?;
                    self.registers.words.push(word);
                }
            }
            (".line", [line, more @ ..]) if more.len() <= 2 => {
                let line = self.number(line)?;
                let column = more.first().map_or(Ok(1), |token| self.number(token))?;
                let length = more.get(1).map_or(Ok(1), |token| self.number(token))?;
                self.line = Some(Position { line, column, length });
            }
            (".local", [number, name, start, end]) => {
                let number = if self.stack { self.small(number)? } else { self.register(number)? };
                let name = name.name().ok_or_else(|| usage(tokens, ".local N NAME @START @END"))?.to_owned();
                self.local_names.push((number, name, [label_use(start)?, label_use(end)?]));
            }
            _ => {
                let form = match name {
                    ".params" => PARAMS,
                    ".locals" => ".locals N",
                    ".registers" => ".registers N",
                    ".capture" => ".capture NAME [cell]",
                    ".pool" if self.stack => {
                        return Err(AssemblyError::new(span(tokens), "portable code has no pool of its own")
                            .help("`.const` adds to the module's; or write the constant into the instruction"));
                    }
                    ".pool" => ".pool CONSTANT",
                    ".octets" | ".words" => {
                        return Err(AssemblyError::new(
                            span(tokens),
                            "raw code is `.octets N…` in portable code and `.words N…` in register code",
                        ));
                    }
                    ".line" => ".line LINE [COLUMN [LENGTH]]",
                    ".local" => ".local N NAME @START @END",
                    _ => {
                        let error =
                            AssemblyError::new(tokens[0].span.clone(), format!("there is no directive `{name}`"));
                        return Err(match nearest(name, DIRECTIVES.into_iter()) {
                            Some(near) => error.help(format!("did you mean `{near}`?")),
                            None => error,
                        });
                    }
                };
                return Err(usage(tokens, form));
            }
        }
        Ok(())
    }

    /// A number below 256.
    fn small(&self, token: &Token) -> Step<u8> {
        u8::try_from(self.number(token)?)
            .map_err(|_| AssemblyError::new(token.span.clone(), "a frame has at most 250 of them"))
    }

    /// A number of 32 bits without a sign.
    pub(super) fn number(&self, token: &Token) -> Step<u32> {
        let number = token.word().and_then(constants::number);
        let number =
            number.ok_or_else(|| AssemblyError::new(token.span.clone(), "a number stands here, like `5` or `#5`"))?;
        u32::try_from(&number)
            .map_err(|_| AssemblyError::new(token.span.clone(), format!("{number} is not between 0 and {}", u32::MAX)))
    }

    /// A register, `$n`.
    pub(super) fn register(&self, token: &Token) -> Step<u8> {
        let wrong = |message: String| AssemblyError::new(token.span.clone(), message);
        let digits = token.word().and_then(|word| word.strip_prefix('$'));
        let digits = digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()));
        let Some(digits) = digits else { return Err(wrong("a register stands here, `$0` to `$255`".to_owned())) };
        digits.parse().map_err(|_| wrong(format!("there is no register ${digits}: they are `$0` to `$255`")))
    }

    /// Puts in what could only be known when all lines were seen.
    fn finish(&mut self) -> Step {
        for (at, from, label) in std::mem::take(&mut self.jumps) {
            let distance = i64::from(self.place(&label)?) - from as i64;
            if self.stack {
                self.function.code[at..at + 4].copy_from_slice(&(distance as i32).to_le_bytes());
            } else if iridium_isa::register::OFFSET_RANGE.contains(&distance) {
                self.registers.words[at] |= distance as u32 & 0xff_ffff;
            } else {
                return Err(AssemblyError::new(label.span, "a jump is at most 2^23 words long"));
            }
        }
        for ([start, end, target], register, finally) in std::mem::take(&mut self.handlers) {
            let (start, end, target) = (self.place(&start)?, self.place(&end)?, self.place(&target)?);
            if self.stack {
                self.function.handlers.push(Handler { start, end, target, finally });
            } else {
                self.registers.handlers.push(RegisterHandler { start, end, target, register, finally });
            }
        }
        for (local, name, [start, end]) in std::mem::take(&mut self.local_names) {
            let (start, end) = (self.place(&start)?, self.place(&end)?);
            self.function.local_names.push(LocalName { local, name: name.into(), start, end });
        }
        let used = self.used.max(self.function.parameters());
        let size = self.declared.unwrap_or(used.min(255) as u8);
        if self.stack {
            self.function.locals = size;
        } else {
            self.function.locals = self.function.parameters().min(255) as u8;
            self.registers.frame = size;
            self.function.registers = Some(std::mem::take(&mut self.registers));
        }
        Ok(())
    }

    fn place(&self, label: &Use) -> Step<u32> {
        self.labels.get(&label.label).copied().ok_or_else(|| {
            let error =
                AssemblyError::new(label.span.clone(), format!("there is no label `{}` in this function", label.label));
            match nearest(&label.label, self.labels.keys().map(String::as_str)) {
                Some(near) => error.help(format!("did you mean `@{near}`?")),
                None => error,
            }
        })
    }
}

/// The label that a token names, `@name`.
pub(super) fn label_use(token: &Token) -> Step<Use> {
    match token.word().and_then(|word| word.strip_prefix('@')).filter(|name| !name.is_empty()) {
        Some(name) => Ok(Use { label: name.to_owned(), span: token.span.clone() }),
        None => Err(AssemblyError::new(token.span.clone(), "a label stands here, like `@loop`")),
    }
}
