//! Each primitive that two threads touch, under all interleavings of a few threads.

#![allow(dead_code, reason = "not all that the sources have is used here")]

#[path = "../../../crates/runtime/src/fuel.rs"]
mod fuel;
#[path = "../../../crates/runtime/src/inbox.rs"]
mod inbox;
#[path = "../../../crates/runtime/src/names.rs"]
mod names;
#[path = "../../../crates/runtime/src/parking.rs"]
mod parking;
#[path = "../../../crates/runtime/src/queue.rs"]
mod queue;

/// The primitives of loom under the names that the runtime has for them.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};

    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("no thread panics while it holds a lock")
    }
}

/// As much of a process as has to do with its name.
mod slot {
    use crate::inbox::Inbox;
    use crate::sync::AtomicBool;

    pub(crate) struct Slot {
        pub(crate) pid: u64,
        pub(crate) is_named: AtomicBool,
        pub(crate) inbox: Inbox<u8>,
    }
}

use fuel::{Fuel, Share};
use inbox::{Inbox, Put};
use iridium_vm::requests::Priority;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;
use names::Names;
use parking::{Parking, Until, Woken};
use queue::Queue;
use slot::Slot;

/// Runs a process as a worker does that took it out of a queue.
fn serve(inbox: &Inbox<usize>, is_running: &AtomicBool, seen: &AtomicUsize) {
    assert!(!is_running.swap(true, Ordering::AcqRel), "two threads run one process");
    loop {
        for signal in inbox.take().into_iter().flatten() {
            seen.fetch_add(signal, Ordering::AcqRel);
        }
        // Parked, it may be run by somebody else at once.
        is_running.store(false, Ordering::Release);
        if inbox.park() {
            return;
        }
        assert!(!is_running.swap(true, Ordering::AcqRel), "two threads run one process");
    }
}

#[test]
fn each_signal_is_had_once_by_one_runner_at_a_time() {
    loom::model(|| {
        let process = Arc::new((Inbox::new(), AtomicBool::new(false), AtomicUsize::new(0)));
        let senders = [1, 10].map(|signal| {
            let process = Arc::clone(&process);
            thread::spawn(move || {
                let (inbox, is_running, seen) = &*process;
                if inbox.put(signal) == Put::Wake {
                    serve(inbox, is_running, seen);
                }
            })
        });
        let (inbox, is_running, seen) = &*process;
        if inbox.schedule() {
            serve(inbox, is_running, seen);
        }
        for sender in senders {
            sender.join().expect("it ends");
        }
        assert_eq!(seen.load(Ordering::Acquire), 11);
    });
}

#[test]
fn a_signal_to_a_process_that_ends_is_had_left_or_refused() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::new());
        inbox.schedule();
        let sender = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || match inbox.put(1) {
                Put::Queued => 0,
                Put::Refused(signal) => signal,
                Put::Wake => panic!("it is not parked"),
            })
        };
        let had: usize = inbox.take().into_iter().flatten().sum();
        let left: usize = inbox.end().into_iter().sum();
        assert!(inbox.take().is_none() && inbox.has_ended());
        assert_eq!(had + left + sender.join().expect("it ends"), 1);
    });
}

#[test]
fn no_name_outlives_its_process() {
    loom::model(|| {
        let slot = Slot { pid: 7, is_named: AtomicBool::new(false), inbox: Inbox::new() };
        let shared = Arc::new((Names::default(), slot));
        let namer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.0.register(3, &shared.1))
        };
        let (names, slot) = &*shared;
        slot.inbox.end();
        names.forget(slot);
        assert_eq!(namer.join().expect("it ends"), Ok(()));
        assert_eq!((names.get(3), names.of(slot)), (None, None));
    });
}

#[test]
fn what_is_put_into_a_queue_is_taken_once() {
    loom::model(|| {
        let queues = Arc::new([Queue::new(), Queue::new()]);
        queues[0].push(1, Priority::Normal);
        queues[0].push(10, Priority::Normal);
        let thief = {
            let queues = Arc::clone(&queues);
            thread::spawn(move || queues[0].steal(&queues[1]).unwrap_or(0))
        };
        queues[0].push(100, Priority::High);
        let mut sum = queues[0].pop_high().unwrap_or(0);
        sum += thief.join().expect("it ends");
        for queue in &*queues {
            while let Some(item) = queue.pop(None::<fn(usize) -> usize>) {
                sum += item;
            }
            assert!(queue.is_empty() && !queue.has_some());
        }
        assert_eq!(sum, 111);
    });
}

/// Takes so many items out of a queue, sleeping while there are none.
fn consume(thread: usize, count: usize, queue: &Queue<usize>, parking: &Parking) -> usize {
    let mut sum = 0;
    let mut searches = false;
    for _ in 0..count {
        let item = loop {
            if let Some(item) = queue.pop(None::<fn(usize) -> usize>) {
                break item;
            }
            if std::mem::take(&mut searches) {
                parking.stop_searching();
            }
            searches = parking.sleep(thread, Until::default(), || !queue.is_empty()) == Woken::ToSearch;
        };
        sum += item;
    }
    if searches {
        parking.stop_searching();
    }
    sum
}

#[test]
fn no_wake_up_is_lost() {
    // A wake-up that was lost would be a thread that sleeps for ever, which loom reports.
    loom::model(|| {
        let shared = Arc::new((Queue::new(), Parking::new(2)));
        let consumer = {
            let shared = Arc::clone(&shared);
            shared.1.join();
            thread::spawn(move || consume(1, 2, &shared.0, &shared.1))
        };
        let (queue, parking) = &*shared;
        for item in [1, 10] {
            queue.push(item, Priority::Normal);
            parking.wake_one();
        }
        assert_eq!(consumer.join().expect("it ends"), 11);
    });
}

#[test]
fn two_sleepers_get_what_is_put_in() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let shared = Arc::new((Queue::new(), Parking::new(3)));
        let consumers = [1, 2].map(|number| {
            let shared = Arc::clone(&shared);
            shared.1.join();
            thread::spawn(move || {
                let sum = consume(number, 1, &shared.0, &shared.1);
                // Who leaves some wakes the next.
                if !shared.0.is_empty() {
                    shared.1.wake_one();
                }
                sum
            })
        });
        let (queue, parking) = &*shared;
        for item in [1, 10] {
            queue.push(item, Priority::Normal);
            parking.wake_one();
        }
        let sum: usize = consumers.into_iter().map(|consumer| consumer.join().expect("it ends")).sum();
        assert_eq!(sum, 11);
    });
}

/// A thread, the second, that sleeps until it is told to stop.
fn sleeper(shared: &Arc<(AtomicBool, Parking)>) -> thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    shared.1.join();
    thread::spawn(move || {
        while !shared.0.load(Ordering::Acquire) {
            shared.1.sleep(1, Until::default(), || shared.0.load(Ordering::Acquire));
        }
    })
}

#[test]
fn a_thread_that_is_told_to_stop_does_not_sleep() {
    loom::model(|| {
        let shared = Arc::new((AtomicBool::new(false), Parking::new(2)));
        let sleeper = sleeper(&shared);
        shared.0.store(true, Ordering::Release);
        shared.1.wake_all();
        sleeper.join().expect("it ends");
    });
}

#[test]
fn the_first_thread_is_told_when_all_sleep() {
    loom::model(|| {
        let shared = Arc::new((AtomicBool::new(false), Parking::new(2)));
        let sleeper = sleeper(&shared);
        let (is_stopped, parking) = &*shared;
        while parking.sleep(0, Until::default(), || false) != Woken::AllAsleep {}
        is_stopped.store(true, Ordering::Release);
        parking.wake_all();
        sleeper.join().expect("it ends");
    });
}

#[test]
fn fuel_is_used_to_its_end_and_not_beyond() {
    loom::model(|| {
        let fuel = Arc::new(Fuel::new());
        fuel.fill(Some(5));
        let use_up = |fuel: &Fuel, each: u64| {
            let mut used = 0;
            loop {
                match fuel.take(3) {
                    Share::Of(share) => {
                        let paid = u64::from(share).min(each);
                        used += paid;
                        fuel.give_back(share, paid);
                    }
                    Share::Later => thread::yield_now(),
                    Share::Empty => return used,
                }
            }
        };
        let other = {
            let fuel = Arc::clone(&fuel);
            thread::spawn(move || use_up(&fuel, 2))
        };
        let used = use_up(&fuel, 3);
        assert_eq!(used + other.join().expect("it ends"), 5);
    });
}
