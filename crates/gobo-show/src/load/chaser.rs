//! Chasers: the steps of a pattern one after the other.

use super::Loader;
use super::cues::Stage;
use super::pattern::{Run, STEPS, StepRun, When, step_seed};
use crate::diagnostic::Diagnostic;
use crate::source::{ChaserSource, PatternBody, PatternCall};
use crate::value::Direction;

impl Loader<'_> {
    /// The steps in the order in which the chaser runs, until the cue or the last repeat ends.
    pub(super) fn chased<'s>(
        &mut self,
        source: &'s PatternBody,
        chaser: &ChaserSource,
        call: &PatternCall,
        run: &Run,
        stage: &mut Stage<'_>,
    ) -> Vec<StepRun<'s>> {
        self.check_chaser(source, call);
        let mut steps: Vec<StepRun<'s>> = Vec::new();
        let most = chaser.repeat.as_ref().map(|repeat| repeat.value);
        let mut order = Order::new(chaser.direction, source.steps.len(), run.seed);
        let rounds = most.map(|most| most.saturating_mul(order.round as u64));
        for count in 0_u32.. {
            let start = stage.grid.after(run.start, chaser.step.0.times(count));
            if start >= run.end - 1e-9 || rounds.is_some_and(|rounds| u64::from(count) >= rounds) {
                break;
            }
            if steps.len() >= STEPS {
                let message = format!("this makes more than {STEPS} steps of the pattern");
                let error = Diagnostic::error("too-many-steps", call.name.place.clone(), message);
                self.decoder.say(error.hint("a longer `step`, or a shorter cue"));
                break;
            }
            let Some(index) = order.next() else { break };
            let Some(step) = source.steps.get(index) else { break };
            let after = stage.grid.after(run.start, chaser.step.0.times(count + 1));
            let length = step.keys.length.map(|length| stage.grid.after(start, length));
            let crossfade = chaser.crossfade * (after - start);
            let repeat = count / order.round as u32;
            let when = When { index, repeat, start, end: length.or(Some(after)), crossfade };
            steps.push(self.step(step, when, call, run, stage));
        }
        steps
    }
}

impl Loader<'_> {
    fn check_chaser(&mut self, source: &PatternBody, call: &PatternCall) {
        if source.steps.is_empty() {
            let message = format!("the chaser `{}` has no steps", call.name.value);
            self.decoder.say(Diagnostic::warning("no-steps", call.name.place.clone(), message));
        }
        for step in source.steps.iter().filter(|step| step.keys.at.amount() > 0.0) {
            let message = "the steps of a chaser follow each other: `at` says nothing here";
            self.decoder.say(Diagnostic::warning("conflict", step.place.clone(), message));
        }
    }
}

/// Which step comes next.
struct Order {
    direction: Direction,
    steps: usize,
    seed: u64,
    /// How many steps make a round.
    round: usize,
    count: usize,
    last: Option<usize>,
}

impl Order {
    fn new(direction: Direction, steps: usize, seed: u64) -> Self {
        let there_and_back = steps.saturating_sub(1) * 2;
        let round = if direction == Direction::Bounce { there_and_back } else { steps };
        Self { direction, steps, seed, round: round.max(1), count: 0, last: None }
    }

    /// The step that is the nth from the middle, of two as near the first.
    fn outward(&self, nth: usize) -> usize {
        let middle = (self.steps - 1) / 2;
        let away = nth.div_ceil(2);
        if nth % 2 == 1 { middle + away } else { middle - away }
    }

    /// A step at random, but not the one that was just there.
    fn drawn(&self) -> usize {
        let draw = step_seed(self.seed, self.count, u32::MAX) as usize;
        match self.last.filter(|_| self.steps > 1) {
            // One of the others: those from the last on are one further.
            Some(last) => {
                let other = draw % (self.steps - 1);
                other + usize::from(other >= last)
            }
            None => draw % self.steps,
        }
    }
}

impl Iterator for Order {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.steps == 0 {
            return None;
        }
        let at = self.count % self.round;
        let step = match self.direction {
            Direction::Forward => at,
            Direction::Backward => self.steps - 1 - at,
            Direction::Bounce => at.min(self.round - at).min(self.steps - 1),
            Direction::Outward => self.outward(at),
            Direction::Inward => self.outward(self.steps - 1 - at),
            Direction::Random => self.drawn(),
        };
        self.count += 1;
        self.last = Some(step);
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(direction: Direction, steps: usize) -> Vec<usize> {
        Order::new(direction, steps, 7).take(9).collect()
    }

    #[test]
    fn steps_run_each_way() {
        assert_eq!(first(Direction::Forward, 3), [0, 1, 2, 0, 1, 2, 0, 1, 2]);
        assert_eq!(first(Direction::Backward, 3), [2, 1, 0, 2, 1, 0, 2, 1, 0]);
        assert_eq!(first(Direction::Bounce, 3), [0, 1, 2, 1, 0, 1, 2, 1, 0]);
        assert_eq!(first(Direction::Bounce, 1), [0; 9]);
        assert_eq!(first(Direction::Outward, 5), [2, 3, 1, 4, 0, 2, 3, 1, 4]);
        assert_eq!(first(Direction::Outward, 4), [1, 2, 0, 3, 1, 2, 0, 3, 1]);
        assert_eq!(first(Direction::Inward, 3), [0, 2, 1, 0, 2, 1, 0, 2, 1]);
        assert!(first(Direction::Random, 0).is_empty());
    }

    #[test]
    fn random_never_stays_and_leaves_none_out() {
        let steps: Vec<_> = Order::new(Direction::Random, 4, 3).take(400).collect();
        assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
        assert!((0..4).all(|step| steps.iter().filter(|known| **known == step).count() > 60));
    }
}
