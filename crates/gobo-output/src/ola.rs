//! olad, the daemon of the Open Lighting Architecture, by its remote procedure calls or by its
//! web server. It knows hundreds of devices that gobo does not.

mod http;
mod rpc;

use std::time::Duration;

use gobo_dmx::{FrameRate, OlaApi, Priority};

use self::http::Http;
use self::rpc::Rpc;
use crate::open::{address, pace};
use crate::output::{Options, Output};
use crate::pacing::Cap;
use crate::plan::{OpenError, Plan};
use crate::threaded::{DryTarget, Target, Threaded};

/// How long a connection, and then each write, may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// Opens a route to an olad; the connection is made in the output's thread.
pub(crate) fn open(
    plan: &Plan<'_>,
    via: OlaApi,
    priority: Priority,
    options: &Options,
) -> Result<Box<dyn Output>, OpenError> {
    let target = plan.name.clone();
    let numbers: Vec<u16> = plan.universes.iter().map(|(_, _, wire)| wire.get()).collect();
    let to =
        address(plan, 0).map_err(|reason| OpenError::Encode { target: target.clone(), reason })?;
    let daemon: Box<dyn Target> = match via {
        _ if options.dry_run => Box::new(DryTarget),
        OlaApi::Rpc => Box::new(Rpc::new(to, numbers, priority)),
        OlaApi::Http => Box::new(Http::new(to, numbers)),
    };
    let (cap, repeats) = pace(plan.route, options, 0);
    let cap = cap.or_else(|| usual_rate(via).map(Cap::new));
    let indices = plan.universes.iter().map(|&(index, ..)| index).collect();
    let threaded = Threaded::start(target.clone(), "ola", indices, (cap, repeats), daemon);
    Ok(Box::new(threaded.map_err(|error| OpenError::Thread { target, error })?))
}

/// Every frame by RPC; a web server is not asked more often than a DMX512 line refreshes.
fn usual_rate(via: OlaApi) -> Option<FrameRate> {
    match via {
        OlaApi::Rpc => None,
        OlaApi::Http => "40".parse().ok(),
    }
}

#[cfg(test)]
mod tests;
