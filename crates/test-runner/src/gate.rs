//! What all sites of a run do before any of them goes on.

use tokio::sync::watch;

/// It opens when all of its tickets are gone.
pub(crate) struct Gate {
    left: watch::Sender<usize>,
}

/// Somebody who is still to come. Dropped, it has come or never will.
pub(crate) struct Ticket {
    left: watch::Sender<usize>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { left: watch::Sender::new(0) }
    }

    pub(crate) fn ticket(&self) -> Ticket {
        self.left.send_modify(|left| *left += 1);
        Ticket { left: self.left.clone() }
    }

    /// Waits for all that have a ticket.
    pub(crate) async fn all(&self) {
        // The sender is ours: there is no end to hear of.
        let _ = self.left.subscribe().wait_for(|left| *left == 0).await;
    }
}

impl Ticket {
    /// Comes, and waits for the others.
    pub(crate) async fn pass(self) {
        let mut left = self.left.subscribe();
        drop(self);
        // A gate that is gone holds up nobody.
        let _ = left.wait_for(|left| *left == 0).await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.left.send_modify(|left| *left = left.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn nobody_passes_before_the_last_has_come_or_gone() {
        let gate = Gate::new();
        let (one, other, third) = (gate.ticket(), gate.ticket(), gate.ticket());
        let mut passing = Box::pin(one.pass());
        assert_eq!((&mut passing).now_or_never(), None);
        drop(third);
        assert_eq!((&mut passing).now_or_never(), None);
        other.pass().await;
        passing.await;
        gate.all().await;
    }
}
