//! A session of a REPL: inputs that share one live module.

mod assembly;
mod lookup;
mod transcript;

pub use assembly::{AssemblyAnswer, AssemblySession};
pub use lookup::{Code, NameKind};

use crate::driver::Execution;
use crate::engine::{Engine, Program, Rejection, compile};
use crate::files::FileLoader;
use crate::host::Host;
use crate::library::LinkedLibrary;
use crate::permissions::Permissions;
use crate::report::Ending;
use iridium_bytecode::VerifiedModule;
use iridium_lang::definitions::{Definition, definitions};
use iridium_lang::diagnostic::Diagnostic;
use iridium_lang::environment::{Mode, ReplScope};
use iridium_lang::reader;
use iridium_lang::source::{Source, Span};
use iridium_vm::{Glance, LinkError, ModuleHandle, SharedGlobals, Stats};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use transcript::{NAME, Transcript};

/// Bytes of a value that are made into text unless [`Session::show_at_most`] says otherwise.
const MAX_SHOWN: usize = 1 << 28;

/// Runs one input after another; what one defines, the next can use. A name that is not defined yet is a warning, and
/// looked up when it is used.
pub struct Session {
    engine: Engine,
    live: Live,
    transcript: Transcript,
    /// What inputs defined, by name.
    defined: HashMap<String, Defined>,
    /// Files that inputs imported, by identity.
    imported: HashMap<String, ImportedFile>,
    shown: usize,
    files: FileLoader,
}

/// A file that an input imported.
struct ImportedFile {
    source: Source,
    definitions: Vec<Definition>,
    program: Arc<Program>,
    /// Number of its module in the program.
    module: usize,
}

/// What an input defined by a name.
struct Defined {
    definition: Definition,
    program: Arc<Program>,
}

/// What is lost when the process of a session ends.
struct Live {
    linked: LinkedLibrary,
    globals: SharedGlobals,
    scope: ReplScope,
    execution: Execution,
}

/// What an input gave.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The input.
    pub source: Source,
    /// What the compiler found odd about it.
    pub warnings: Vec<Diagnostic>,
    /// How it ended.
    pub ending: Ending,
    /// Its value as `repr` prints it, or the beginning of that; `None` for `null`, and for an input that failed.
    pub value: Option<Glance>,
    /// Whether the process ended with the input, so that nothing of the session is left.
    pub started_afresh: bool,
}

/// What the heap of a session holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapReport {
    /// Live objects.
    pub live: u64,
    /// The largest size so far.
    pub peak: u64,
    /// What it may hold.
    pub limit: u64,
}

impl Session {
    /// A session in which nothing is defined yet, and whose inputs import no files unless
    /// [`import_from`](Session::import_from) says which.
    pub fn new(engine: &Engine) -> Session {
        Session {
            engine: engine.clone(),
            live: Live::new(engine),
            transcript: Transcript::default(),
            defined: HashMap::new(),
            imported: HashMap::new(),
            shown: MAX_SHOWN,
            files: FileLoader::guarded_by(Permissions::none()),
        }
    }

    /// At most so many bytes of a value are made into text.
    pub fn show_at_most(&mut self, bytes: usize) {
        self.shown = bytes;
    }

    /// From now on inputs import the files that this loader finds.
    pub fn import_from(&mut self, files: FileLoader) {
        self.files = files;
    }

    /// An input. Its lines are counted on from those before, so that each place of a session has a name of its own.
    pub fn input(&mut self, text: &str) -> Source {
        self.transcript.input(text)
    }

    /// The forms of an input, each of which can be run; or the whole input, if it is not well-formed.
    pub fn forms(&self, input: Source) -> Vec<Source> {
        let reading = reader::read(&input);
        if !reading.diagnostics.is_empty() {
            return vec![input];
        }
        let form = |node| {
            let span = reading.tree.span(node);
            let line = input.line_of(span.start);
            // What stands before it on its line leaves room, so that columns are right.
            let before = Span { start: input.line_span(line).start, end: span.start };
            let mut text: String = input.slice(before).chars().map(|_| ' ').collect();
            text.push_str(input.slice(span));
            Source::new(NAME, text).after_lines(input.lines_before().saturating_add(line as u32))
        };
        reading.tree.top.iter().map(|node| form(*node)).collect()
    }

    /// Runs an input.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn run(&mut self, input: Source, host: &mut dyn Host) -> Result<Answer, Rejection> {
        let program = Arc::new(self.compile(input)?);
        let handles = self.live.link(&program)?;
        let source = program.sources()[0].clone();
        let own = program.warnings().filter(|(of, _)| of.name() == source.name());
        let warnings: Vec<Diagnostic> = own.map(|(_, warning)| warning.clone()).collect();
        self.live.define(program.module(), &source, &warnings);
        for definition in definitions(&source) {
            let defined = Defined { definition, program: Arc::clone(&program) };
            self.defined.insert(defined.definition.name.clone(), defined);
        }
        self.note_imports(&program);
        program.sources().iter().for_each(|source| self.transcript.remember(source));
        let execution = &mut self.live.execution;
        execution.start(handles);
        let ending = execution.run(host);
        let value = (ending == Ending::Done && !execution.is_null()).then(|| execution.glance(self.shown));
        let started_afresh = !execution.recover();
        if started_afresh {
            self.live = Live::new(&self.engine);
            self.defined.clear();
            self.imported.clear();
        }
        Ok(Answer { source, warnings, ending, value, started_afresh })
    }

    /// The value of the last input; at most `limit` bytes of it are made into text.
    pub fn last_value(&self, limit: usize) -> Glance {
        self.live.execution.glance(limit)
    }

    /// Collects what nothing refers to any more.
    pub fn collect(&mut self) -> HeapReport {
        let live = self.live.execution.collect();
        HeapReport { live, peak: self.stats().heap_peak, limit: self.engine.config().max_heap }
    }

    /// The inputs so far, for the excerpts of messages.
    pub fn sources(&self) -> &[Source] {
        self.transcript.sources()
    }

    /// What was counted since the session, or its present process, began.
    pub fn stats(&self) -> Stats {
        self.live.execution.stats()
    }

    fn compile(&mut self, input: Source) -> Result<Program, Rejection> {
        compile(input, self.engine.environment(), Mode::Repl(&self.live.scope), &mut self.files)
    }

    /// Notes what the files define that a program is the first to import.
    fn note_imports(&mut self, program: &Arc<Program>) {
        for source in &program.sources()[1..] {
            let module = program.modules().iter().position(|(id, _)| id == source.name());
            let (Some(module), false) = (module, self.imported.contains_key(source.name())) else { continue };
            let definitions = definitions(source);
            let file = ImportedFile { source: source.clone(), definitions, program: Arc::clone(program), module };
            self.imported.insert(source.name().to_owned(), file);
        }
    }
}

impl Live {
    fn new(engine: &Engine) -> Live {
        let (linked, execution) = LinkedLibrary::new(engine);
        Live { linked, globals: SharedGlobals::default(), scope: ReplScope::new(), execution }
    }

    /// Links an input, and those files that it is the first to import.
    fn link(&mut self, program: &Program) -> Result<VecDeque<ModuleHandle>, Rejection> {
        self.try_link(program).map_err(|error| {
            let diagnostic = Diagnostic::error("link", Default::default(), error.to_string());
            Rejection { sources: program.sources().to_vec(), diagnostics: vec![(0, diagnostic)] }
        })
    }

    fn try_link(&mut self, program: &Program) -> Result<VecDeque<ModuleHandle>, LinkError> {
        let Some(((main_id, main), files)) = program.modules().split_last() else { return Ok(VecDeque::new()) };
        let mut handles = VecDeque::new();
        for (id, module) in files {
            if !self.linked.has(id) {
                handles.push_back(self.linked.link(id, module, None, &mut self.execution)?);
            }
        }
        handles.push_back(self.linked.link(main_id, main, Some(&mut self.globals), &mut self.execution)?);
        Ok(handles)
    }

    /// Notes the names that an input defines. A name that it only uses, ahead of a definition, comes with a warning.
    fn define(&mut self, module: &VerifiedModule, source: &Source, warnings: &[Diagnostic]) {
        // What is another module's is found there each time.
        for global in module.globals().iter().filter(|global| global.import.is_none()) {
            let ahead = warnings.iter().any(|warning| source.slice(warning.span) == global.name);
            if !ahead {
                self.scope.define(&global.name, global.constant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::host::MemoryHost;

    fn session() -> (Session, MemoryHost) {
        (Session::new(&Engine::new(Config::new().max_heap(4 << 20).fuel(10_000_000))), MemoryHost::new())
    }

    fn run(session: &mut Session, host: &mut MemoryHost, text: &str) -> Result<Answer, Rejection> {
        let input = session.input(text);
        session.run(input, host)
    }

    fn value(session: &mut Session, host: &mut MemoryHost, text: &str) -> String {
        let answer = run(session, host, text).unwrap_or_else(|rejection| panic!("{}", rejection.render(false)));
        match (answer.ending, answer.value) {
            (Ending::Done, Some(value)) if value.whole => value.start,
            (Ending::Done, _) => "null".to_owned(),
            (ending, _) => ending.title().unwrap_or_default(),
        }
    }

    #[test]
    fn inputs_share_what_they_define() {
        let (mut session, mut host) = session();
        assert_eq!(value(&mut session, &mut host, "(var x 20)"), "20");
        assert_eq!(value(&mut session, &mut host, "(def twice (n) (* n 2))"), "<function twice>");
        assert_eq!(value(&mut session, &mut host, "(set x (twice x))"), "40");
        assert_eq!(value(&mut session, &mut host, "x"), "40");
        assert_eq!(value(&mut session, &mut host, "(var x \"new\")"), "\"new\"");
        assert_eq!(value(&mut session, &mut host, "x"), "\"new\"");
    }

    #[test]
    fn what_an_input_uses_of_the_library_stays_the_librarys() {
        let (mut session, mut host) = session();
        for _ in 0..2 {
            assert_eq!(value(&mut session, &mut host, "Error"), "<class Error>");
            assert_eq!(value(&mut session, &mut host, "Server"), "<class Server>");
            assert_eq!(value(&mut session, &mut host, "(class Own Error)"), "<class Own>");
            assert!(value(&mut session, &mut host, "Math.pi").starts_with("3.14"));
            assert!(run(&mut session, &mut host, "pi").is_ok_and(|answer| !answer.warnings.is_empty()));
        }
        let about = session.documentation("Server.call").expect("it is documented");
        assert_eq!(about.signature, "(Server.call server message (ms 5000))");
        assert_eq!(session.documentation("Server.handle-cast").expect("it is").signature, "(handle-cast self message)");
    }

    #[test]
    fn a_name_may_be_defined_after_its_use() {
        let (mut session, mut host) = session();
        let answer = run(&mut session, &mut host, "(def f () (g 1))").expect("a warning is no rejection");
        assert_eq!(answer.warnings.len(), 1, "{:?}", answer.warnings);
        assert!(value(&mut session, &mut host, "(f)").starts_with(":reference-error"));
        assert_eq!(value(&mut session, &mut host, "(def g (n) (+ n 1))"), "<function g>");
        assert_eq!(value(&mut session, &mut host, "(f)"), "2");
    }

    #[test]
    fn an_error_leaves_the_session_as_it_was() {
        let (mut session, mut host) = session();
        assert_eq!(value(&mut session, &mut host, "(var xs [1])"), "[1]");
        assert!(value(&mut session, &mut host, "(get xs 5)").starts_with(":index-error"));
        assert!(run(&mut session, &mut host, "(get xs").is_err());
        assert_eq!(value(&mut session, &mut host, "xs"), "[1]");
    }

    #[test]
    fn what_passed_the_heap_limit_is_dropped() {
        let (mut session, mut host) = session();
        assert_eq!(value(&mut session, &mut host, "(var xs [1])"), "[1]");
        let text = "(begin (var ys []) (while true (push ys [1 2 3])))";
        let answer = run(&mut session, &mut host, text).expect("it compiles");
        assert_eq!((answer.ending, answer.started_afresh), (Ending::Limit("heap"), false));
        assert_eq!(value(&mut session, &mut host, "xs"), "[1]", "what does not hold the memory is kept");
        assert_eq!(value(&mut session, &mut host, "(len (list (range 1000)))"), "1000", "there is room again");
    }

    #[test]
    fn a_session_that_is_full_starts_afresh() {
        let (mut session, mut host) = session();
        assert_eq!(value(&mut session, &mut host, "(var xs [1])"), "[1]");
        let answer = run(&mut session, &mut host, "(while true (push xs [1 2 3]))").expect("it compiles");
        assert_eq!((answer.ending, answer.started_afresh), (Ending::Limit("heap"), true));
        assert_eq!(value(&mut session, &mut host, "(+ 1 1)"), "2");
        assert!(run(&mut session, &mut host, "xs").is_ok_and(|answer| answer.warnings.len() == 1), "xs is gone");
    }

    #[test]
    fn fuel_is_for_each_input() {
        let mut session = Session::new(&Engine::new(Config::new().fuel(1_000)));
        let mut host = MemoryHost::new();
        for _ in 0..3 {
            let answer = run(&mut session, &mut host, "(while true 1)").expect("it compiles");
            assert_eq!(answer.ending, Ending::Limit("fuel"));
            assert_eq!(value(&mut session, &mut host, "(var i 0) (while (< i 900) (++ i)) i"), "900");
        }
    }

    #[test]
    fn a_text_is_split_into_its_forms() {
        let (mut session, _) = session();
        let mut forms = |text| {
            let input = session.input(text);
            let form = |form: Source| (form.lines_before(), form.text().to_owned());
            session.forms(input).into_iter().map(form).collect::<Vec<_>>()
        };
        let text = |line, text: &str| (line, text.to_owned());
        assert_eq!(forms("1 (+ 1 2) ; three\n[4\n5]\n"), [text(0, "1"), text(0, "  (+ 1 2)"), text(1, "[4\n5]")]);
        assert_eq!(forms("1 (+ 2"), [text(3, "1 (+ 2")]);
        assert_eq!(forms(" ; nothing"), []);
        assert_eq!(forms("7"), [text(5, "7")]);
    }

    #[test]
    fn values_are_shown_in_part() {
        let (mut session, mut host) = session();
        session.show_at_most(20);
        let answer = run(&mut session, &mut host, "(list (range 100000))").expect("it compiles");
        let value = answer.value.expect("it is not null");
        assert_eq!((value.start.as_str(), value.whole), ("[0 1 2 3 4 5 6 7 8 9", false));
        assert_eq!((value.what.as_str(), value.length), ("a list", Some(100_000)));
        assert!(session.last_value(1 << 20).whole);
    }

    #[test]
    fn a_place_of_an_earlier_input_is_found() {
        let (mut session, mut host) = session();
        run(&mut session, &mut host, "\n(def f (x)\n  (+ x \"a\"))").expect("it compiles");
        let answer = run(&mut session, &mut host, "(f 1)").expect("it compiles");
        let shown = answer.ending.render(session.sources(), false);
        assert!(shown.contains("repl:3:3") && shown.contains("3 |   (+ x \"a\"))"), "{shown}");
        assert!(shown.contains("repl:4:1"), "{shown}");
    }
}
