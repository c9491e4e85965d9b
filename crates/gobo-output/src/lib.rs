//! Packet templates and senders for Art-Net and E1.31; receivers for the monitor.
