use super::Order;
use super::queue::Queued;

impl Queued for Order {
    fn gives_way(&self) -> bool {
        self.command.src() == Some("ui")
    }

    fn gave_way(self, unix_ms: u64) {
        self.give_way(unix_ms);
    }
}
