//! A show with what is worked out for its checks, each once and only if one of them asks.

use std::cell::OnceCell;
use std::sync::Arc;

use gobo_show::show::Show;

use crate::bundle::Bundles;
use crate::fixture::FixturePlan;
use crate::lower;
use crate::rigged::Plans;

pub(crate) struct Lowered<'s> {
    pub(crate) show: &'s Show,
    plans: OnceCell<Plans>,
    bundles: OnceCell<Bundles>,
}

impl<'s> Lowered<'s> {
    pub(crate) fn new(show: &'s Show) -> Self {
        Self { show, plans: OnceCell::new(), bundles: OnceCell::new() }
    }

    /// The plan of each fixture.
    pub(crate) fn plans(&self) -> &[Arc<FixturePlan>] {
        &self.all_plans().fixtures
    }

    fn all_plans(&self) -> &Plans {
        self.plans.get_or_init(|| Plans::new(&self.show.rig))
    }

    /// The tracks of every head.
    pub(crate) fn bundles(&self) -> &Bundles {
        self.bundles.get_or_init(|| lower::lower(self.show, self.all_plans()))
    }
}
