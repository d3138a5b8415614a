//! Running Eva in this process, in every engine that the build has.

use iridium::{Config, Ending, Engine, EngineKind, Execution, Failure, FileLoader, MemoryHost, Program, Source};
use std::collections::BTreeMap;
use std::io;

/// Reductions after which a test program that runs on is stopped.
const FUEL: u64 = 50_000_000;

/// The seed of hashes, which engines have to share to agree.
pub const SEED: u64 = 1;

/// What a program does to the world and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The value as `repr` prints it, or why there is none: `compile`, the kind of an error (`:type-error`), `throw V`
    /// for another value, `limit :L`.
    pub result: Result<String, String>,
    /// What it printed.
    pub stdout: String,
    /// Reductions that it took.
    pub reductions: u64,
    /// Messages for people: of the compiler, or of an error that nothing caught.
    pub message: String,
}

/// What surrounds a program.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Files by path.
    pub files: BTreeMap<String, String>,
    /// Standard input.
    pub stdin: String,
    /// Arguments.
    pub arguments: Vec<String>,
}

/// All engines of this build by name.
pub fn engines() -> Vec<(String, Engine)> {
    EngineKind::available().iter().map(|kind| (kind.to_string(), engine(*kind))).collect()
}

/// All engines of this build by name, with limits that a program of a few lines passes soon if it runs on.
pub fn small_engines() -> Vec<(String, Engine)> {
    let small =
        |kind: EngineKind| Engine::new(Config::new().engine(kind).seed(SEED).fuel(FUEL / 50).max_heap(32 << 20));
    EngineKind::available().iter().map(|kind| (kind.to_string(), small(*kind))).collect()
}

/// An engine with a limit on reductions.
pub fn engine(kind: EngineKind) -> Engine {
    Engine::new(Config::new().engine(kind).seed(SEED).fuel(FUEL))
}

/// Runs a program in an engine.
pub fn run(engine: &Engine, text: &str, world: &World) -> Outcome {
    run_prepared(engine, text, world, |_| {})
}

/// Runs a program in an engine after something was done to its process.
pub fn run_prepared(engine: &Engine, text: &str, world: &World, prepare: impl FnOnce(&mut Execution)) -> Outcome {
    run_watched(engine, text, world, prepare, |_| {})
}

/// Runs a program in an engine after something was done to its process, and looks at that when it has ended.
pub fn run_watched(
    engine: &Engine,
    text: &str,
    world: &World,
    prepare: impl FnOnce(&mut Execution),
    look: impl FnOnce(&Execution),
) -> Outcome {
    match compile(engine, text, world) {
        Ok(program) => run_program(engine, &program, world, prepare, look),
        Err(outcome) => outcome,
    }
}

/// Compiles a program that may import the files around it.
///
/// # Errors
/// The outcome of a program that does not compile.
pub fn compile(engine: &Engine, text: &str, world: &World) -> Result<Program, Outcome> {
    let files = world.files.clone();
    let mut loader = FileLoader::reading(move |path| {
        let file = path.to_str().and_then(|path| files.get(path));
        file.map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
    });
    engine.compile_with(Source::new("main.eva", text), &mut loader).map_err(|rejection| {
        nothing(if rejection.is_internal() { ":internal" } else { "compile" }, rejection.render(false))
    })
}

/// Runs a compiled program in an engine after something was done to its process, and looks at that when it has ended.
pub fn run_program(
    engine: &Engine,
    program: &Program,
    world: &World,
    prepare: impl FnOnce(&mut Execution),
    look: impl FnOnce(&Execution),
) -> Outcome {
    run_driven(engine, program, world, |execution, host| {
        prepare(execution);
        let ending = execution.run(host);
        look(execution);
        ending
    })
}

/// Runs a compiled program in an engine in slices of so many reductions, and does something to its process after each.
pub fn run_in_slices(
    engine: &Engine,
    program: &Program,
    world: &World,
    reductions: u32,
    mut between: impl FnMut(&mut Execution),
) -> Outcome {
    run_driven(engine, program, world, |execution, host| {
        loop {
            if let Some(ending) = execution.step(reductions, host) {
                return ending;
            }
            between(execution);
        }
    })
}

/// Runs a compiled program in an engine as a function does it.
fn run_driven(
    engine: &Engine,
    program: &Program,
    world: &World,
    drive: impl FnOnce(&mut Execution, &mut MemoryHost) -> Ending,
) -> Outcome {
    let mut execution = match engine.start(program) {
        Ok(execution) => execution,
        Err(error) => return nothing("link", error.to_string()),
    };
    let mut host = MemoryHost::new().with_input(world.stdin.as_bytes()).with_arguments(world.arguments.iter().cloned());
    for (path, content) in &world.files {
        host = host.with_file(path, content.as_bytes());
    }
    let ending = drive(&mut execution, &mut host);
    let message = ending.render(program.sources(), false);
    let result = match ending {
        Ending::Done => execution.value(),
        Ending::Failed(Failure { kind: Some(kind), .. }) => Err(format!(":{kind}")),
        Ending::Failed(Failure { kind: None, text, .. }) => Err(format!("throw {text}")),
        Ending::Limit(limit) => Err(format!("limit :{limit}")),
        Ending::Interrupted => Err("interrupted".to_owned()),
        Ending::Exited(reason) => Err(format!("exit {reason}")),
        Ending::Deadlock(_) => Err("deadlock".to_owned()),
    };
    Outcome { result, stdout: host.output_text(), reductions: execution.stats().reductions, message }
}

/// The outcome of a program that never ran.
fn nothing(result: &str, message: String) -> Outcome {
    Outcome { result: Err(result.to_owned()), stdout: String::new(), reductions: 0, message }
}

/// Runs a program in all engines and gives the outcome, which must be the same in all.
///
/// # Errors
/// A message that shows two engines that disagree.
pub fn run_in_all(engines: &[(String, Engine)], text: &str, world: &World) -> Result<Outcome, String> {
    let mut first: Option<(&str, Outcome)> = None;
    for (name, engine) in engines {
        let outcome = run(engine, text, world);
        match &first {
            None => first = Some((name, outcome)),
            Some((other, expected)) if *expected != outcome => {
                return Err(format!("engines disagree\n{other}: {expected:#?}\n{name}: {outcome:#?}"));
            }
            Some(_) => {}
        }
    }
    first.map(|(_, outcome)| outcome).ok_or_else(|| "no engine".to_owned())
}
