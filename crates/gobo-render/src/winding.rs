//! Movements of graphs that wind a head's pan up to its end.

use gobo_show::Diagnostic;
use gobo_show::effect::Effect;
use gobo_show::graph::{Graph, Operation};
use gobo_show::show::{Cue, Show};

use crate::course::Course;
use crate::graph::{self, TurnedBack};
use crate::lowered::Lowered;

/// A warning for each cue in which a head comes to the end of its pan and has to turn back, such
/// as by circling around straight down.
pub(crate) fn check(lowered: &Lowered<'_>) -> Vec<Diagnostic> {
    let show = lowered.show;
    let cues = show.layers.iter().flat_map(|layer| &layer.cues);
    let aiming: Vec<(&Cue, &Graph)> = cues
        .filter_map(|cue| match &cue.effect {
            Effect::Graph(graph) if graph.nodes.iter().any(|node| aims(&node.operation)) => {
                Some((cue, &**graph))
            }
            _ => None,
        })
        .collect();
    if aiming.is_empty() {
        return Vec::new();
    }
    let winds = |&(cue, graph): &(&Cue, &Graph)| {
        let course = Course::new(cue, show.rate, &show.grid, None);
        let written = graph::lower(graph, cue, &course, show, lowered.plans());
        graph::turned_back(&written).and_then(|turned| diagnostic(show, cue, turned))
    };
    aiming.iter().filter_map(winds).collect()
}

fn aims(operation: &Operation) -> bool {
    matches!(operation, Operation::ApplyMovement(_) | Operation::LookAtPosition(_))
}

fn diagnostic(show: &Show, cue: &Cue, turned: TurnedBack) -> Option<Diagnostic> {
    let fixture = show.rig.heads.get(turned.head as usize)?.fixture as usize;
    let message = format!(
        "`{}` comes to the end of its pan and turns back by {:.0}° while it is to go on",
        show.rig.fixtures.get(fixture)?.id,
        turned.degrees
    );
    let warning = Diagnostic::warning("pan-ends", cue.place.clone(), message);
    Some(warning.hint(
        "around straight down pan turns on and on: let the movement be around a direction that \
         leans (`[movement.<group>]` with `direction` in the venue)",
    ))
}
