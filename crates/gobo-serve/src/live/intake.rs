use super::Order;
use super::queue::{Closed, NotQueued, Pushed, Queue, Queued};

impl Queued for Order {
    fn gives_way(&self) -> bool {
        self.command.src() == Some("ui")
    }
}

impl Queue<Order> {
    /// Hands a command to the engine, and waits for room if need be. The one that gives way is
    /// told so, with this time in ms since 1970.
    ///
    /// # Errors
    /// [`Closed`], with the command; nobody has answered it.
    // An order that is refused goes back as it came.
    #[allow(clippy::result_large_err)]
    pub async fn hand(&self, order: Order, unix_ms: u64) -> Result<(), Closed<Order>> {
        tell(self.push(order).await?, unix_ms);
        Ok(())
    }

    /// The same if that can be done at once.
    ///
    /// # Errors
    /// [`NotQueued`], with the command; nobody has answered it.
    #[allow(clippy::result_large_err)]
    pub fn try_hand(&self, order: Order, unix_ms: u64) -> Result<(), NotQueued<Order>> {
        tell(self.try_push(order)?, unix_ms);
        Ok(())
    }
}

fn tell(pushed: Pushed<Order>, unix_ms: u64) {
    if let Pushed::InPlaceOf(gone) = pushed {
        gone.give_way(unix_ms);
    }
}
