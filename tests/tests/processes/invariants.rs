//! What holds of processes that do many commands at once, in whatever order they come to it.

use crate::commands::{NAMES, Wanted, atom, number};
use iridium::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What one process said, and what became of it.
#[derive(Debug, Default)]
struct Account {
    /// For what it ended, as often as that was told.
    ended: Vec<Value>,
    /// Whom it sent which message, perhaps not the last.
    sent: Vec<(usize, Value)>,
    /// To whom it sent an exit signal, perhaps not the last, and for which reason.
    signals: Vec<(usize, Value)>,
    /// With whom it linked itself, perhaps not the last.
    links: Vec<usize>,
    /// With whom it ended a link and made no other.
    unlinked: BTreeSet<usize>,
    /// Of whom exits came after that.
    late: Vec<usize>,
    /// By reference, whom it watches, and whether it wants to know.
    watches: BTreeMap<String, (usize, bool)>,
    /// The reason for which it was about to end by itself.
    ends: Option<Value>,
    /// What it took out of its mailbox, in order.
    got: Vec<Value>,
    /// Whether it said what was left at the end.
    answers: bool,
}

type Checked<T = ()> = Result<T, String>;

fn parts(value: &Value) -> &[Value] {
    match value {
        Value::List(list) | Value::Tuple(list) => list,
        _ => &[],
    }
}

fn process(value: &Value) -> Checked<usize> {
    match value {
        Value::Int(at) => usize::try_from(*at).map_err(|_| format!("no process: {at}")),
        _ => Err(format!("no process: {value}")),
    }
}

/// Holds what processes said against each other.
pub(crate) fn check(count: usize, report: &Value) -> Checked {
    let [events, ended, names, strange] = parts(report) else { return Err(format!("no report: {report}")) };
    if !parts(strange).is_empty() {
        return Err(format!("came unasked: {strange}"));
    }
    let mut accounts: Vec<Account> = (0..count).map(|_| Account::default()).collect();
    for entry in parts(ended) {
        let [who, reason] = parts(entry) else { return Err(format!("no end: {entry}")) };
        accounts[process(who)?].ended.push(reason.clone());
    }
    for event in parts(events) {
        let [who, what] = parts(event) else { return Err(format!("no event: {event}")) };
        note(&mut accounts[process(who)?], what)?;
    }
    for (at, account) in accounts.iter().enumerate() {
        let place = |why: String| format!("process {at}: {why}");
        check_end(at, &accounts).map_err(place)?;
        check_messages(at, &accounts).map_err(place)?;
        check_watches(account, &accounts).map_err(place)?;
        check_exits(at, &accounts).map_err(place)?;
    }
    for (name, owner) in NAMES.iter().zip(parts(names)) {
        if *owner != Value::Null && !accounts[process(owner)?].ended.is_empty() {
            return Err(format!("the name {name} is that of {owner}, which has ended"));
        }
    }
    Ok(())
}

/// Writes into an account what a process said.
fn note(account: &mut Account, what: &Value) -> Checked {
    let kind = match parts(what).first() {
        Some(Value::Atom(kind)) => kind.as_str(),
        _ => return Err(format!("no event: {what}")),
    };
    match (kind, parts(what)) {
        ("send", [_, Value::Int(to), x]) => account.sent.push((process(&Value::Int(*to))?, x.clone())),
        ("signal", [_, to, reason]) => account.signals.push((process(to)?, reason.clone())),
        ("link", [_, to]) => {
            let to = process(to)?;
            account.unlinked.remove(&to);
            account.links.push(to);
        }
        ("unlinked", [_, to]) => drop(account.unlinked.insert(process(to)?)),
        ("watches", [_, at, of]) => drop(account.watches.insert(at.to_string(), (process(of)?, true))),
        ("demonitor", [_, at]) => match account.watches.get_mut(&at.to_string()) {
            Some((_, wants)) => *wants = false,
            None => return Err(format!("it never watched {at}")),
        },
        ("ends", [_, reason]) => account.ends = Some(reason.clone()),
        ("left", [_, Value::List(messages)]) => {
            account.answers = true;
            messages.iter().try_for_each(|message| note_message(account, message))?;
        }
        ("got", [_, message]) if *message != atom("none") => note_message(account, message)?,
        _ => {}
    }
    Ok(())
}

/// Writes into an account what a process got.
fn note_message(account: &mut Account, message: &Value) -> Checked {
    let about = &parts(message)[1];
    if Wanted::Down.takes(message) && account.watches.get(&about.to_string()).is_some_and(|(_, wants)| !wants) {
        return Err(format!("it got {message} after it had ended that"));
    }
    if Wanted::Exit.takes(message) && account.unlinked.contains(&process(about)?) {
        account.late.push(process(about)?);
    }
    account.got.push(message.clone());
    Ok(())
}

/// It ended once at most, for a reason that there was; and if it did not, it answers.
fn check_end(at: usize, accounts: &[Account]) -> Checked {
    let account = &accounts[at];
    if account.ended.len() > 1 || account.ended.is_empty() != account.answers {
        return Err(format!("ended for {:?}, answers: {}", account.ended, account.answers));
    }
    let Some(reason) = account.ended.first() else { return Ok(()) };
    let own = account.ends.as_ref() == Some(reason);
    let by_signal = |from: usize, other: &Account| {
        let ends = |given: &Value| match given {
            given if *given == atom("kill") => *reason == atom("killed"),
            given if *given == atom("normal") => *reason == *given && from == at,
            given => given == reason,
        };
        other.signals.iter().any(|(to, given)| *to == at && ends(given))
    };
    let linked = |from: usize, other: &Account| {
        other.links.contains(&at) || account.links.contains(&from) && !account.unlinked.contains(&from)
    };
    let by_link = |from: usize, other: &Account| {
        linked(from, other) && *reason != atom("normal") && other.ended.first() == Some(reason)
    };
    let by_dead = *reason == atom("noproc") && account.links.iter().any(|&of| !accounts[of].ended.is_empty());
    let others = || accounts.iter().enumerate();
    let holds = own || by_dead || others().any(|(from, other)| by_signal(from, other) || by_link(from, other));
    if holds { Ok(()) } else { Err(format!("nothing ends it for {reason}")) }
}

/// What others sent it came once, in order, and all of it if it lives.
fn check_messages(at: usize, accounts: &[Account]) -> Checked {
    for (from, sender) in accounts.iter().enumerate() {
        let of_sender = |message: &&Value| Wanted::MessageOf(from).takes(message);
        let got: Vec<&Value> = accounts[at].got.iter().filter(of_sender).map(|message| &parts(message)[2]).collect();
        let sent: Vec<&Value> = sender.sent.iter().filter(|(to, _)| *to == at).map(|(_, x)| x).collect();
        // What came by name is not among those that are noted as sent to it.
        let got: Vec<&Value> = got.into_iter().filter(|x| sent.contains(x)).collect();
        let lives = accounts[at].ended.is_empty();
        let last = usize::from(!sender.ended.is_empty());
        if got != sent[..got.len().min(sent.len())] {
            // One that has ended may have left some in its mailbox, but what it took it took in order if it took any.
            if lives || !got.is_sorted_by_key(|x| sent.iter().position(|other| other == x)) {
                return Err(format!("got {got:?} of {from}, who sent {sent:?}"));
            }
        }
        if lives && got.len() + last < sent.len() {
            return Err(format!("lacks some of {sent:?}, which {from} sent: it has {got:?}"));
        }
    }
    Ok(())
}

/// Each of its watches told the end of the other once, or not if that lives; those that it ended may have told it before.
fn check_watches(account: &Account, accounts: &[Account]) -> Checked {
    let downs: Vec<&Value> = account.got.iter().filter(|message| Wanted::Down.takes(message)).collect();
    for message in &downs {
        let [_, at, _, of, reason] = parts(message) else { return Err(format!("no message: {message}")) };
        let Some((watched, _)) = account.watches.get(&at.to_string()) else {
            return Err(format!("was told {message}, which it never asked for"));
        };
        let ended = &accounts[*watched].ended;
        if *of != number(*watched) || ended.is_empty() || !ended.contains(reason) && *reason != atom("noproc") {
            return Err(format!("was told {message}; that one ended for {ended:?}"));
        }
    }
    for (at, (watched, wants)) in &account.watches {
        let told = downs.iter().filter(|message| parts(message)[1].to_string() == *at).count();
        let must = usize::from(*wants && account.ended.is_empty() && !accounts[*watched].ended.is_empty());
        if told < must || told > 1 {
            return Err(format!("was told {told} times of {watched}, which it watches as {at}"));
        }
    }
    Ok(())
}

/// No more exits came from one than there were signals and links.
fn check_exits(at: usize, accounts: &[Account]) -> Checked {
    for (from, other) in accounts.iter().enumerate() {
        let exits = accounts[at].got.iter().filter(|m| Wanted::Exit.takes(m) && parts(m)[1] == number(from)).count();
        let signals = other.signals.iter().filter(|(to, reason)| *to == at && *reason != atom("kill")).count();
        let links = other.links.iter().filter(|&&to| to == at).count();
        let own = accounts[at].links.iter().filter(|&&to| to == from).count();
        // A process that has ended tells so over one link; later links are told that it is not there.
        if signals == 0 && links == 0 && accounts[at].late.contains(&from) {
            return Err(format!("got an exit of {from} after it had ended the link"));
        }
        if exits > signals + own + links.min(1) {
            return Err(format!("got {exits} exits of {from}, which sent {signals}"));
        }
    }
    Ok(())
}
