//! What processes ask of the node about each other, and the answers.

use crate::scheduler::Scheduler;
use crate::signals::Signal;
use crate::slot::{Body, Doing, Slot};
use crate::sync::{Ordering, lock};
use crate::timers::{Event, MAX_TIMERS};
use crate::worker::Worker;
use iridium_vm::requests::{Address, ProcessRequest, Sent, Spawn};
use iridium_vm::{ErrorKind, Limits, Parcel, Part, Process, Response};
use std::sync::Arc;

fn answer(part: Part) -> Response {
    Response::Parcel(Parcel::of(part))
}

impl Scheduler {
    /// The number of a new reference.
    fn new_reference(&self) -> u64 {
        self.last_reference.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn taken(&self, name: u32, pid: u64) -> Response {
        let message = format!("the name :{} is taken by <pid {pid}>", self.node.atom_name(name));
        Response::Failed(ErrorKind::Value, message)
    }
}

impl Worker {
    /// Does what a process asks. Without a response here it comes as a signal.
    pub(crate) fn ask(&mut self, slot: &Slot, body: &mut Body, request: ProcessRequest) -> Option<Response> {
        let pid = slot.pid;
        Some(match request {
            ProcessRequest::Spawn(spawn) => self.spawn(pid, body, *spawn),
            ProcessRequest::SendAfter(milliseconds, sent) => self.send_after(milliseconds, sent),
            ProcessRequest::CancelTimer(reference) => answer(Part::Bool(lock(&self.hub.timers).cancel(reference))),
            ProcessRequest::Link(other) => {
                if pid != other && body.links.insert(other) {
                    self.signal(other, Signal::Link(pid));
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Unlink(other) => {
                if body.links.remove(&other) {
                    self.signal(other, Signal::Unlink(pid));
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Monitor(address) => {
                let reference = self.hub.new_reference();
                let watched = match address {
                    Address::Pid(watched) | Address::Watcher(watched, _) => watched,
                    // No process has the number 0.
                    Address::Name(name) => self.hub.names.get(name).unwrap_or(0),
                    Address::Unreachable => 0,
                };
                body.watches.insert(reference, watched);
                if address == Address::Unreachable {
                    let reason = Parcel::of(Part::Atom(self.hub.node.own_atom("noconnection")));
                    self.signal(pid, Signal::Down(reference, watched, reason));
                } else {
                    self.signal(watched, Signal::Monitor(reference, pid));
                }
                answer(Part::Reference(reference))
            }
            ProcessRequest::Demonitor(reference) => {
                if let Some(watched) = body.watches.remove(&reference) {
                    self.signal(watched, Signal::Demonitor(reference));
                }
                answer(Part::Bool(true))
            }
            ProcessRequest::Exit(to, reason) => {
                self.signal(to, Signal::Exit(pid, reason));
                answer(Part::Bool(true))
            }
            ProcessRequest::TrapExit(on) => answer(Part::Bool(std::mem::replace(&mut body.traps_exits, on))),
            ProcessRequest::Register(name, of) => self.register(name, of),
            ProcessRequest::Unregister(name) => {
                self.hub.names.unregister(name);
                answer(Part::Bool(true))
            }
            ProcessRequest::Whereis(name) => answer(self.hub.names.get(name).map_or(Part::Null, Part::Pid)),
            ProcessRequest::Registered => {
                let names: Vec<Part> = self.hub.names.all().into_iter().map(Part::Atom).collect();
                Response::Parcel(Parcel::list(&names))
            }
            ProcessRequest::Processes => {
                let pids: Vec<Part> = self.hub.table.all().iter().map(|slot| Part::Pid(slot.pid)).collect();
                Response::Parcel(Parcel::list(&pids))
            }
            ProcessRequest::Info(of) if of == pid => Response::Parcel(self.inspect(slot, body, None)),
            ProcessRequest::Info(of) => {
                self.signal(of, Signal::Inspect(pid));
                return None;
            }
            ProcessRequest::Now => answer(Part::Int(self.now as i64)),
        })
    }

    fn spawn(&mut self, parent: u64, body: &mut Body, spawn: Spawn) -> Response {
        let settings = self.hub.settings;
        if self.hub.memory() > settings.max_memory / 10 * 9 {
            let message = "the processes hold nine tenths of the memory that they may; `--max-memory` sets it";
            return Response::Failed(ErrorKind::Limit, message.to_owned());
        }
        if !self.hub.table.reserve(settings.max_processes) {
            let most = settings.max_processes;
            let message = format!("there are as many processes as may be, {most}; `--max-processes` sets it");
            return Response::Failed(ErrorKind::Limit, message);
        }
        let most = settings.max_heap;
        let max_heap = spawn.max_heap.map_or(most, |wanted| usize::try_from(wanted).map_or(most, |it| it.min(most)));
        let mut process = Process::born(Arc::clone(&self.hub.node), Limits { max_heap }, settings.engine, spawn.birth);
        let pid = self.hub.last_pid.fetch_add(1, Ordering::Relaxed) + 1;
        process.set_pid(pid);
        if let Some(clock) = settings.clock {
            process.set_clock(clock);
        }
        let reference = spawn.monitor.then(|| self.hub.new_reference());
        let mut child = Body::new(process, Doing::Runs);
        child.max_mailbox = spawn.max_mailbox.unwrap_or(u64::MAX);
        child.links.extend(spawn.link.then_some(parent));
        child.watchers.extend(reference.map(|reference| (reference, parent)));
        let child = Arc::new(child.into_slot(spawn.priority));
        // Who finds it by its name has to find it in the table.
        self.hub.table.insert(Arc::clone(&child));
        if let Some(name) = spawn.name
            && let Err(taken) = self.hub.names.register(name, &child)
        {
            self.withdraw(&child);
            return self.hub.taken(name, taken);
        }
        self.enqueue(child);
        body.links.extend(spawn.link.then_some(pid));
        body.watches.extend(reference.map(|reference| (reference, pid)));
        match reference {
            None => answer(Part::Pid(pid)),
            Some(reference) => Response::Parcel(Parcel::tuple(&[Part::Pid(pid), Part::Reference(reference)])),
        }
    }

    fn send_after(&mut self, milliseconds: u64, sent: Sent) -> Response {
        let mut timers = lock(&self.hub.timers);
        if timers.is_full() {
            let message = format!("there are as many timers as may be, {MAX_TIMERS}");
            return Response::Failed(ErrorKind::Limit, message);
        }
        if timers.bytes() + sent.message.bytes() > self.hub.settings.max_heap {
            let message = "the messages that are to be sent later have as many octets as a process may hold; `--max-heap` sets it";
            return Response::Failed(ErrorKind::Limit, message.to_owned());
        }
        let reference = self.hub.new_reference();
        let at = self.now + milliseconds * 1_000;
        timers.add(at, Event::Send(reference, sent));
        self.hub.next_event.fetch_min(at, Ordering::AcqRel);
        answer(Part::Reference(reference))
    }

    fn register(&mut self, name: u32, pid: u64) -> Response {
        let slot = self.hub.table.get(pid);
        let taken = match &slot {
            Some(slot) => self.hub.names.register(name, slot).err(),
            None => self.hub.names.get(name),
        };
        match taken {
            Some(taken) => self.hub.taken(name, taken),
            None if slot.is_none_or(|slot| slot.inbox.has_ended()) => {
                let message = format!("<pid {pid}> has ended, so it cannot be registered");
                Response::Failed(ErrorKind::Value, message)
            }
            None => answer(Part::Bool(true)),
        }
    }

    /// What is known of a process: by itself, or by another when these signals are still to be had.
    pub(crate) fn inspect(&self, slot: &Slot, body: &Body, by_other: Option<&[Signal]>) -> Parcel {
        let atom = |name| Part::Atom(self.hub.node.own_atom(name));
        let status = match body.doing {
            Doing::Waits(_) => "waiting",
            Doing::Runs if by_other.is_none() => "running",
            Doing::Runs | Doing::Asks | Doing::Rests => "runnable",
        };
        let pids = |pids: Vec<u64>| Parcel::list(&pids.into_iter().map(Part::Pid).collect::<Vec<_>>());
        let links = pids(body.links.iter().copied().collect());
        let monitors = pids(body.watches.values().copied().collect());
        let stats = body.process.stats();
        let waiting = by_other.unwrap_or_default().iter().filter(|signal| signal.is_message()).count();
        let name = self.hub.names.of(slot).map_or(Part::Null, Part::Atom);
        let entries = [
            ("status", atom(status)),
            ("name", name),
            ("mailbox", Part::Int((body.process.mailbox_len() + waiting) as i64)),
            ("reductions", Part::Int(stats.reductions as i64)),
            ("heap", Part::Int(body.process.memory() as i64)),
            ("links", Part::Of(&links)),
            ("monitors", Part::Of(&monitors)),
            ("trap-exit", Part::Bool(body.traps_exits)),
        ];
        Parcel::small_map(&entries.map(|(name, value)| (atom(name), value)))
    }
}
