//! Which nodes there are and what they subscribe to, by their answers to ArtPoll.
//! No sockets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use gobo_dmx::PortAddress;

use crate::Node;

/// A node that stays silent so long is gone: three polls and the second that each answer may take
/// (Art-Net 4, "ArtPoll", "ArtPollReply").
pub(crate) const SILENCE: Duration = Duration::from_secs(10);

/// Pages kept; more are ignored, so that a flood of made-up ones cannot fill the memory.
const MOST_PAGES: usize = 4096;

/// The nodes that answered lately; a node of many ports answers with several pages.
#[derive(Default)]
pub(crate) struct Directory {
    pages: BTreeMap<(Ipv4Addr, u8), Page>,
}

struct Page {
    outputs: Vec<PortAddress>,
    heard: Instant,
}

impl Directory {
    /// Takes the answer of the node at `address`; whether it changes who subscribes to what.
    pub(crate) fn hear(&mut self, now: Instant, address: Ipv4Addr, node: &Node) -> bool {
        let key = (address, node.bind_index);
        if self.pages.len() >= MOST_PAGES && !self.pages.contains_key(&key) {
            return false;
        }
        let page = Page { outputs: node.outputs.clone(), heard: now };
        let changed = |old: Page| old.outputs != node.outputs;
        self.pages.insert(key, page).is_none_or(changed)
    }

    /// Drops the pages of nodes that fell silent; whether there were any.
    pub(crate) fn forget_silent(&mut self, now: Instant) -> bool {
        let before = self.pages.len();
        self.pages.retain(|_, page| now.saturating_duration_since(page.heard) <= SILENCE);
        self.pages.len() != before
    }

    /// What each node subscribes to.
    pub(crate) fn subscriptions(&self) -> BTreeMap<Ipv4Addr, BTreeSet<PortAddress>> {
        let mut nodes: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (&(address, _), page) in &self.pages {
            nodes.entry(address).or_default().extend(page.outputs.iter().copied());
        }
        nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(bind_index: u8, outputs: &[u16]) -> Node {
        Node {
            address: Ipv4Addr::UNSPECIFIED,
            bind_index,
            short_name: String::new(),
            long_name: String::new(),
            report: String::new(),
            firmware: 0,
            mac: [0; 6],
            outputs: outputs.iter().map(|&port| PortAddress::new(port).unwrap()).collect(),
            inputs: Vec::new(),
        }
    }

    fn told(directory: &Directory) -> Vec<(u8, Vec<u16>)> {
        let ports = |ports: BTreeSet<PortAddress>| ports.iter().map(|port| port.get()).collect();
        let nodes = directory.subscriptions().into_iter();
        nodes.map(|(address, outputs)| (address.octets()[3], ports(outputs))).collect()
    }

    #[test]
    fn nodes_come_change_and_go() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let (a, b) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let mut directory = Directory::default();
        assert!(directory.hear(at(0), a, &node(1, &[0, 1])));
        assert!(directory.hear(at(0), a, &node(2, &[5, 1])));
        assert!(directory.hear(at(0), b, &node(0, &[1])));
        assert_eq!(told(&directory), [(1, vec![0, 1, 5]), (2, vec![1])]);
        assert!(!directory.hear(at(9), a, &node(1, &[0, 1])), "nothing new");
        assert!(directory.hear(at(9), b, &node(0, &[7])), "it was given another address");
        assert!(!directory.forget_silent(at(10)));
        assert!(directory.forget_silent(at(11)), "the second page was silent for 11 s");
        assert_eq!(told(&directory), [(1, vec![0, 1]), (2, vec![7])]);
        assert!(directory.forget_silent(at(30)));
        assert_eq!(told(&directory), []);
        assert!(directory.hear(at(31), b, &node(0, &[7])), "it is back");
    }

    #[test]
    fn made_up_nodes_do_not_fill_the_memory() {
        let mut directory = Directory::default();
        for n in 0..MOST_PAGES as u32 + 10 {
            directory.hear(Instant::now(), Ipv4Addr::from_bits(n), &node(0, &[1]));
        }
        assert_eq!(directory.pages.len(), MOST_PAGES);
    }
}
