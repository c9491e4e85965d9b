use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gobo_serve::live::queue::{Closed, NotQueued, Pushed, Queue, Queued, Taken};
use gobo_serve::live::{Order, Origin, Protocol, Reason, Verdict, parse_message};
use proptest::prelude::*;
use serde_json::json;

use crate::common::{reply, ulid};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Item {
    number: usize,
    ui: bool,
}

impl Queued for Item {
    fn gives_way(&self) -> bool {
        self.ui
    }

    fn gave_way(self, _unix_ms: u64) {}
}

fn item(number: usize, ui: bool) -> Item {
    Item { number, ui }
}

/// The law, in as few words as can be.
fn law(
    line: &mut VecDeque<Item>,
    capacity: usize,
    item: Item,
) -> Result<Pushed<Item>, NotQueued<Item>> {
    if line.len() < capacity {
        line.push_back(item);
        return Ok(Pushed::Queued);
    }
    match line.iter().position(|waiting| waiting.ui) {
        None => Err(NotQueued::Full(item)),
        Some(oldest) => {
            let gone = line.remove(oldest).expect("it is there");
            line.push_back(item);
            Ok(Pushed::InPlaceOf(gone))
        }
    }
}

proptest! {
    #[test]
    fn the_queue_keeps_its_law(
        capacity in 1..6_usize,
        steps in prop::collection::vec(prop::option::weighted(0.7, any::<bool>()), 0..60),
    ) {
        let queue = Queue::new(capacity);
        let mut line = VecDeque::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Some(ui) => {
                    let expected = law(&mut line, capacity, item(number, ui));
                    prop_assert_eq!(queue.try_push(item(number, ui)), expected);
                }
                None => {
                    let expected = line.pop_front().map_or(Taken::Nothing, Taken::One);
                    prop_assert_eq!(queue.take(Duration::ZERO), expected);
                }
            }
            prop_assert_eq!(queue.depth(), line.len());
        }
    }
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn who_finds_no_room_waits_in_turn() {
    let queue = Queue::new(1);
    assert_eq!(queue.try_push(item(0, false)), Ok(Pushed::Queued));
    let mut first = pin!(queue.push(item(1, true)));
    let mut second = pin!(queue.push(item(2, false)));
    assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
    assert_eq!(queue.take(Duration::ZERO), Taken::One(item(0, false)));
    assert!(poll(second.as_mut()).is_pending(), "the place is the first's");
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(Pushed::Queued)));
}

#[test]
fn who_stops_waiting_leaves_the_place_to_the_next() {
    let queue = Queue::new(1);
    assert_eq!(queue.try_push(item(0, false)), Ok(Pushed::Queued));
    let mut second = pin!(queue.push(item(2, false)));
    {
        let mut first = pin!(queue.push(item(1, false)));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        queue.take(Duration::ZERO);
    }
    assert_eq!(poll(second.as_mut()), Poll::Ready(Ok(Pushed::Queued)));
}

#[test]
fn a_closed_queue_is_emptied_and_turns_all_away() {
    let queue = Queue::new(1);
    assert_eq!(queue.try_push(item(0, false)), Ok(Pushed::Queued));
    let mut waits = [1, 2].map(|number| Box::pin(queue.push(item(number, false))));
    assert!(waits.iter_mut().all(|wait| poll(wait.as_mut()).is_pending()));
    queue.close();
    for (wait, number) in waits.iter_mut().zip([1, 2]) {
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Err(Closed(item(number, false)))));
    }
    assert_eq!(queue.take(Duration::ZERO), Taken::One(item(0, false)));
    assert_eq!(queue.take(Duration::from_secs(60)), Taken::Over, "nothing is waited for");
}

#[test]
fn who_gives_way_is_told() {
    let queue: Queue<Order> = Queue::new(1);
    let order = |number| {
        let message = json!({ "type": "set", "cmdId": ulid(number), "src": "ui",
            "r": 0, "g": 0, "b": 0 });
        let command = parse_message(message.to_string().as_bytes()).expect("a command");
        let origin = Origin { protocol: Protocol::WebSocket, address: Arc::from("a") };
        let (reply, ack) = reply();
        (Order { command, origin, arrived: std::time::Instant::now(), reply }, ack)
    };
    let ((first, gone), (second, _kept)) = (order(1), order(2));
    assert!(queue.try_hand(first, 7).is_ok() && queue.try_hand(second, 8).is_ok());
    let ack = gone.try_recv().expect("an answer");
    assert!(matches!(&ack.verdict, Verdict::Refused(refusal) if refusal.reason == Reason::Dropped));
    assert_eq!((ack.ack, ack.ts, queue.depth()), (ulid(1), 8, 1));
}

const PRODUCERS: usize = 8;
const EACH: usize = 2_000;

/// Many threads push as fast as they can into a small queue: everything that does not give way
/// arrives, in the order of its producer, and what gave way is accounted for.
#[test]
fn nothing_is_lost_between_threads() {
    let queue = Queue::new(16);
    let given = Arc::new(AtomicUsize::new(0));
    let taken = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let consumer = scope.spawn(|| {
            let mut taken = taken.lock().expect("it is ours");
            loop {
                match queue.take(Duration::from_millis(5)) {
                    Taken::One(item) => taken.push(item),
                    Taken::Nothing => {}
                    Taken::Over => break,
                }
            }
        });
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|producer| {
                let (queue, given) = (queue.clone(), Arc::clone(&given));
                scope.spawn(move || produce(producer, &queue, &given))
            })
            .collect();
        for producer in producers {
            producer.join().expect("it pushed");
        }
        queue.close();
        consumer.join().expect("it took");
    });
    let taken = taken.lock().expect("it is ours");
    assert_eq!(taken.len() + given.load(Ordering::Relaxed), PRODUCERS * EACH);
    assert_eq!(taken.iter().filter(|item| !item.ui).count(), PRODUCERS / 2 * EACH);
    for producer in 0..PRODUCERS {
        let of = taken.iter().map(|item| item.number).filter(|number| number / EACH == producer);
        assert!(of.is_sorted(), "producer {producer}");
    }
}

fn produce(producer: usize, queue: &Queue<Item>, given: &AtomicUsize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        for index in 0..EACH {
            let item = item(producer * EACH + index, producer.is_multiple_of(2));
            match queue.push(item).await {
                Ok(Pushed::Queued) => {}
                Ok(Pushed::InPlaceOf(gone)) => {
                    assert!(gone.ui);
                    given.fetch_add(1, Ordering::Relaxed);
                }
                Err(Closed(_)) => panic!("nobody closes it"),
            }
        }
    });
}
