//! What processes ask of the node about each other, and the answers.

use crate::ending::atom;
use crate::scheduler::Scheduler;
use crate::signals::{Signal, Slot};
use crate::timers::{Event, MAX_TIMERS};
use iridium_vm::requests::{Address, ProcessRequest, Sent, Spawn};
use iridium_vm::{ErrorKind, Limits, Parcel, Part, Process, Response};
use std::sync::Arc;

fn answer(part: Part) -> Response {
    Response::Parcel(Parcel::of(part))
}

impl Scheduler {
    /// Does what a process asks.
    pub(crate) fn ask(&mut self, pid: u64, request: ProcessRequest) -> Response {
        match request {
            ProcessRequest::Spawn(spawn) => self.spawn(pid, *spawn),
            ProcessRequest::SendAfter(milliseconds, sent) => self.send_after(milliseconds, sent),
            ProcessRequest::CancelTimer(reference) => answer(Part::Bool(self.timers.cancel(reference))),
            ProcessRequest::Link(other) => {
                self.link(pid, other);
                answer(Part::Bool(true))
            }
            ProcessRequest::Unlink(other) => {
                if self.of(pid).is_some_and(|slot| slot.links.remove(&other)) {
                    self.signal(other, Signal::Unlink(pid));
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Monitor(address) => answer(Part::Reference(self.monitor(pid, address))),
            ProcessRequest::Demonitor(reference) => {
                if let Some(watched) = self.of(pid).and_then(|slot| slot.watches.remove(&reference)) {
                    self.signal(watched, Signal::Demonitor(reference));
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Exit(to, reason) => {
                self.signal(to, Signal::Exit(pid, reason));
                answer(Part::Bool(true))
            }
            ProcessRequest::TrapExit(on) => {
                let old = self.of(pid).is_some_and(|slot| std::mem::replace(&mut slot.traps_exits, on));
                answer(Part::Bool(old))
            }
            ProcessRequest::Register(name, of) => match self.register(name, of) {
                Ok(()) => answer(Part::Bool(true)),
                Err(message) => Response::Failed(ErrorKind::Value, message),
            },
            ProcessRequest::Unregister(name) => {
                if let Some(of) = self.names.remove(&name)
                    && let Some(slot) = self.of(of)
                {
                    slot.names.remove(&name);
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Whereis(name) => answer(self.names.get(&name).map_or(Part::Null, |&pid| Part::Pid(pid))),
            ProcessRequest::Registered => {
                let names: Vec<Part> = self.names.keys().map(|&name| Part::Atom(name)).collect();
                Response::Parcel(Parcel::list(&names))
            }
            ProcessRequest::Processes => {
                let pids: Vec<Part> = self.slots.keys().map(|&pid| Part::Pid(pid)).collect();
                Response::Parcel(Parcel::list(&pids))
            }
            ProcessRequest::Info(of) => self.info(pid, of),
            ProcessRequest::Now => answer(Part::Int(self.now as i64)),
        }
    }

    fn of(&mut self, pid: u64) -> Option<&mut Slot> {
        self.slots.get_mut(&pid).map(|slot| &mut **slot)
    }

    fn spawn(&mut self, parent: u64, spawn: Spawn) -> Response {
        if self.slots.len() as u64 >= self.settings.max_processes {
            let most = self.settings.max_processes;
            let message = format!("there are as many processes as may be, {most}; `--max-processes` sets it");
            return Response::Failed(ErrorKind::Limit, message);
        }
        if self.memory > self.settings.max_memory / 10 * 9 {
            let message = "the processes hold nine tenths of the memory that they may; `--max-memory` sets it";
            return Response::Failed(ErrorKind::Limit, message.to_owned());
        }
        if let Some(name) = spawn.name
            && let Some(taken) = self.taken(name)
        {
            return Response::Failed(ErrorKind::Value, taken);
        }
        let most = self.settings.max_heap;
        let max_heap = spawn.max_heap.map_or(most, |wanted| usize::try_from(wanted).map_or(most, |it| it.min(most)));
        let process = Process::born(Arc::clone(&self.node), Limits { max_heap }, self.settings.engine, spawn.birth);
        let mut slot = Box::new(Slot::new(process));
        slot.priority = spawn.priority;
        slot.max_mailbox = spawn.max_mailbox.unwrap_or(u64::MAX);
        if spawn.link {
            slot.links.insert(parent);
        }
        let reference = spawn.monitor.then(|| self.new_reference());
        if let Some(reference) = reference {
            slot.watchers.insert(reference, parent);
        }
        slot.names.extend(spawn.name);
        let pid = self.add(slot);
        self.names.extend(spawn.name.map(|name| (name, pid)));
        if let Some(parent) = self.of(parent) {
            parent.links.extend(spawn.link.then_some(pid));
            parent.watches.extend(reference.map(|reference| (reference, pid)));
        }
        match reference {
            None => answer(Part::Pid(pid)),
            Some(reference) => Response::Parcel(Parcel::tuple(&[Part::Pid(pid), Part::Reference(reference)])),
        }
    }

    fn send_after(&mut self, milliseconds: u64, sent: Sent) -> Response {
        if self.timers.is_full() {
            let message = format!("there are as many timers as may be, {MAX_TIMERS}");
            return Response::Failed(ErrorKind::Limit, message);
        }
        if self.timers.bytes() + sent.message.bytes() > self.settings.max_heap {
            let message = "the messages that are to be sent later have as many octets as a process may hold; `--max-heap` sets it";
            return Response::Failed(ErrorKind::Limit, message.to_owned());
        }
        let reference = self.new_reference();
        self.timers.add(self.now + milliseconds * 1_000, Event::Send(reference, sent));
        answer(Part::Reference(reference))
    }

    fn link(&mut self, pid: u64, other: u64) {
        if pid == other || self.of(pid).is_none_or(|slot| !slot.links.insert(other)) {
            return;
        }
        self.signal(other, Signal::Link(pid));
    }

    fn monitor(&mut self, pid: u64, address: Address) -> u64 {
        let reference = self.new_reference();
        let watched = match address {
            Address::Pid(watched) | Address::Watcher(watched, _) => watched,
            // No process has the number 0.
            Address::Name(name) => self.names.get(&name).copied().unwrap_or(0),
        };
        if let Some(slot) = self.of(pid) {
            slot.watches.insert(reference, watched);
        }
        self.signal(watched, Signal::Monitor(reference, pid));
        reference
    }

    fn taken(&self, name: u32) -> Option<String> {
        let pid = self.names.get(&name)?;
        Some(format!("the name :{} is taken by <pid {pid}>", self.node.atom_name(name)))
    }

    fn register(&mut self, name: u32, pid: u64) -> Result<(), String> {
        if let Some(taken) = self.taken(name) {
            return Err(taken);
        }
        let Some(slot) = self.of(pid) else {
            return Err(format!("<pid {pid}> has ended, so it cannot be registered"));
        };
        slot.names.insert(name);
        self.names.insert(name, pid);
        Ok(())
    }

    fn info(&mut self, asker: u64, pid: u64) -> Response {
        let Some(slot) = self.slots.get(&pid) else { return answer(Part::Null) };
        let status = match () {
            () if pid == asker => "running",
            () if slot.waits.is_some() => "waiting",
            () => "runnable",
        };
        let pids = |pids: Vec<u64>| Parcel::list(&pids.into_iter().map(Part::Pid).collect::<Vec<_>>());
        let links = pids(slot.links.iter().copied().collect());
        let monitors = pids(slot.watches.values().copied().collect());
        let stats = slot.process.stats();
        let waiting = slot.inbox.iter().filter(|signal| signal.is_message()).count();
        let name = slot.names.first().map_or(Part::Null, |&name| Part::Atom(name));
        let entries = [
            ("status", atom(&self.node, status)),
            ("name", name),
            ("mailbox", Part::Int((slot.process.mailbox_len() + waiting) as i64)),
            ("reductions", Part::Int(stats.reductions as i64)),
            ("heap", Part::Int(slot.process.memory() as i64)),
            ("links", Part::Of(&links)),
            ("monitors", Part::Of(&monitors)),
            ("trap-exit", Part::Bool(slot.traps_exits)),
        ];
        let entries = entries.map(|(name, value)| (atom(&self.node, name), value));
        Response::Parcel(Parcel::small_map(&entries))
    }
}
