//! A bounded queue with two lanes for threads of our own: interactive first, then at most one from the background.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use crate::Lane;

/// Why an item wasn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The lane is full; so many wait.
    Full(usize),
    /// Nobody takes items any more.
    Closed,
}

struct Lanes<T> {
    interactive: VecDeque<T>,
    background: VecDeque<T>,
    closed: bool,
}

/// The queue. Each lane holds at most `capacity` items.
pub(crate) struct Queue<T> {
    lanes: Mutex<Lanes<T>>,
    filled: Condvar,
    capacity: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let lanes = Lanes {
            interactive: VecDeque::new(),
            background: VecDeque::new(),
            closed: false,
        };
        Self {
            lanes: Mutex::new(lanes),
            filled: Condvar::new(),
            capacity,
        }
    }

    /// Puts an item at the end of its lane.
    pub(crate) fn push(&self, lane: Lane, item: T) -> Result<(), Refused> {
        let mut lanes = self.lanes.lock();
        if lanes.closed {
            return Err(Refused::Closed);
        }
        let queue = match lane {
            Lane::Interactive => &mut lanes.interactive,
            Lane::Background => &mut lanes.background,
        };
        if queue.len() >= self.capacity {
            return Err(Refused::Full(queue.len()));
        }
        queue.push_back(item);
        drop(lanes);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for work and takes up to `most` interactive items, then one of the background.
    ///
    /// `None` when the queue is closed and everything in it was taken.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut lanes = self.lanes.lock();
        while lanes.interactive.is_empty() && lanes.background.is_empty() {
            if lanes.closed {
                return None;
            }
            self.filled.wait(&mut lanes);
        }
        let count = most.min(lanes.interactive.len());
        let mut batch = Vec::with_capacity(count + 1);
        batch.extend(lanes.interactive.drain(..count));
        batch.extend(lanes.background.pop_front());
        Some(batch)
    }

    /// How many items wait.
    pub(crate) fn depth(&self) -> usize {
        let lanes = self.lanes.lock();
        lanes.interactive.len() + lanes.background.len()
    }

    /// Refuses new items; those inside are still taken.
    pub(crate) fn close(&self) {
        self.lanes.lock().closed = true;
        self.filled.notify_all();
    }

    /// Refuses new items and forgets those inside.
    pub(crate) fn abandon(&self) {
        let mut lanes = self.lanes.lock();
        lanes.closed = true;
        let forgotten = (
            std::mem::take(&mut lanes.interactive),
            std::mem::take(&mut lanes.background),
        );
        drop(lanes);
        self.filled.notify_all();
        drop(forgotten);
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.lanes.lock().closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interactive_items_go_first_and_one_of_the_background_follows() {
        let queue = Queue::new(10);
        for n in 0..3 {
            queue.push(Lane::Background, 100 + n).unwrap();
        }
        for n in 0..3 {
            queue.push(Lane::Interactive, n).unwrap();
        }
        assert_eq!(queue.take(2), Some(vec![0, 1, 100]));
        assert_eq!(queue.take(2), Some(vec![2, 101]));
        assert_eq!(queue.take(2), Some(vec![102]));
    }

    #[test]
    fn a_full_lane_refuses_and_leaves_the_other_open() {
        let queue = Queue::new(1);
        queue.push(Lane::Interactive, 1).unwrap();
        assert_eq!(queue.push(Lane::Interactive, 2), Err(Refused::Full(1)));
        assert_eq!(queue.push(Lane::Background, 3), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_out_what_it_holds_and_then_ends() {
        let queue = Queue::new(4);
        queue.push(Lane::Interactive, 1).unwrap();
        queue.close();
        assert_eq!(queue.push(Lane::Interactive, 2), Err(Refused::Closed));
        assert_eq!(queue.take(4), Some(vec![1]));
        assert_eq!(queue.take(4), None);
    }

    #[test]
    fn an_abandoned_queue_forgets_what_it_holds() {
        let queue = Queue::new(4);
        queue.push(Lane::Interactive, 1).unwrap();
        queue.abandon();
        assert!(queue.is_closed());
        assert_eq!(queue.take(4), None);
    }
}
