//! Long work of the present instruction, in pieces: see `task`.

use super::{Called, Exit, Pending, Process, Return};
use crate::task::{Stage, Task};
use crate::trap::{Trap, TrapKind};
use crate::value::Value;

/// Long work, and what is to be done with its value.
pub(super) struct UnderWay {
    task: Box<dyn Task>,
    /// The value is that of a call whose function stands here.
    window: usize,
    then: Return,
    /// Whether the instruction is a call of the source.
    calls: bool,
}

impl UnderWay {
    /// What a collection has to keep for it.
    pub(super) fn holds(&self) -> &[Value] {
        self.task.holds()
    }
}

impl Process {
    /// Takes over the work that a trap says is long. What [`trapped`](Process::trapped) does with the answer is to begin.
    #[cold]
    pub(super) fn begin_task(&mut self, trap: Trap, window: usize, then: Return, calls: bool) -> Trap {
        match trap.into_kind() {
            TrapKind::Long(long) => {
                let under_way = UnderWay { task: long.0, window, then, calls };
                self.interlude().pending = Some(Pending::Task(Box::new(under_way)));
                Trap::from(TrapKind::Begun)
            }
            other => Trap::from(other),
        }
    }

    /// Does long work to its end, or until something else is to be done. `None` means: go on running.
    #[cold]
    pub(super) fn go_on_with_task(&mut self) -> Option<Exit> {
        while let Some(Pending::Task(mut under_way)) =
            self.interlude().pending.take_if(|pending| matches!(pending, Pending::Task(_)))
        {
            let stage = under_way.task.step(&mut self.heap);
            // What collections and the system decide ends no piece: that must be alike in all engines. What the instruction
            // did before it knew that it takes long is paid with the first.
            let spent = match &stage {
                Ok(Stage::Full | Stage::Grown) => 0,
                Err(trap) if trap.is_no_memory() => 0,
                _ => self.heap.take_spent(),
            };
            match stage {
                Err(trap) if trap.is_no_memory() => {
                    self.interlude().pending = Some(Pending::Task(under_way));
                    let exit = if self.retry() { self.collecting() } else { Some(Exit::Limit("heap")) };
                    if exit.is_some() {
                        return exit;
                    }
                    continue;
                }
                Err(trap) => {
                    self.reductions -= spent;
                    return self.task_failed(trap, *under_way);
                }
                Ok(Stage::Done(value)) => {
                    let UnderWay { window, then, calls, .. } = *under_way;
                    self.reductions -= spent + i64::from(calls);
                    if self.finish_call(window, value, then) == Called::Returned {
                        self.top = window + 1;
                        self.pc = then.pc;
                    }
                }
                Ok(Stage::Then(long)) => {
                    self.reductions -= spent;
                    under_way.task = long.0;
                    self.interlude().pending = Some(Pending::Task(under_way));
                }
                // The process stands at the instruction still.
                Ok(Stage::Again) => self.reductions -= spent,
                Ok(Stage::Grown) => {
                    self.interlude().pending = Some(Pending::Task(under_way));
                    return Some(Exit::Collecting);
                }
                Ok(Stage::Full) => {
                    self.interlude().pending = Some(Pending::Task(under_way));
                    if let Some(exit) = self.collecting() {
                        return Some(exit);
                    }
                    continue;
                }
                Ok(Stage::More) => {
                    self.reductions -= spent;
                    self.interlude().pending = Some(Pending::Task(under_way));
                    let collecting = if self.heap.wants_collection() { self.collecting() } else { None };
                    if self.reductions > 0 && collecting.is_some() {
                        return collecting;
                    }
                }
            }
            if self.reductions <= 0 {
                return Some(Exit::Yielded);
            }
        }
        None
    }

    /// The work ended in a trap, which is the operation's.
    fn task_failed(&mut self, trap: Trap, under_way: UnderWay) -> Option<Exit> {
        let UnderWay { window, then, calls, .. } = under_way;
        // Most often an error; or what a class defines decides, which the work was the first to see; or the driver is to
        // write a text that was long to make.
        if !matches!(trap.kind(), TrapKind::Call(_) | TrapKind::Request(_)) {
            return self.trapped(trap, calls);
        }
        let called = match (then.after.purpose(), trap.into_kind()) {
            (Some(purpose), TrapKind::Call(call)) => self.call_operation(window, call, then.pc, purpose.place),
            (_, kind) => self.finish_native(window, Err(Trap::from(kind)), then),
        };
        match called {
            Ok(_) => {
                self.reductions -= 1;
                None
            }
            Err(trap) => self.trapped(trap, true),
        }
    }

    /// Does long work to its end where there is no instruction to stand at, a call of the host: whether the call is to be
    /// made again.
    pub(super) fn end_task(&mut self) -> Result<bool, Trap> {
        while let Some(Pending::Task(mut under_way)) = self.interlude().pending.take() {
            match under_way.task.step(&mut self.heap)? {
                Stage::Done(value) => {
                    self.finish_call(under_way.window, value, under_way.then);
                    return Ok(false);
                }
                Stage::Again => return Ok(true),
                Stage::Then(long) => {
                    under_way.task = long.0;
                    self.interlude().pending = Some(Pending::Task(under_way));
                }
                Stage::More | Stage::Full | Stage::Grown => self.interlude().pending = Some(Pending::Task(under_way)),
            }
        }
        Ok(false)
    }
}
