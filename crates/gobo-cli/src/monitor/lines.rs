//! What the monitor prints where nobody watches: lines for people, or JSON for programs.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Result;
use gobo_dmx::Universe;
use gobo_output::{Arbiter, Event, HeardSource, Parting};
use gobo_timecode::ArtTimeCode;
use serde_json::{Value, json};

use super::feed::{Feed, protocol};
use super::intervals::Intervals;
use crate::terminal::Terminal;

/// What listens where.
pub(super) fn listening(artnet: Option<SocketAddr>, sacn: Option<SocketAddr>) -> Value {
    json!({ "event": "listening", "artnet": artnet, "sacn": sacn })
}

/// How many packets this machine has lost after they arrived.
pub(super) fn dropped(packets: u64) -> Value {
    json!({ "event": "lost here", "packets": packets })
}

/// An event as a line; levels are told by the second, not by the packet.
pub(super) fn event(event: &Event<'_>) -> Option<Value> {
    Some(match event {
        Event::Joined { universe, source } => {
            json!({ "event": "joined", "universe": universe, "source": who(source) })
        }
        Event::Left { universe, source, parting, .. } => json!({
            "event": "left",
            "universe": universe,
            "parting": match parting {
                Parting::Terminated => "terminated",
                Parting::TimedOut => "timed out",
            },
            "packets": source.packets,
            "lost": source.lost,
            "late": source.late,
            "source": who(source),
        }),
        Event::Node(node) => {
            json!({ "event": "node", "address": node.address, "name": node.long_name })
        }
        Event::Discovery { cid, name, universes, .. } => json!({
            "event": "discovery",
            "cid": cid.to_string(),
            "name": name,
            "universes": universes,
        }),
        Event::Refused { from, error } => {
            json!({ "event": "refused", "from": from, "error": error.to_string() })
        }
        Event::Levels { .. } | Event::Polled { .. } | Event::TimeCode { .. } => return None,
    })
}

/// The timecode that was heard last.
pub(super) fn timecode(from: SocketAddr, heard: ArtTimeCode) -> Value {
    let ArtTimeCode { stream, code } = heard;
    let rate = code.rate().to_string();
    json!({
        "event": "timecode",
        "from": from,
        "stream": stream,
        "code": code.to_string(),
        "rate": rate,
    })
}

fn who(source: &HeardSource) -> Value {
    json!({
        "protocol": protocol(source.id),
        "id": source.id.to_string(),
        "address": source.address,
        "name": source.name,
        "priority": source.priority,
        "slot_priorities": source.slot_priorities().is_some(),
    })
}

/// Every universe's levels, without the zeros after the last lit slot, and its sources.
pub(super) fn universes(
    arbiter: &Arbiter,
    intervals: &Intervals,
    wanted: impl Fn(Universe) -> bool,
    now: Instant,
) -> Vec<Value> {
    let heard = arbiter.universes().filter(|&(universe, _)| wanted(universe));
    heard
        .map(|(universe, heard)| {
            let levels = heard.levels();
            let lit = levels.iter().rposition(|&level| level > 0).map_or(0, |last| last + 1);
            let sources: Vec<Value> = heard
                .sources()
                .iter()
                .map(|source| {
                    let mut line = who(source);
                    line["rate"] = json!((source.rate(now) * 10.0).round() / 10.0);
                    line["packets"] = json!(source.packets);
                    line["lost"] = json!(source.lost);
                    line["late"] = json!(source.late);
                    line["synced"] = json!(source.is_synced());
                    line["interval_ms"] = intervals.json(source.id, universe);
                    line
                })
                .collect();
            json!({
                "event": "levels",
                "universe": universe,
                "sources": sources,
                "levels": levels[..lit],
            })
        })
        .collect()
}

/// A line a feed.
pub(super) fn plain(terminal: &Terminal, feeds: &[Feed], seconds: f64) -> Result<()> {
    for feed in feeds {
        terminal.status(format_args!("{seconds:>6.1} s  {}", feed.words()))?;
    }
    Ok(())
}
