//! What the heads of a bundle show before a cue, looked up for all of them at once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::blend::Mode;
use crate::course::Times;
use crate::curve::Curve;
use crate::row::{Moment, RowRoom};
use crate::track::{Sheet, Track};

/// The values of all heads; `None` where they have to be looked up one by one.
type Each<V> = Option<Vec<Option<V>>>;

/// What the heads of a bundle show where a cue starts.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// How many heads there are.
    heads: usize,
    color: OnceCell<Each<Color>>,
    /// By attribute, and whether the cue goes over what is below as [`replaces`] says.
    scalars: RefCell<BTreeMap<(Attribute, bool), Each<f64>>>,
}

impl Before {
    pub(crate) fn of(heads: usize) -> Self {
        Self { heads, ..Self::default() }
    }

    /// The colour of a head at the start of a cue on a sheet, as [`Track::before`] gives it.
    pub(crate) fn color<C: Curve<Value = Color>>(
        &self,
        track: &Track<C>,
        sheet: &Sheet,
        frame: u32,
        member: usize,
    ) -> Option<Color> {
        match self.color.get_or_init(|| each(track, sheet, frame, self.heads)) {
            Some(each) => each.get(member).copied().flatten(),
            None => track.before(sheet, frame, member),
        }
    }

    /// The number of a head at the start of a cue on a sheet, as [`Track::before`] gives it.
    pub(crate) fn number<C: Curve<Value = f64>>(
        &self,
        (attribute, track): (Attribute, &Track<C>),
        sheet: &Sheet,
        frame: u32,
        member: usize,
    ) -> Option<f64> {
        let mut scalars = self.scalars.borrow_mut();
        let known = scalars.entry((attribute, replaces(sheet)));
        match known.or_insert_with(|| each(track, sheet, frame, self.heads)) {
            Some(each) => each.get(member).copied().flatten(),
            None => track.before(sheet, frame, member),
        }
    }
}

/// Whether what a sheet starts from is what shows, and nothing of its own.
fn replaces(sheet: &Sheet) -> bool {
    matches!(sheet.mode, Mode::Replace | Mode::Latest)
}

fn each<C: Curve>(track: &Track<C>, sheet: &Sheet, frame: u32, heads: usize) -> Each<C::Value> {
    if heads < 2 || !replaces(sheet) {
        return None;
    }
    let (members, mut times) = ((0..heads).collect::<Vec<_>>(), Times::default());
    let rows = track.rows(&(frame..frame.saturating_add(1)), &members, &mut times)?;
    let now = Moment { at: 0, frame, members: &members, times: &times };
    let mut out = Vec::new();
    let written = rows.row(now, &mut out, &mut RowRoom::default());
    let value = |member: usize| match written {
        true => out.get(if rows.is_uniform { 0 } else { member }).copied(),
        false => track.rest,
    };
    Some((0..heads).map(value).collect())
}
