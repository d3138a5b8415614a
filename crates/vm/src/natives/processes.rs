//! Processes: what a program asks of its node, and `receive`.

use super::general::value_error;
use super::{arity, wants};
use crate::data::{elements, int, map};
use crate::frozen;
use crate::heap::parcel::pack;
use crate::heap::{Heap, Kind};
use crate::mailbox::{self, milliseconds};
use crate::requests::{Address, Priority, ProcessRequest, Sent, Spawn, THIS_NODE};
use crate::trap::{Request, Trap, TrapKind};
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

fn ask(request: ProcessRequest) -> Result {
    Err(Trap::request(Request::Process(request)))
}

fn pid(heap: &Heap, name: &str, value: Value) -> std::result::Result<u64, Trap> {
    value.as_pid().ok_or_else(|| wants(heap, name, "a pid", value))
}

fn atom(heap: &Heap, name: &str, value: Value) -> std::result::Result<u32, Trap> {
    value.as_atom().ok_or_else(|| wants(heap, name, "an atom", value))
}

fn reference(heap: &Heap, name: &str, value: Value) -> std::result::Result<u64, Trap> {
    match heap.is(value, Kind::Reference) {
        Some(at) => Ok(heap.word(at, 0)),
        None => Err(wants(heap, name, "a ref", value)),
    }
}

fn is_this_node(heap: &Heap, node: u32) -> bool {
    heap.node().atom_name(node) == THIS_NODE
}

fn address(heap: &Heap, name: &str, value: Value) -> std::result::Result<Address, Trap> {
    if let Some(pid) = value.as_pid() {
        return Ok(Address::Pid(pid));
    }
    let atoms = heap.is(value, Kind::Tuple).map(|at| heap.payload(at)).and_then(|parts| match *parts {
        [name, node] => Value::from_bits(name).as_atom().zip(Value::from_bits(node).as_atom()),
        _ => None,
    });
    match (value.as_atom(), atoms) {
        (Some(name), _) => Ok(Address::Name(name)),
        (_, Some((name, node))) if is_this_node(heap, node) => Ok(Address::Name(name)),
        (_, Some(_)) => Ok(Address::Unreachable),
        _ => Err(wants(heap, name, "a pid, the atom of a name or `#[name node]`", value)),
    }
}

pub(super) fn node_self(heap: &mut Heap, _: &[Value]) -> Result {
    Ok(Value::atom(heap.node().own_atom(THIS_NODE)))
}

pub(super) fn self_pid(heap: &mut Heap, _: &[Value]) -> Result {
    Ok(Value::pid(heap.pid))
}

fn spawning(heap: &Heap, name: &str, args: &[Value], options: Spawn) -> Result {
    let &[function, ref arguments @ ..] = args else { return Err(arity()) };
    if function.as_function().is_none() && heap.is(function, Kind::Closure).is_none() {
        return Err(wants(heap, name, "a function to call in the new process", function));
    }
    Err(TrapKind::Spawn(Box::new(options), function, arguments.to_vec()).into())
}

pub(super) fn spawn(heap: &mut Heap, args: &[Value]) -> Result {
    spawning(heap, "spawn", args, Spawn::default())
}

pub(super) fn spawn_link(heap: &mut Heap, args: &[Value]) -> Result {
    spawning(heap, "spawn-link", args, Spawn { link: true, ..Spawn::default() })
}

pub(super) fn spawn_monitor(heap: &mut Heap, args: &[Value]) -> Result {
    spawning(heap, "spawn-monitor", args, Spawn { monitor: true, ..Spawn::default() })
}

/// An option's count.
fn count(heap: &Heap, option: &str, value: Value) -> std::result::Result<u64, Trap> {
    let count = int::as_i64(heap, value).and_then(|count| u64::try_from(count).ok());
    count.ok_or_else(|| wants(heap, "spawn-opt", &format!("an int from 0 on as `:{option}`"), value))
}

pub(super) fn spawn_opt(heap: &mut Heap, args: &[Value]) -> Result {
    let &[function, arguments, options] = args else { return Err(arity()) };
    let Some(arguments) = elements(heap, arguments) else {
        return Err(wants(heap, "spawn-opt", "a list of the function's arguments", arguments));
    };
    let Some(options) = heap.is(options, Kind::Map) else {
        return Err(wants(heap, "spawn-opt", "a map of options", options));
    };
    let mut spawn = Spawn::default();
    let mut is_here = true;
    for (key, value) in map::entries(heap, options) {
        let Some(option) = key.as_atom().map(|key| heap.node().atom_name(key)) else {
            return Err(wants(heap, "spawn-opt", "atoms as the names of options", key));
        };
        match option {
            "link" => spawn.link = value.is_truthy(),
            "monitor" => spawn.monitor = value.is_truthy(),
            "name" => spawn.name = Some(atom(heap, "spawn-opt", value)?),
            "node" => is_here = is_this_node(heap, atom(heap, "spawn-opt", value)?),
            "max-heap" => spawn.max_heap = Some(count(heap, option, value)?),
            "max-mailbox" => spawn.max_mailbox = Some(count(heap, option, value)?),
            "priority" => {
                spawn.priority = match value.as_atom().map(|atom| heap.node().atom_name(atom)) {
                    Some("normal") => Priority::Normal,
                    Some("high") => Priority::High,
                    _ => return Err(wants(heap, "spawn-opt", "`:normal` or `:high` as `:priority`", value)),
                }
            }
            _ => {
                let known = ":link :monitor :name :node :max-heap :max-mailbox :priority";
                return Err(value_error(format!("`spawn-opt` has no option `:{option}`; it has {known}")));
            }
        }
    }
    if !is_here {
        // As when a node is lost: there is a pid, and whoever is linked with it or watches it is told.
        let exit = heap.node().native("exit").map_or(function, Value::function);
        let reason = Value::atom(heap.node().own_atom("noconnection"));
        return spawning(heap, "spawn-opt", &[exit, reason], Spawn { name: None, ..spawn });
    }
    let call: Vec<Value> = [function].into_iter().chain(arguments.iter().map(|&word| Value::from_bits(word))).collect();
    spawning(heap, "spawn-opt", &call, spawn)
}

pub(super) fn freeze(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    frozen::freeze(heap, value)
}

pub(super) fn send(heap: &mut Heap, args: &[Value]) -> Result {
    let &[to, message] = args else { return Err(arity()) };
    let to = address(heap, "send", to)?;
    let sent = Sent { to, message: pack(heap, message)? };
    heap.sent.push(sent);
    Ok(message)
}

pub(super) fn reply(heap: &mut Heap, args: &[Value]) -> Result {
    let &[to, watch, message] = args else { return Err(arity()) };
    let to = Address::Watcher(pid(heap, "%reply", to)?, reference(heap, "%reply", watch)?);
    let sent = Sent { to, message: pack(heap, message)? };
    heap.sent.push(sent);
    Ok(Value::NULL)
}

pub(super) fn exit_reason(heap: &mut Heap, _: &[Value]) -> Result {
    let Some(reason) = heap.exiting().cloned() else { return Ok(Value::NULL) };
    Ok(heap.unpack(&reason)?.first().copied().unwrap_or(Value::NULL))
}

pub(super) fn now(_: &mut Heap, _: &[Value]) -> Result {
    ask(ProcessRequest::Now)
}

pub(super) fn send_after(heap: &mut Heap, args: &[Value]) -> Result {
    let &[time, to, message] = args else { return Err(arity()) };
    let time = milliseconds(heap, "`send-after`", time)?;
    let to = address(heap, "send-after", to)?;
    ask(ProcessRequest::SendAfter(time, Sent { to, message: pack(heap, message)? }))
}

pub(super) fn cancel_timer(heap: &mut Heap, args: &[Value]) -> Result {
    let &[timer] = args else { return Err(arity()) };
    ask(ProcessRequest::CancelTimer(reference(heap, "cancel-timer", timer)?))
}

pub(super) fn link(heap: &mut Heap, args: &[Value]) -> Result {
    let &[to] = args else { return Err(arity()) };
    ask(ProcessRequest::Link(pid(heap, "link", to)?))
}

pub(super) fn unlink(heap: &mut Heap, args: &[Value]) -> Result {
    let &[from] = args else { return Err(arity()) };
    ask(ProcessRequest::Unlink(pid(heap, "unlink", from)?))
}

pub(super) fn monitor(heap: &mut Heap, args: &[Value]) -> Result {
    let &[watched] = args else { return Err(arity()) };
    ask(ProcessRequest::Monitor(address(heap, "monitor", watched)?))
}

pub(super) fn demonitor(heap: &mut Heap, args: &[Value]) -> Result {
    let &[watch] = args else { return Err(arity()) };
    ask(ProcessRequest::Demonitor(reference(heap, "demonitor", watch)?))
}

pub(super) fn exit(heap: &mut Heap, args: &[Value]) -> Result {
    match *args {
        [reason] => Err(TrapKind::Exit(pack(heap, reason)?).into()),
        [to, reason] => ask(ProcessRequest::Exit(pid(heap, "exit", to)?, pack(heap, reason)?)),
        _ => Err(arity()),
    }
}

pub(super) fn trap_exit(_: &mut Heap, args: &[Value]) -> Result {
    let &[on] = args else { return Err(arity()) };
    ask(ProcessRequest::TrapExit(on.is_truthy()))
}

pub(super) fn register(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name, process] = args else { return Err(arity()) };
    ask(ProcessRequest::Register(atom(heap, "register", name)?, pid(heap, "register", process)?))
}

pub(super) fn unregister(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name] = args else { return Err(arity()) };
    ask(ProcessRequest::Unregister(atom(heap, "unregister", name)?))
}

pub(super) fn whereis(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name] = args else { return Err(arity()) };
    ask(ProcessRequest::Whereis(atom(heap, "whereis", name)?))
}

pub(super) fn registered(_: &mut Heap, _: &[Value]) -> Result {
    ask(ProcessRequest::Registered)
}

pub(super) fn processes(_: &mut Heap, _: &[Value]) -> Result {
    ask(ProcessRequest::Processes)
}

pub(super) fn process_info(heap: &mut Heap, args: &[Value]) -> Result {
    let &[of] = args else { return Err(arity()) };
    ask(ProcessRequest::Info(pid(heap, "process-info", of)?))
}

pub(super) fn begin_receive(heap: &mut Heap, args: &[Value]) -> Result {
    let &[timeout, ref demanded @ ..] = args else { return Err(arity()) };
    mailbox::begin(heap, timeout, demanded)
}

pub(super) fn take(heap: &mut Heap, args: &[Value]) -> Result {
    let &[receive] = args else { return Err(arity()) };
    match heap.is(receive, Kind::Receive) {
        Some(at) => mailbox::take(heap, at),
        None => return Err(wants(heap, "%take", "what `%mailbox` gave", receive)),
    }
    Ok(Value::NULL)
}
