//! A show with what is worked out for its checks, each once and only if one of them asks.

use std::cell::OnceCell;

use gobo_show::show::Show;

use crate::bundle::Bundles;
use crate::fixture::FixturePlan;
use crate::lower;

pub(crate) struct Lowered<'s> {
    pub(crate) show: &'s Show,
    plans: OnceCell<Vec<FixturePlan>>,
    bundles: OnceCell<Bundles>,
}

impl<'s> Lowered<'s> {
    pub(crate) fn new(show: &'s Show) -> Self {
        Self { show, plans: OnceCell::new(), bundles: OnceCell::new() }
    }

    /// The plan of each fixture.
    pub(crate) fn plans(&self) -> &[FixturePlan] {
        let plan = |fixture| FixturePlan::new(&self.show.rig, fixture);
        self.plans.get_or_init(|| self.show.rig.fixtures.iter().map(plan).collect())
    }

    /// The tracks of every head.
    pub(crate) fn bundles(&self) -> &Bundles {
        self.bundles.get_or_init(|| lower::lower(self.show, self.plans()))
    }
}
