//! Heads that a show writes alike: lowered once for all of them, and told apart by their places
//! in the selections of its cues.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use gobo_show::rig::{Fixture, HeadIndex};
use gobo_show::show::{Selected, Show};

use crate::fade::Fade;
use crate::heads::HeadTracks;
use crate::span::Piece;

/// Heads with the same tracks; all of them have channels of the same kind.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    /// The heads, which members count.
    pub(crate) heads: Vec<HeadIndex>,
    pub(crate) tracks: HeadTracks,
}

/// All heads of a rig in bundles.
#[derive(Clone, Debug)]
pub(crate) struct Bundles {
    pub(crate) all: Vec<Bundle>,
    /// For each head of the rig, its bundle and its place there.
    places: Vec<(u32, u32)>,
}

/// Heads of a fixture that follow each other in a bundle.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) tracks: Arc<HeadTracks>,
    pub(crate) members: Range<usize>,
}

impl Bundles {
    /// The heads of a show by what they are and by what selects them, so that few bundles will
    /// have to be split.
    pub(crate) fn new(show: &Show, kinds: &[usize], masters: &[Vec<Arc<Fade>>]) -> Self {
        let selected = selected(show);
        let mut known: HashMap<(u64, usize, Vec<*const Fade>), u32> = HashMap::new();
        let mut bundles = Self { all: Vec::new(), places: Vec::with_capacity(kinds.len()) };
        for ((head, &kind), selected) in (0..).zip(kinds).zip(selected) {
            let masters = masters.get(head as usize).into_iter().flatten().map(Arc::as_ptr);
            let index = *known
                .entry((selected, kind, masters.collect()))
                .or_insert(bundles.all.len() as u32);
            if index as usize == bundles.all.len() {
                bundles.all.push(Bundle { heads: Vec::new(), tracks: HeadTracks::default() });
            }
            let bundle = &mut bundles.all[index as usize];
            bundles.places.push((index, bundle.heads.len() as u32));
            bundle.heads.push(head);
        }
        bundles
    }

    /// The same bundles with nothing written.
    pub(crate) fn blank(&self) -> Self {
        let blank =
            |bundle: &Bundle| Bundle { heads: bundle.heads.clone(), tracks: HeadTracks::default() };
        Self { all: self.all.iter().map(blank).collect(), places: self.places.clone() }
    }

    /// The bundle of a head, and which of its members the head is.
    pub(crate) fn place(&self, head: HeadIndex) -> Option<(usize, usize)> {
        self.places.get(head as usize).map(|&(bundle, member)| (bundle as usize, member as usize))
    }

    /// The tracks of a head, and which member of their bundle it is.
    pub(crate) fn of_head(&self, head: HeadIndex) -> Option<(&HeadTracks, usize)> {
        let (bundle, member) = self.place(head)?;
        Some((&self.all[bundle].tracks, member))
    }

    /// The tracks of a head alone: it leaves its bundle, if others are in it.
    pub(crate) fn alone(&mut self, head: HeadIndex) -> Option<&mut HeadTracks> {
        let (bundle, member) = self.place(head)?;
        self.keep(bundle, &[member]);
        Some(&mut self.all[bundle].tracks)
    }

    /// Leaves only some members in a bundle; the others become one of their own.
    pub(crate) fn keep(&mut self, bundle: usize, members: &[usize]) {
        let whole = &self.all[bundle];
        if members.len() == whole.heads.len() {
            return;
        }
        let others: Vec<usize> = (0..whole.heads.len())
            .filter(|member| members.binary_search(member).is_err())
            .collect();
        let part = |members: &[usize]| Bundle {
            heads: members.iter().map(|&member| whole.heads[member]).collect(),
            tracks: whole.tracks.subset(members),
        };
        let (kept, left) = (part(members), part(&others));
        self.all[bundle] = kept;
        self.all.push(left);
        for index in [bundle, self.all.len() - 1] {
            for (member, &head) in (0..).zip(&self.all[index].heads) {
                self.places[head as usize] = (index as u32, member);
            }
        }
    }

    /// The tracks of each fixture's heads.
    pub(crate) fn runs(self, fixtures: &[Fixture]) -> Vec<Vec<Run>> {
        let tracks: Vec<Arc<HeadTracks>> =
            self.all.into_iter().map(|bundle| Arc::new(bundle.tracks)).collect();
        let of_fixture = |fixture: &Fixture| {
            let mut runs: Vec<Run> = Vec::new();
            let heads = fixture.heads.start as usize..fixture.heads.end as usize;
            for &(bundle, member) in self.places.get(heads).unwrap_or_default() {
                let (tracks, member) = (&tracks[bundle as usize], member as usize);
                match runs.last_mut() {
                    Some(run) if Arc::ptr_eq(&run.tracks, tracks) && run.members.end == member => {
                        run.members.end += 1;
                    }
                    _ => {
                        let members = member..member + 1;
                        runs.push(Run { tracks: Arc::clone(tracks), members });
                    }
                }
            }
            runs
        };
        fixtures.iter().map(of_fixture).collect()
    }
}

/// Runs of several fixtures, those that follow each other joined.
pub(crate) fn joined<'a>(runs: impl Iterator<Item = &'a Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        let follows = |last: &&mut Run| {
            Arc::ptr_eq(&last.tracks, &run.tracks) && last.members.end == run.members.start
        };
        match joined.last_mut().filter(follows) {
            Some(last) => last.members.end = run.members.end,
            None => joined.push(run.clone()),
        }
    }
    joined
}

/// The runs of the heads of a fixture that lie in a piece of it, of which `kept` are the channels.
pub(crate) fn of_piece(runs: &[Run], piece: &Piece, kept: &[usize]) -> Vec<Run> {
    let mut of_piece: Vec<Run> = Vec::new();
    let mut first = 0;
    for run in runs {
        let within = |head: &&usize| (first..first + run.members.len()).contains(*head);
        let mut heads = piece.heads.iter().filter(within).map(|head| head - first).peekable();
        let tracks = match run.tracks.has_raw() && heads.peek().is_some() {
            true => Arc::new(run.tracks.of_channels(kept)),
            false => Arc::clone(&run.tracks),
        };
        for head in heads {
            let member = run.members.start + head;
            match of_piece.last_mut() {
                Some(last) if Arc::ptr_eq(&last.tracks, &tracks) && last.members.end == member => {
                    last.members.end += 1;
                }
                _ => {
                    of_piece.push(Run { tracks: Arc::clone(&tracks), members: member..member + 1 });
                }
            }
        }
        first += run.members.len();
    }
    of_piece
}

/// For each head, a number that stands for what selects it.
fn selected(show: &Show) -> Vec<u64> {
    let mut seen = vec![0_u64; show.rig.heads.len()];
    // Many cues share a selection, which tells heads apart only once.
    let mut known: HashSet<*const Selected> = HashSet::new();
    let mut by = 0_u64;
    let mut mix = |head: HeadIndex, by: u64| {
        if let Some(seen) = seen.get_mut(head as usize) {
            *seen = (*seen ^ by).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
    };
    for layer in &show.layers {
        by += 1;
        layer.mask.iter().flatten().for_each(|head| mix(*head, by));
        let cues = layer.cues.iter().filter(|cue| known.insert(cue.selection.as_ptr()));
        for cue in cues {
            by += 1;
            cue.selection.iter().for_each(|selected| mix(selected.head, by));
        }
    }
    seen
}
