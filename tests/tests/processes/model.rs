//! A model of processes: what each is to see when commands are done one at a time.

use crate::commands::{Command, Start, To, Wanted, atom, number, reference, tuple};
use iridium::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Processes that live at a time.
const MOST: usize = 8;

/// Processes that there are at first.
pub(crate) const FIRST: usize = 3;

#[derive(Clone, Debug, Default)]
struct Process {
    /// For what it has ended.
    ended: Option<Value>,
    traps: bool,
    links: BTreeSet<usize>,
    /// What came with each command. What came with the same one has no order.
    mailbox: VecDeque<Vec<Value>>,
}

/// A process that watches another, and whether that is still to be told.
#[derive(Clone, Debug)]
struct Watch {
    watcher: usize,
    watched: usize,
    holds: bool,
}

/// Processes and what is between them.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    processes: Vec<Process>,
    watches: Vec<Watch>,
    names: BTreeMap<&'static str, usize>,
    /// What came with the present command, and for whom.
    came: Vec<(usize, Value)>,
    /// Who ended with it.
    ended: Vec<usize>,
}

/// What a command is to give.
enum Answer {
    Value(Value),
    /// What is known of a process.
    Info(usize),
    /// Nothing: the process ends.
    None,
}

fn sorted(values: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    texts.sort();
    texts
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(list) | Value::Tuple(list) => list,
        _ => &[],
    }
}

impl Model {
    pub(crate) fn new() -> Model {
        let processes = vec![Process::default(); FIRST];
        Model { processes, watches: Vec::new(), names: BTreeMap::new(), came: Vec::new(), ended: Vec::new() }
    }

    fn lives(&self, process: usize) -> bool {
        self.processes[process].ended.is_none()
    }

    fn living(&self) -> Vec<usize> {
        (0..self.processes.len()).filter(|&process| self.lives(process)).collect()
    }

    /// Commands that are possible one after the other, made of any.
    pub(crate) fn plan(wishes: &[(usize, Command)]) -> Vec<(usize, Command)> {
        let mut model = Model::new();
        let mut plan: Vec<(usize, Command)> = Vec::new();
        for (who, wish) in wishes {
            let (living, all) = (model.living(), model.processes.len());
            if living.is_empty() {
                break;
            }
            let actor = living[who % living.len()];
            // Mostly those that live.
            let of = |any: usize| if any.is_multiple_of(4) { any / 4 % all } else { living[any % living.len()] };
            let watches = model.watches.iter().enumerate().filter(|(_, watch)| watch.watcher == actor);
            let own: Vec<usize> = watches.map(|(at, _)| at).collect();
            let command = match wish.clone().with(of) {
                Command::Spawn(_) if living.len() >= MOST => continue,
                Command::Demonitor(_) if own.is_empty() => continue,
                Command::Demonitor(any) => Command::Demonitor(own[any % own.len()]),
                Command::Send(to, _) => Command::Send(to, i64::try_from(plan.len()).expect("a short plan")),
                other => other,
            };
            model.perform(actor, &command, None);
            plan.push((actor, command));
        }
        plan
    }

    /// Holds against the model what a program says about each command, and about what is left.
    pub(crate) fn check(plan: &[(usize, Command)], said: &Value) -> Result<(), String> {
        let [steps, left, strange] = elements(said) else { return Err(format!("no report: {said}")) };
        let mut model = Model::new();
        if elements(steps).len() != plan.len() {
            return Err(format!("{} reports of {} commands", elements(steps).len(), plan.len()));
        }
        for (at, ((actor, command), step)) in plan.iter().zip(elements(steps)).enumerate() {
            let [answer, ended] = elements(step) else { return Err(format!("no report: {step}")) };
            model.check_step(*actor, command, answer, ended).map_err(|why| format!("command {at}: {why}"))?;
        }
        if !elements(strange).is_empty() {
            return Err(format!("came unasked: {strange}"));
        }
        model.check_left(elements(left))
    }

    fn check_step(&mut self, actor: usize, command: &Command, said: &Value, ended: &Value) -> Result<(), String> {
        let expected = self.perform(actor, command, Some(said));
        let reasons =
            self.ended.iter().map(|&p| tuple([number(p), self.processes[p].ended.clone().expect("it ended")]));
        let (reasons, found) = (sorted(reasons), sorted(elements(ended).to_vec()));
        if reasons != found {
            return Err(format!("ended {found:?}, not {reasons:?}"));
        }
        // What ends a process by its own doing may do so before it says that it is done.
        let may_have_ended = !self.lives(actor) && *said == atom("ended");
        match expected {
            Answer::None if *said == atom("ended") => Ok(()),
            Answer::None => Err(format!("gave {said}, and should have ended")),
            _ if may_have_ended => Ok(()),
            Answer::Value(value) if value == *said => Ok(()),
            Answer::Value(value) => Err(format!("gave {said}, not {value}")),
            Answer::Info(process) => self.check_info(process, said),
        }
    }

    fn check_info(&self, process: usize, said: &Value) -> Result<(), String> {
        let Process { ended, traps, links, mailbox } = &self.processes[process];
        let names: Vec<Value> = self.names.iter().filter(|(_, p)| **p == process).map(|(name, _)| atom(name)).collect();
        let holds = match elements(said) {
            [_, said_links, said_traps, count, name] => {
                ended.is_none()
                    && sorted(elements(said_links).to_vec()) == sorted(links.iter().map(|&link| number(link)))
                    && *said_traps == Value::Bool(*traps)
                    && *count == number(mailbox.iter().map(Vec::len).sum())
                    && (names.contains(name) || names.is_empty() && *name == Value::Null)
            }
            _ => ended.is_some() && *said == Value::Null,
        };
        if holds {
            Ok(())
        } else {
            Err(format!("said {said} of {:?} with the names {names:?}", self.processes[process]))
        }
    }

    fn check_left(&self, left: &[Value]) -> Result<(), String> {
        let living = self.living();
        if left.len() != living.len() {
            return Err(format!("{} processes live, not {}", left.len(), living.len()));
        }
        for (process, said) in living.into_iter().zip(left) {
            let [who, messages] = elements(said) else { return Err(format!("no report: {said}")) };
            let mut rest = elements(messages).to_vec();
            let wrong = || Err(format!("{who} has {messages}, and not {:?}", self.processes[process].mailbox));
            for group in &self.processes[process].mailbox {
                if *who != number(process) || rest.len() < group.len() {
                    return wrong();
                }
                let later = rest.split_off(group.len());
                if sorted(rest) != sorted(group.clone()) {
                    return wrong();
                }
                rest = later;
            }
            if !rest.is_empty() {
                return wrong();
            }
        }
        Ok(())
    }

    /// Does a command. Of messages that may be taken it takes the one that a program says it took.
    fn perform(&mut self, actor: usize, command: &Command, said: Option<&Value>) -> Answer {
        self.ended.clear();
        let answer = self.answer(actor, command, said);
        let mut groups: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        for (process, message) in std::mem::take(&mut self.came) {
            groups.entry(process).or_default().push(message);
        }
        for (process, group) in groups {
            self.processes[process].mailbox.push_back(group);
        }
        answer
    }

    fn answer(&mut self, actor: usize, command: &Command, said: Option<&Value>) -> Answer {
        let done = Answer::Value(Value::Bool(true));
        match *command {
            Command::Spawn(start) => {
                let child = self.processes.len();
                self.processes.push(Process::default());
                match start {
                    Start::Plain => {}
                    Start::Link => self.link(actor, child),
                    Start::Monitor => {
                        let watch = self.monitor(actor, child);
                        return Answer::Value(tuple([number(child), reference(watch)]));
                    }
                }
                Answer::Value(number(child))
            }
            Command::Link(other) => {
                self.link(actor, other);
                done
            }
            Command::Unlink(other) => {
                self.processes[actor].links.remove(&other);
                self.processes[other].links.remove(&actor);
                done
            }
            Command::Monitor(other) => Answer::Value(reference(self.monitor(actor, other))),
            Command::Demonitor(watch) => {
                self.watches[watch].holds = false;
                done
            }
            Command::Register(_, process) if !self.lives(process) => Answer::Value(atom("value-error")),
            Command::Register(name, _) if self.names.contains_key(name) => Answer::Value(atom("value-error")),
            Command::Register(name, process) => {
                self.names.insert(name, process);
                done
            }
            Command::Unregister(name) => {
                self.names.remove(name);
                done
            }
            Command::Whereis(name) => Answer::Value(self.names.get(name).map_or(Value::Null, |&p| number(p))),
            Command::Send(to, x) => {
                let message = tuple([atom("m"), number(actor), Value::Int(x)]);
                let process = match to {
                    To::Process(process) => Some(process),
                    To::Name(name) => self.names.get(name).copied(),
                };
                if let Some(process) = process {
                    self.came.push((process, message.clone()));
                }
                Answer::Value(message)
            }
            Command::Signal(other, "kill") => {
                self.end(other, atom("killed"));
                done
            }
            Command::Signal(other, reason) => {
                if self.is_ended_by(other, actor, &atom(reason)) {
                    self.end(other, atom(reason));
                }
                done
            }
            Command::Trap(on) => Answer::Value(Value::Bool(std::mem::replace(&mut self.processes[actor].traps, on))),
            Command::Take(wanted, _) => Answer::Value(self.take(actor, wanted, said)),
            Command::Info(process) => Answer::Info(process),
            Command::Return => self.end_itself(actor, atom("normal")),
            Command::Exit(reason) => self.end_itself(actor, atom(reason)),
            Command::Throw(thrown) => self.end_itself(actor, tuple([atom("error"), atom(thrown)])),
        }
    }

    fn end_itself(&mut self, actor: usize, reason: Value) -> Answer {
        self.end(actor, reason);
        Answer::None
    }

    fn link(&mut self, actor: usize, other: usize) {
        if self.lives(other) && actor != other {
            self.processes[actor].links.insert(other);
            self.processes[other].links.insert(actor);
        } else if !self.lives(other) && self.is_ended_by(actor, other, &atom("noproc")) {
            self.end(actor, atom("noproc"));
        }
    }

    fn monitor(&mut self, watcher: usize, watched: usize) -> usize {
        let at = self.watches.len();
        self.watches.push(Watch { watcher, watched, holds: self.lives(watched) });
        if !self.lives(watched) {
            self.tell(at, atom("noproc"));
        }
        at
    }

    /// Tells who watches that the other has ended.
    fn tell(&mut self, at: usize, reason: Value) {
        let Watch { watcher, watched, .. } = self.watches[at];
        self.came.push((watcher, tuple([atom("down"), reference(at), atom("process"), number(watched), reason])));
    }

    /// Whether an exit signal ends a process. It is a message for one that traps exits.
    fn is_ended_by(&mut self, process: usize, from: usize, reason: &Value) -> bool {
        if self.processes[process].traps {
            self.came.push((process, tuple([atom("exit"), number(from), reason.clone()])));
            return false;
        }
        *reason != atom("normal") || from == process
    }

    fn end(&mut self, process: usize, reason: Value) {
        let mut ends = vec![process];
        while let Some(process) = ends.pop() {
            if !self.lives(process) {
                continue;
            }
            self.processes[process].ended = Some(reason.clone());
            self.ended.push(process);
            self.names.retain(|_, owner| *owner != process);
            for other in std::mem::take(&mut self.processes[process].links) {
                self.processes[other].links.remove(&process);
                if self.is_ended_by(other, process, &reason) {
                    ends.push(other);
                }
            }
            for at in 0..self.watches.len() {
                if self.watches[at].watched == process && std::mem::take(&mut self.watches[at].holds) {
                    self.tell(at, reason.clone());
                }
            }
        }
    }

    /// Takes a message out of a mailbox.
    fn take(&mut self, actor: usize, wanted: Wanted, said: Option<&Value>) -> Value {
        let mailbox = &mut self.processes[actor].mailbox;
        let Some(group) = mailbox.iter_mut().find(|group| group.iter().any(|message| wanted.takes(message))) else {
            return atom("none");
        };
        let takes = |message: &Value| wanted.takes(message) && said.is_none_or(|said| said == message);
        let at = group.iter().position(takes).or_else(|| group.iter().position(|message| wanted.takes(message)));
        let message = group.remove(at.expect("one is wanted"));
        mailbox.retain(|group| !group.is_empty());
        message
    }
}
