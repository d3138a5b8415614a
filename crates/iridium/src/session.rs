//! A session of a REPL: inputs that share one live module.

use crate::config::Config;
use crate::driver::Execution;
use crate::engine::{Engine, Program, Rejection, compile};
use crate::files::FileLoader;
use crate::host::Host;
use crate::library::{Library, LinkedLibrary};
use crate::report::Ending;
use iridium_bytecode::VerifiedModule;
use iridium_lang::diagnostic::Diagnostic;
use iridium_lang::environment::{Mode, ReplScope};
use iridium_lang::reader;
use iridium_lang::source::Source;
use iridium_vm::{LinkError, ModuleHandle, SharedGlobals, Stats};
use std::collections::VecDeque;
use std::sync::Arc;

/// Inputs of a session whose text is kept to show errors in.
const MAX_SOURCES: usize = 1_000;

/// Runs one input after another; what one defines, the next can use. A name that is not defined yet is a warning, and
/// looked up when it is used.
pub struct Session {
    config: Config,
    library: Arc<Library>,
    live: Live,
    sources: Vec<Source>,
    inputs: usize,
    files: FileLoader,
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
    /// Its value as `repr` prints it, or why that can't be; `None` for `null`, and for an input that failed.
    pub value: Option<Result<String, String>>,
    /// Whether the process ended with the input, so that nothing of the session is left.
    pub started_afresh: bool,
}

impl Session {
    /// A session in which nothing is defined yet.
    pub fn new(engine: &Engine) -> Session {
        let library = engine.library();
        let live = Live::new(&library, engine.config());
        Session {
            config: engine.config().clone(),
            library,
            live,
            sources: Vec::new(),
            inputs: 0,
            files: FileLoader::new(),
        }
    }

    /// The forms of a text, each of which can be run; or the whole text, if it is not well-formed.
    pub fn forms(&self, text: &str) -> Vec<String> {
        let source = Source::new("", text);
        let reading = reader::read(&source);
        if !reading.diagnostics.is_empty() {
            return vec![text.to_owned()];
        }
        let forms = reading.tree.top.iter();
        forms.map(|form| source.slice(reading.tree.span(*form)).to_owned()).collect()
    }

    /// Runs an input.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn run(&mut self, text: &str, host: &mut dyn Host) -> Result<Answer, Rejection> {
        let program = self.compile(text)?;
        let handles = match self.live.link(&program) {
            Ok(handles) => handles,
            Err(error) => {
                let diagnostic = Diagnostic::error("link", Default::default(), error.to_string());
                return Err(Rejection { sources: program.sources().to_vec(), diagnostics: vec![(0, diagnostic)] });
            }
        };
        let source = program.sources()[0].clone();
        let own = program.warnings().filter(|(of, _)| of.name() == source.name());
        let warnings: Vec<Diagnostic> = own.map(|(_, warning)| warning.clone()).collect();
        self.live.define(program.module(), &source, &warnings);
        program.sources().iter().for_each(|source| self.remember(source));
        let execution = &mut self.live.execution;
        execution.start(handles);
        let ending = execution.run(host);
        let value = (ending == Ending::Done && !execution.is_null()).then(|| execution.value());
        let started_afresh = execution.is_broken();
        if started_afresh {
            self.live = Live::new(&self.library, &self.config);
        }
        Ok(Answer { source, warnings, ending, value, started_afresh })
    }

    /// The register code of an input, which is not run.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn register_code(&mut self, text: &str) -> Result<String, Rejection> {
        self.compile(text).map(|program| program.register_code())
    }

    /// The inputs so far, for the excerpts of messages.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// What was counted since the session, or its present process, began.
    pub fn stats(&self) -> Stats {
        self.live.execution.stats()
    }

    fn compile(&mut self, text: &str) -> Result<Program, Rejection> {
        self.inputs += 1;
        let source = Source::new(format!("input-{}", self.inputs), text);
        compile(source, &self.library, Mode::Repl(&self.live.scope), &mut self.files)
    }

    fn remember(&mut self, source: &Source) {
        if self.sources.len() == MAX_SOURCES {
            self.sources.remove(0);
        }
        self.sources.push(source.clone());
    }
}

impl Live {
    fn new(library: &Library, config: &Config) -> Live {
        let (linked, execution) = LinkedLibrary::new(library, config);
        Live { linked, globals: SharedGlobals::default(), scope: ReplScope::new(), execution }
    }

    /// Links an input, and those files that it is the first to import.
    fn link(&mut self, program: &Program) -> Result<VecDeque<ModuleHandle>, LinkError> {
        let Some(((main_id, main), files)) = program.modules().split_last() else { return Ok(VecDeque::new()) };
        let mut handles = VecDeque::new();
        for (id, module) in files {
            if !self.linked.has(id) {
                handles.push_back(self.linked.link(id, module, None)?);
            }
        }
        handles.push_back(self.linked.link(main_id, main, Some(&mut self.globals))?);
        Ok(handles)
    }

    /// Notes the names that an input defines. A name that it only uses, ahead of a definition, comes with a warning.
    fn define(&mut self, module: &VerifiedModule, source: &Source, warnings: &[Diagnostic]) {
        for global in module.globals() {
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
    use crate::host::MemoryHost;

    fn session() -> (Session, MemoryHost) {
        (Session::new(&Engine::new(Config::new().max_heap(4 << 20).fuel(10_000_000))), MemoryHost::new())
    }

    fn value(session: &mut Session, host: &mut MemoryHost, text: &str) -> String {
        let answer = session.run(text, host).unwrap_or_else(|rejection| panic!("{}", rejection.render(false)));
        match (answer.ending, answer.value) {
            (Ending::Done, Some(Ok(value))) => value,
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
    fn a_name_may_be_defined_after_its_use() {
        let (mut session, mut host) = session();
        let answer = session.run("(def f () (g 1))", &mut host).expect("a warning is no rejection");
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
        assert!(session.run("(get xs", &mut host).is_err());
        assert_eq!(value(&mut session, &mut host, "xs"), "[1]");
    }

    #[test]
    fn after_the_heap_limit_a_session_starts_afresh() {
        let (mut session, mut host) = session();
        assert_eq!(value(&mut session, &mut host, "(var xs [1])"), "[1]");
        let answer = session.run("(while true (push xs [1 2 3]))", &mut host).expect("it compiles");
        assert_eq!((answer.ending, answer.started_afresh), (Ending::Limit("heap"), true));
        assert_eq!(value(&mut session, &mut host, "(+ 1 1)"), "2");
        assert!(session.run("xs", &mut host).is_ok_and(|answer| answer.warnings.len() == 1), "xs is gone");
    }

    #[test]
    fn a_text_is_split_into_its_forms() {
        let (session, _) = session();
        assert_eq!(session.forms("1 (+ 1 2) ; three\n[4\n5]"), ["1", "(+ 1 2)", "[4\n5]"]);
        assert_eq!(session.forms("1 (+ 2"), ["1 (+ 2"]);
        assert_eq!(session.forms(" ; nothing"), [""; 0]);
    }
}
