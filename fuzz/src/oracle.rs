//! What must hold of every program: all engines agree on all that a program can observe, and its other forms are the
//! same program.

use iridium::{Config, Ending, Engine, EngineKind, MemoryHost, Program, Source};

/// Reductions that a program may take.
pub const FUEL: u64 = 20_000;

/// Octets that it may hold.
pub const HEAP: u64 = 16 << 20;

/// All that a run shows. An ending has the kind, the message, the value and the trace with positions.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// How it ended.
    pub ending: Ending,
    /// The value of a program that is done, as `repr` prints it.
    pub value: Result<String, String>,
    /// What it printed.
    pub output: String,
    /// Reductions that it took.
    pub reductions: u64,
}

impl Observed {
    /// Whether it ended by memory, on which engines need not agree.
    pub fn passed_memory(&self) -> bool {
        match &self.ending {
            Ending::Limit(name) => *name == "heap",
            Ending::Failed(failure) => failure.kind.as_deref() == Some("stack-overflow"),
            _ => false,
        }
    }
}

/// The engines of this build, small ones; the stack engine, by which the others are measured, comes first.
#[derive(Debug)]
pub struct Engines(Vec<(EngineKind, Engine)>);

impl Default for Engines {
    fn default() -> Engines {
        Engines::new(FUEL)
    }
}

impl Engines {
    /// Engines with a limit on reductions.
    pub fn new(fuel: u64) -> Engines {
        let mut kinds = EngineKind::available().to_vec();
        kinds.sort_by_key(|kind| *kind != EngineKind::Stack);
        let small = |kind| Engine::new(Config::new().engine(kind).seed(1).fuel(fuel).max_heap(HEAP));
        Engines(kinds.into_iter().map(|kind| (kind, small(kind))).collect())
    }

    /// The reference engine.
    pub fn reference(&self) -> &Engine {
        &self.0[0].1
    }

    /// Compiles a program.
    ///
    /// # Errors
    /// The compiler's messages.
    pub fn compile(&self, text: &str) -> Result<Program, String> {
        self.reference().compile(Source::new("main.eva", text)).map_err(|rejection| rejection.render(false))
    }

    /// Runs a program in all engines and gives what the reference engine shows.
    ///
    /// # Errors
    /// What two engines do not agree on, or a fault of Iridium itself.
    pub fn agree(&self, program: &Program) -> Result<Observed, String> {
        let expected = observe(self.reference(), program)?;
        if expected.passed_memory() {
            return Ok(expected);
        }
        for (kind, engine) in &self.0[1..] {
            let observed = observe(engine, program)?;
            // Memory figures may differ.
            if observed.passed_memory() {
                return Ok(expected);
            }
            if observed != expected {
                return Err(format!("engines disagree\nstack: {expected:#?}\n{kind}: {observed:#?}"));
            }
        }
        Ok(expected)
    }

    /// Checks that the module file and both assemblies of a program are that program.
    ///
    /// # Errors
    /// The form that is not.
    pub fn forms(&self, program: &Program) -> Result<(), String> {
        let engine = self.reference();
        let file = program.file(false).ok_or("no module file")?;
        let back = engine.load_file(&file).map_err(|fault| format!("its module file: {fault}"))?;
        if back.file(false).as_ref() != Some(&file) {
            return Err("its module file, read and written again, is another one".to_owned());
        }
        let assemble = |what: &str, text: String| {
            let assembled = engine.assemble(Source::new("text.iasm", text.as_str()), true);
            assembled.map_err(|rejection| format!("its {what} assembly: {}\n{text}", rejection.render(false)))
        };
        if assemble("portable", program.portable_code())?.file(false).as_ref() != Some(&file) {
            return Err("its portable assembly is another program".to_owned());
        }
        let registers = assemble("register", program.register_code())?;
        for ((_, module), (_, again)) in program.modules().iter().zip(registers.modules()) {
            for function in 0..module.functions().len() {
                if module.lowered(function) != again.lowered(function) {
                    return Err(format!("its register assembly is another program: function {function}"));
                }
            }
        }
        Ok(())
    }

    /// Checks that a source that compiles is still that program when it is formatted, and that formatting it again
    /// changes nothing.
    ///
    /// # Errors
    /// What formatting changes.
    pub fn formatting(&self, text: &str) -> Result<(), String> {
        let once = format(text)?;
        let twice = format(&once)?;
        if once != twice {
            return Err(format!("formatting is not idempotent:\n{once}\n=== and then\n{twice}"));
        }
        let bare = |text: &str| {
            let program = self.compile(text)?;
            program.file(true).ok_or_else(|| "no module file".to_owned())
        };
        if bare(text)? != bare(&once)? {
            return Err(format!("formatted, it is another program:\n{once}"));
        }
        Ok(())
    }

    /// Runs a source in all engines. `Ok(None)` if it is none.
    ///
    /// # Errors
    /// What engines do not agree on, or a fault of Iridium itself.
    pub fn check_runs(&self, text: &str) -> Result<Option<Observed>, String> {
        match self.reference().compile(Source::new("main.eva", text)) {
            Ok(program) => self.agree(&program).map(Some),
            Err(rejection) if rejection.is_internal() => Err(rejection.render(false)),
            Err(_) => Ok(None),
        }
    }

    /// Checks all of this for a source. `Ok(None)` if it is none.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, text: &str) -> Result<Option<Observed>, String> {
        let observed = self.check_runs(text)?;
        if observed.is_some() {
            self.forms(&self.compile(text)?)?;
            self.formatting(text)?;
        }
        Ok(observed)
    }
}

fn format(text: &str) -> Result<String, String> {
    iridium::format(&Source::new("main.eva", text))
        .map_err(|diagnostics| format!("it can't be formatted: {diagnostics:?}"))
}

/// Runs a program in an engine.
///
/// # Errors
/// A fault of Iridium itself.
pub fn observe(engine: &Engine, program: &Program) -> Result<Observed, String> {
    let mut execution = engine.start(program).map_err(|error| format!("it can't be started: {error}"))?;
    let mut host = MemoryHost::new().with_input("one\ntwo\n");
    let ending = execution.run(&mut host);
    let value = if ending == Ending::Done { execution.value() } else { Ok(String::new()) };
    let observed = Observed { ending, value, output: host.output_text(), reductions: execution.stats().reductions };
    // A program may throw an error of that kind itself, or print one; the words are ours alone.
    if format!("{:?}{}", observed.ending, observed.output).contains("a fault of Iridium itself") {
        return Err(format!("a fault of Iridium itself: {observed:#?}"));
    }
    Ok(observed)
}
