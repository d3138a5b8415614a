//! A session of register code: instructions that are typed one after the other and run in one live process.
//!
//! Each input becomes a function of its own: it gets the registers as the inputs before left them, and leaves them for
//! the next. They are kept in globals meanwhile, which is why a cell, no value, ends with its input. An input that goes to
//! a label of an earlier one has the inputs from there on in front of it, so that they run again as they would in one
//! text. What does not come to its end, because it is rejected, throws or halts, changes no register.

use super::Live;
use super::transcript::{NAME, Transcript};
use crate::driver::Execution;
use crate::engine::{Engine, Program, Rejection};
use crate::host::Host;
use crate::report::Ending;
use iridium_bytecode::assembly::{Assembled, AssemblyError, assemble};
use iridium_bytecode::{PositionTable, Rule, VerifiedModule};
use iridium_isa::MAX_FRAME;
use iridium_lang::diagnostic::Diagnostic;
use iridium_lang::source::{Source, Span};
use iridium_vm::Glance;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;

/// Octets of a register's value that are compared and shown.
const MAX_SHOWN: usize = 1_000;

/// What a register holds that `unpackit` makes an iterator again.
const ITERATOR: &str = "an iterator";

/// The value of an input that came to its end.
const DONE: &str = "%done";

/// Runs instructions of register code as they are typed.
pub struct AssemblySession {
    engine: Engine,
    live: Live,
    /// What the registers that are set hold.
    registers: BTreeMap<u8, Glance>,
    /// The directives that belong to the module.
    directives: Vec<Source>,
    /// Functions by name.
    functions: Vec<(String, Source)>,
    /// The inputs of instructions that came to their end.
    program: Vec<Source>,
    transcript: Transcript,
}

/// What an input of a session of register code gave.
#[derive(Clone, Debug)]
pub struct AssemblyAnswer {
    /// How it ended.
    pub ending: Ending,
    /// The value that it ended with before its end: that of `hlt`.
    pub halted: Option<Glance>,
    /// The registers that changed, with what they hold; nothing for one that is not set any more.
    pub changed: Vec<(u8, Option<Glance>)>,
    /// Whether the process ended with the input, so that nothing of the session is left.
    pub started_afresh: bool,
}

/// An input made into a program.
struct Unit {
    module: VerifiedModule,
    /// Registers that it leaves for the next.
    stores: BTreeSet<u8>,
}

impl AssemblySession {
    /// A session in which no register is set. The engine must be one of register code.
    pub fn new(engine: &Engine) -> AssemblySession {
        AssemblySession {
            engine: engine.clone(),
            live: Live::new(engine),
            registers: BTreeMap::new(),
            directives: Vec::new(),
            functions: Vec::new(),
            program: Vec::new(),
            transcript: Transcript::default(),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.live = Live::new(&self.engine);
        self.registers.clear();
        self.directives.clear();
        self.functions.clear();
        self.program.clear();
    }

    /// Whether an input goes on on the next line: a function does until an empty line.
    pub fn goes_on(text: &str) -> bool {
        directive(text) == ".func" && !text.ends_with("\n\n") && !text.ends_with("\n\r\n")
    }

    /// The registers that are set.
    pub fn registers(&self) -> impl Iterator<Item = (u8, &Glance)> {
        self.registers.iter().map(|(register, value)| (*register, value))
    }

    /// What was typed so far and did not fail, as a text that can be assembled.
    pub fn program(&self) -> String {
        let mut out = String::new();
        let functions = self.functions.iter().map(|(_, text)| text);
        for source in self.directives.iter().chain(&self.program).chain(functions) {
            let _ = writeln!(out, "{}", source.text().trim_end());
        }
        out
    }

    /// The inputs so far, for the excerpts of messages.
    pub fn sources(&self) -> &[Source] {
        self.transcript.sources()
    }

    /// Runs an input: instructions, a directive, or a function.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn run(&mut self, text: &str, host: &mut dyn Host) -> Result<AssemblyAnswer, Rejection> {
        let source = self.transcript.input(text);
        self.transcript.remember(&source);
        let nothing =
            || AssemblyAnswer { ending: Ending::Done, halted: None, changed: Vec::new(), started_afresh: false };
        if text.lines().any(|line| directive(line) == ".module") {
            let end = text.trim_end().len() as u32;
            let diagnostic = Diagnostic::error("assembly", Span { start: 0, end }, "a session is one module");
            return Err(Rejection { sources: vec![source], diagnostics: vec![(0, diagnostic)] });
        }
        match directive(text).as_str() {
            "" if text.split(';').next().is_none_or(|code| code.trim().is_empty()) => Ok(nothing()),
            ".const" | ".global" | ".class" => {
                self.directives.push(source.clone());
                let checked = self.unit(&source, "");
                if checked.is_err() {
                    self.directives.pop();
                }
                checked.map(|_| nothing())
            }
            ".func" => {
                let name = text.split_whitespace().nth(1).unwrap_or_default().trim_matches('"').to_owned();
                let before = self.functions.clone();
                self.functions.retain(|(other, _)| *other != name);
                self.functions.push((name, source.clone()));
                let checked = self.unit(&source, "");
                if checked.is_err() {
                    self.functions = before;
                }
                checked.map(|_| nothing())
            }
            _ => self.instructions(&source, host),
        }
    }

    fn instructions(&mut self, source: &Source, host: &mut dyn Host) -> Result<AssemblyAnswer, Rejection> {
        let Unit { module, stores } = self.unit(source, source.text())?;
        let program =
            Program { sources: vec![source.clone()], modules: vec![(NAME.into(), module)], warnings: Vec::new() };
        let handles = self.live.link(&program)?;
        let execution = &mut self.live.execution;
        execution.start(handles);
        let ending = execution.run(host);
        let value = execution.glance(MAX_SHOWN);
        let came_to_its_end = ending == Ending::Done && value.start == format!(":{DONE}");
        let started_afresh = !execution.recover();
        let halted = (ending == Ending::Done && !came_to_its_end).then_some(value);
        if started_afresh {
            self.clear();
        }
        let mut changed = Vec::new();
        if came_to_its_end {
            self.program.push(source.clone());
            let before = std::mem::take(&mut self.registers);
            self.registers = self.values(&stores, &self.live.execution);
            for register in 0..=u8::MAX {
                let now = self.registers.get(&register);
                if before.get(&register) != now {
                    changed.push((register, now.cloned()));
                }
            }
        }
        Ok(AssemblyAnswer { ending, halted, changed, started_afresh })
    }

    /// What the globals hold in which registers are kept.
    fn values(&self, registers: &BTreeSet<u8>, execution: &Execution) -> BTreeMap<u8, Glance> {
        let value = |register: &u8| {
            let global = *self.live.globals.get(&format!("${register}"))?;
            Some((*register, execution.process().global_glance(global, &[], MAX_SHOWN)?))
        };
        registers.iter().filter_map(value).collect()
    }

    /// The inputs that stand before one because of the labels that it, or they, go to.
    fn earlier(&self, text: &str) -> &[Source] {
        let mut from = self.program.len();
        let (own, mut wanted) = (labels(text), uses(text));
        while let Some(label) = wanted.pop() {
            let stands = |input: &Source| labels(input.text()).contains(&label);
            let Some(at) = self.program.iter().rposition(stands).filter(|_| !own.contains(&label)) else { continue };
            if at < from {
                wanted.extend(self.program[at..from].iter().flat_map(|input| uses(input.text())));
                from = at;
            }
        }
        &self.program[from..]
    }

    /// The module of an input whose instructions are `code`: with as many registers left as are set in the end.
    fn unit(&self, source: &Source, code: &str) -> Result<Unit, Rejection> {
        // Which registers a frame has is known when it is assembled, and which ones hold a value in the end when the
        // verifier has seen it: it refuses to read others.
        let mut stores: Option<BTreeSet<u8>> = None;
        let mut ends = true;
        loop {
            let text = self.text(source, code, stores.as_ref(), ends);
            let assembled = assemble(&text.whole, NAME).map_err(|errors| {
                let tell = |error: AssemblyError| text.diagnostic("assembly", &error.span, error.message, error.help);
                text.rejection(source, errors.into_iter().map(tell).collect())
            })?;
            let Assembled { mut program, mut origins } = assembled;
            let (_, mut module) = program.pop().unwrap_or_default();
            let origins = origins.pop().unwrap_or_default();
            let Some(registers) = &mut stores else {
                let frame =
                    module.functions.first().and_then(|main| main.registers.as_ref()).map_or(0, |code| code.frame);
                stores = Some((0..frame.min(MAX_FRAME as u8)).collect());
                continue;
            };
            for (function, origins) in module.functions.iter_mut().zip(&origins) {
                // What `.line` says is of another text than what was typed.
                function.positions = PositionTable::default();
                for (offset, place) in origins {
                    if let Some((source, span)) = text.place(place) {
                        function.positions.push(*offset, source.position(span));
                    }
                }
            }
            let rejected = match VerifiedModule::new(module) {
                Ok(module) => return Ok(Unit { module, stores: stores.unwrap_or_default() }),
                Err(rejected) => rejected,
            };
            let place = rejected.function.and_then(|function| origins.get(function as usize)).and_then(|origins| {
                let after = origins.partition_point(|(at, _)| *at <= rejected.offset);
                origins.get(after.checked_sub(1)?).map(|(_, place)| place.clone())
            });
            let place = place.unwrap_or_default();
            let stored = text.whole[place.clone()].strip_prefix("initg $").and_then(|words| words.split(' ').next());
            let stored = stored.filter(|_| text.end.contains(&place.start)).and_then(|register| register.parse().ok());
            match (rejected.rule, stored) {
                // It is not set in the end, or holds no value.
                (Rule::UnsetRegister | Rule::WrongKind | Rule::NotAReceiver, Some(register))
                    if registers.remove(&register) => {}
                // The input ends the program.
                (Rule::Unreachable, _) if ends && text.end.contains(&place.start) => {
                    ends = false;
                    registers.clear();
                }
                (rule, _) => {
                    let message = format!("the verifier rejects this: {rule:?}: {}", rule.explain());
                    return Err(text.rejection(source, vec![text.diagnostic("verifier", &place, message, None)]));
                }
            }
        }
    }

    /// The text of an input with what stands around it.
    fn text(&self, source: &Source, code: &str, stores: Option<&BTreeSet<u8>>, ends: bool) -> Text {
        let mut text = Text { whole: format!(".module {NAME}\n"), pieces: Vec::new(), end: 0..0 };
        self.directives.iter().for_each(|directive| text.put(directive));
        for register in 0..MAX_FRAME {
            text.line(&format!(".global \"${register}\""));
        }
        text.line(".func main");
        for (register, value) in &self.registers {
            text.line(&format!("getg ${register} \"${register}\""));
            if value.what == ITERATOR {
                text.line(&format!("unpackit ${register} ${register}"));
            }
        }
        if !code.is_empty() {
            let earlier = self.earlier(code);
            if !earlier.is_empty() {
                text.line("jmp @%here");
                earlier.iter().for_each(|input| text.put(input));
                text.line("%here:");
            }
            text.put(source);
        }
        let start = text.whole.len();
        for register in stores.into_iter().flatten() {
            text.line(&format!("initg ${register} \"${register}\""));
        }
        if ends {
            text.line(&format!("load $0 :{DONE}"));
            text.line("hlt");
        }
        text.end = start..text.whole.len();
        self.functions.iter().for_each(|(_, function)| text.put(function));
        text
    }
}

/// A text that is made of inputs.
struct Text {
    whole: String,
    /// The inputs, each with the octet at which it begins.
    pieces: Vec<(usize, Source)>,
    /// What stands behind the input that is to be run.
    end: Range<usize>,
}

impl Text {
    fn line(&mut self, line: &str) {
        self.whole.push_str(line);
        self.whole.push('\n');
    }

    fn put(&mut self, input: &Source) {
        self.pieces.push((self.whole.len(), input.clone()));
        self.line(input.text());
    }

    /// The input, and where in it, that some octets are.
    fn place(&self, octets: &Range<usize>) -> Option<(&Source, Span)> {
        let (start, input) = self.pieces.iter().rev().find(|(start, _)| *start <= octets.start)?;
        let within = octets.end - start <= input.text().len();
        within.then(|| (input, Span { start: (octets.start - start) as u32, end: (octets.end - start) as u32 }))
    }

    fn diagnostic(
        &self,
        code: &'static str,
        octets: &Range<usize>,
        message: String,
        help: Option<String>,
    ) -> (Option<Source>, Diagnostic) {
        let (source, span) = match self.place(octets) {
            Some((source, span)) => (Some(source.clone()), span),
            None => (None, Span::default()),
        };
        (source, Diagnostic { help, ..Diagnostic::error(code, span, message) })
    }

    /// What is wrong, each with the input that it is about: else it is about the present one.
    fn rejection(&self, present: &Source, found: Vec<(Option<Source>, Diagnostic)>) -> Rejection {
        let (sources, diagnostics) = found
            .into_iter()
            .enumerate()
            .map(|(index, (source, diagnostic))| match source {
                Some(source) => (source, (index, diagnostic)),
                None => {
                    let end = present.text().trim_end().len() as u32;
                    (present.clone(), (index, Diagnostic { span: Span { start: 0, end }, ..diagnostic }))
                }
            })
            .unzip();
        Rejection { sources, diagnostics }
    }
}

/// The first word of an input if it is a directive, in small letters.
fn directive(text: &str) -> String {
    text.split_whitespace().next().filter(|word| word.starts_with('.')).unwrap_or_default().to_lowercase()
}

/// The labels that stand in a text.
fn labels(text: &str) -> Vec<String> {
    let lines =
        text.lines().flat_map(|line| line.split_whitespace().take_while(|word| word.len() > 1 && word.ends_with(':')));
    lines.map(|word| word.trim_end_matches(':').to_owned()).collect()
}

/// The labels that a text goes to.
fn uses(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split(';').next().unwrap_or_default());
    let words = code.flat_map(|line| line.split(|char: char| char.is_whitespace() || char == ','));
    words.filter_map(|word| word.strip_prefix('@')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::host::MemoryHost;

    /// What an input changes: `$0=1 $3=-` where `$3` is not set any more, or how it ends.
    fn typed(session: &mut AssemblySession, text: &str) -> String {
        match session.run(text, &mut MemoryHost::new()) {
            Err(_) => "rejected".to_owned(),
            Ok(AssemblyAnswer { ending: Ending::Done, halted: Some(value), .. }) => format!("halted {}", value.start),
            Ok(AssemblyAnswer { ending: Ending::Done, changed, .. }) => {
                let shown = changed.iter().map(|(register, value)| {
                    format!("${register}={}", value.as_ref().map_or("-", |value| value.start.as_str()))
                });
                shown.collect::<Vec<_>>().join(" ")
            }
            Ok(answer) => answer.ending.title().unwrap_or_default(),
        }
    }

    fn session() -> AssemblySession {
        AssemblySession::new(&Engine::new(Config::new().fuel(100_000)))
    }

    #[test]
    fn lines_share_registers() {
        let mut session = session();
        for (text, expected) in [
            ("load $0 #20\n", "$0=20"),
            ("  ; nothing\n", ""),
            ("add $3 $0 $0", "$3=40"),
            ("move $0 $9", "rejected"),
            ("load $1 :a", "$1=:a"),
            ("add $0 $0 $1", ":type-error: `+` cannot add an int and an atom"),
            ("hlt", "halted 20"),
            (".func f\n.line 99\n.params 1\naddi $0 $0 #1\nret $0\n\n", ""),
            ("load $1 func:f", "$1=<function f>"),
            ("load $2 #6", "$2=6"),
            ("call $1 #1", "$1=7 $2=- $3=-"),
            (".module other", "rejected"),
            (".global g", ""),
            ("initg $1 g", ""),
            ("getg $0 g", "$0=7"),
            ("list $1 $1 #1", "$1=[7]"),
            ("move $2 $1", "$2=[7]"),
            ("append $1 $0 #1", "$1=[7 7] $2=[7 7]"),
        ] {
            assert_eq!(typed(&mut session, text), expected, "{text}");
        }
        session.clear();
        assert_eq!(session.registers().count(), 0);
        assert_eq!(typed(&mut session, "hlt"), "rejected");
    }

    #[test]
    fn a_jump_goes_to_lines_before() {
        let mut session = session();
        for (text, expected) in [
            ("load $0 #0", "$0=0"),
            ("outer: load $1 #0", "$1=0"),
            ("inner: addi $1 $1 #1", "$1=1"),
            ("jlti $1 #3 #1 @inner", "$1=3"),
            ("addi $0 $0 #1", "$0=1"),
            ("jlti $0 #5 #1 @outer", "$0=5"),
            ("inner: jmp @inner", "the program passed its limit on reductions, :fuel; `--fuel` sets it"),
            ("jmp @later", "rejected"),
        ] {
            assert_eq!(typed(&mut session, text), expected, "{text}");
        }
    }

    /// What was typed is a program that comes to the same.
    #[test]
    fn the_program_can_be_assembled() {
        let mut session = session();
        for text in [".func f\nload $0 #4\nret $0\n\n", "load $0 func:f", "lod", "call $0 #0"] {
            typed(&mut session, text);
        }
        let text = format!("{}\nhlt", session.program().replace(".func f", "hlt\n.func f"));
        let engine = Engine::default();
        let program = engine.assemble(Source::new("typed", text.trim_end_matches("\nhlt")), false);
        let program = program.unwrap_or_else(|rejection| panic!("{}", rejection.render(false)));
        let mut execution = engine.start(&program).expect("it is small");
        assert_eq!(execution.run(&mut MemoryHost::new()), Ending::Done);
        assert_eq!(execution.value().as_deref(), Ok("4"));
    }
}
